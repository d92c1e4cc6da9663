"""Finds the header of a table: under title lines, and over up to three rows with merged cells.

With wanted headers, the rows that bind most of them win. Without, structure decides: short different texts above
rows of data, no numbers or dates among them, words that headers use.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from govdesk.ingest.pieces import clean_header
from govdesk.ingest.row_kinds import plain
from govdesk.ingest.sheets import HEAD, Range, fill_merged
from govdesk.ingest.wanted_headers import HeaderNames, WantedHeader

#: Most rows a header may take.
DEPTH = 3
#: Rows below a header that are compared with it.
_BELOW = 12
#: Longest text that is likely to be a header.
_LONGEST = 24
#: Below this share of needed headers a profile is for another file, and structure decides what is shown.
_ENOUGH = 0.5

_VALUE = re.compile(
    r"[-+]?[\d,.]+(?:e[+-]?\d+)?%?|\d{2,4}[-./年]\d{1,2}(?:[-./月]\d{0,2}日?)?(?:[ T]?[\d:.]+)?|true|false"
    r"|\d+月\d+日|[A-Za-z]{0,4}[-_]?\d[\w-]*", re.IGNORECASE)
#: Words that headers are made of.
_WORDS = re.compile("|".join((
    "编号", "序号", "单号", "案号", "工单", "时间", "日期", "年月", "地址", "地点", "位置", "乡镇", "街道",
    "镇", "社区", "村", "网格", "类别", "类型", "分类", "种类", "性质", "内容", "摘要", "描述", "标题", "主题",
    "事由", "诉求", "来源", "渠道", "方式", "状态", "结果", "进度", "单位", "部门", "人数", "数量", "姓名",
    "电话", "身份证", "经度", "纬度", "备注", "办结", "受理", "处理", "承办", "满意", "编號", "序號", "編號",
    "時間", "鄉鎮", "類別", "類型", "備註", "單位", "狀態", "來源",
    r"\b(?:id|no|number|date|time|type|kind|code|name|place|village|status|summary|source|channel)\b|_",
)), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was found.

    Attributes
    ----------
    first, last : int
        Its rows, as indexes into the head of the sheet.
    headers : tuple of str
        Text of each column: the parts of several rows with a space between.
    lower : tuple of str
        Lowest part of each.
    confidence : float
        0–1.
    """

    first: int
    last: int
    headers: tuple[str, ...]
    lower: tuple[str, ...]
    confidence: float

    @property
    def width(self) -> int:
        """Columns up to the last with a header."""
        return max((at + 1 for at, text in enumerate(self.headers) if text), default=0)


def find_header(lines: list[int], rows: list[list[str]], merges: list[Range], wanted: Sequence[WantedHeader] = (),
                exact: tuple[int, int] | None = None) -> Header | None:
    """Find the header among the first rows of a sheet.

    Parameters
    ----------
    lines, rows : list
        Lines and cells of the first rows.
    merges : list of Range
        Merged cells of the sheet.
    wanted : sequence of WantedHeader
        What is looked for; empty: structure decides.
    exact : (int, int), optional
        Line of the header and how many rows it takes, where the profile gives them.

    Returns
    -------
    Header or None
        None where there is none.
    """
    filled = fill_merged(rows, lines, [item for item in merges if item[0] <= (lines[-1] if lines else 0)])
    if exact is not None:
        return _exact(lines, rows, filled, exact)
    found = _by_wanted(rows, filled, wanted) if wanted else None
    if found is not None and found.confidence >= _ENOUGH:
        return found
    guessed = _by_structure(rows, filled)
    if found is None or guessed is None:
        return found or guessed
    bound = len(HeaderNames(guessed.headers, guessed.lower).bind(wanted))
    return guessed if bound >= found.confidence * len(wanted) else found


def _exact(lines: list[int], rows: list[list[str]], filled: list[list[str]], exact: tuple[int, int]) -> Header | None:
    line, depth = exact
    if line not in lines:
        return None
    first = lines.index(line)
    header = combine(rows, filled, first, min(first + depth, len(rows)) - 1, 1.0)
    return header if any(header.headers) else None


def combine(rows: list[list[str]], filled: list[list[str]], first: int, last: int, confidence: float) -> Header:
    """Put the parts of a header together: what stands above a group of columns holds for each of them."""
    if first == last:
        names = tuple(clean_header(cell) for cell in rows[first])
        return Header(first, last, names, names, confidence)
    width = max(len(filled[at]) for at in range(first, last + 1))
    levels = [[clean_header(cell) for cell in filled[at]] + [""] * (width - len(filled[at]))
              for at in range(first, last + 1)]
    for upper, below in pairwise(levels):
        _spread(upper, below)
    whole, lower = [], []
    for parts in zip(*levels, strict=True):
        different = [part for at, part in enumerate(parts) if part and part not in parts[:at]]
        whole.append(" ".join(different))
        lower.append(different[-1] if different else "")
    return Header(first, last, tuple(whole), tuple(lower), confidence)


def _spread(upper: list[str], below: list[str]) -> None:
    """Write a group's name over all of its columns, where a text export left all but the first empty."""
    group = ""
    for at, text in enumerate(upper):
        if text:
            group = text if below[at] and below[at] != text else ""
        elif below[at] and group:
            upper[at] = group
        else:
            group = ""


def _by_wanted(rows: list[list[str]], filled: list[list[str]], wanted: Sequence[WantedHeader]) -> Header | None:
    best: tuple[tuple[int, int, int, int], Header] | None = None
    for first in range(min(len(rows), HEAD)):
        for depth in range(1, min(DEPTH, len(rows) - first) + 1):
            last = first + depth - 1
            if depth > 1 and not _may_stack(filled, first, last):
                break
            header = combine(rows, filled, first, last, 0.0)
            bound = HeaderNames(header.headers, header.lower).bind(wanted)
            needed = sum(wanted[at].is_needed for at in bound)
            score = (needed, len(bound), -depth, -first)
            if bound and (best is None or score > best[0]):
                best = score, header
    if best is None:
        return None
    (needed, found, _, _), header = best
    of = sum(item.is_needed for item in wanted)
    return Header(header.first, header.last, header.headers, header.lower,
                  needed / of if of else min(1.0, found / min(len(wanted), 3)))


def _may_stack(filled: list[list[str]], first: int, last: int) -> bool:
    """Return whether rows could be one header: each has texts, hardly any value among them."""
    for at in range(first, last + 1):
        cells = [cell for cell in map(plain, filled[at]) if cell]
        if len(set(cells)) < 2 and at != last:
            return False
        if not cells or sum(_is_value(cell) for cell in cells) * 3 > len(cells):
            return False
    return True


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None


def _by_structure(rows: list[list[str]], filled: list[list[str]]) -> Header | None:
    width = _usual_width(rows)
    scores = [_fitness(rows, at, width) for at in range(min(len(rows), HEAD))]
    if not scores or max(scores) <= 0:
        return None
    last = max(range(len(scores)), key=lambda at: (scores[at], -at))
    first = last
    while first > 0 and last - first + 1 < DEPTH and _is_upper(rows, filled, first - 1, last, width):
        first -= 1
    while last + 1 < len(rows) and last - first + 1 < DEPTH and _is_lower(rows, last, width):
        last += 1
    header = combine(rows, filled, first, last, round(min(1.0, scores[last] if scores[last] > 0 else scores[first]), 2))
    return header if header.width else None


def _usual_width(rows: list[list[str]]) -> int:
    """Return how many cells the rows of the table fill, titles and notes aside."""
    counts = sorted(sum(1 for cell in row if cell.strip()) for row in rows)
    counts = [count for count in counts if count > 1] or counts
    return max(1, counts[int(len(counts) * 0.75)]) if counts else 1


def _fitness(rows: list[list[str]], at: int, width: int) -> float:
    """Return how much a row looks like a header, about 0–1."""
    cells = [cell for cell in map(plain, rows[at]) if cell]
    if not cells or (len(cells) < 2 <= width):
        return 0.0
    filled = min(1.0, len(cells) / width)
    different = len(set(cells)) / len(cells)
    short = sum(len(cell) <= _LONGEST for cell in cells) / len(cells)
    values = sum(_is_value(cell) for cell in cells) / len(cells)
    words = sum(bool(_WORDS.search(cell)) for cell in cells) / len(cells)
    labels = sum(cell[-1] in ":：" or ":" in cell for cell in cells) / len(cells)
    below = _contrast(rows, at)
    score = 0.3 * filled + 0.15 * different + 0.1 * short + 0.25 * words + 0.2 * below - 0.8 * values - 0.4 * labels
    return score if filled >= 0.4 else score * filled


def _contrast(rows: list[list[str]], at: int) -> float:
    """Return for how many of a row's columns the rows below are values, or longer texts, while it is a word."""
    below = rows[at + 1: at + 1 + _BELOW]
    found = known = 0
    for column, cell in enumerate(rows[at]):
        texts = [plain(row[column]) for row in below if column < len(row) and row[column].strip()]
        if not cell.strip() or not texts:
            continue
        known += 1
        values = sum(map(_is_value, texts)) / len(texts)
        repeated = plain(cell) in texts
        found += not _is_value(plain(cell)) and not repeated and (values > 0.5 or len(texts) > 1)
    return found / known if known else 0.0


def _is_upper(rows: list[list[str]], filled: list[list[str]], at: int, last: int, width: int) -> bool:
    """Return whether a row above a header holds the names of groups of its columns."""
    cells = [plain(cell) for cell in rows[at]]
    named = [cell for cell in cells if cell]
    if len(named) < 2 or any(_is_value(cell) or ":" in cell for cell in named) or len(set(named)) < len(named):
        return False
    if sum(len(cell) <= _LONGEST for cell in named) < len(named):
        return False
    upper = [plain(cell) for cell in filled[at]]
    lower = [plain(cell) for cell in rows[last]]
    both = sum(1 for column in range(max(len(upper), len(lower)))
               if (column < len(upper) and upper[column]) or (column < len(lower) and lower[column]))
    holes = len(named) < width or len([cell for cell in lower if cell]) < width
    return holes and both >= len([cell for cell in lower if cell])


def _is_lower(rows: list[list[str]], last: int, width: int) -> bool:
    """Return whether the row below a header goes on with it: it fills exactly what the header's groups leave open."""
    above = [plain(cell) for cell in rows[last]]
    below = [plain(cell) for cell in rows[last + 1]]
    below += [""] * (len(above) - len(below))
    above += [""] * (len(below) - len(above))
    named = [cell for cell in below if cell]
    if not named or len([cell for cell in above if cell]) >= max(width, 1) or any(_is_value(cell) for cell in named):
        return False
    if any(len(cell) > _LONGEST or ":" in cell for cell in named):
        return False
    opened = sum(1 for one, two in zip(above, below, strict=True) if not one and two)
    doubled = sum(1 for one, two in zip(above, below, strict=True) if one and two)
    return opened > 0 and doubled <= opened + 1 and len(named) < len(above)
