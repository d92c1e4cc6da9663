"""Tells rows that are no records: blank ones, titles, totals, repeated headers, column numbers, signatures.

When unsure, a row is a record: a village named after a total word, or a summary that holds one, is never lost.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["blank", "title", "total", "header", "numbers", "footnote", "example"]

_TOTAL_WORDS = "合计|小计|总计|共计|累计|总数|总和|合計|小計|總計|共計|累計|總數"
_UNITS = "条|件|起|宗|人次|人|次|个|户|处|项|元|万元|條|個|戶|處|項"
#: A label that stands for a total: the whole cell, or with a short lead (城关镇小计, 本页合计), or with its number.
_TOTAL = re.compile(
    rf"(?:[^\d,;。]{{0,10}}|\d{{1,4}}年?(?:\d{{1,2}}月)?份?)(?:{_TOTAL_WORDS})(?:件?[数數]|\([^()]{{0,8}}\))?"
    rf"(?::?\d+(?:\.\d+)?(?:{_UNITS})?)?:?")
_TOTAL_ENGLISH = re.compile(r"(?:grand |sub-?|sub )?totals?:?", re.IGNORECASE)
_COUNTED = re.compile(rf"(?:以上|本页|本頁)?共(?:计|計|有)?[:：]?\d+(?:{_UNITS})?(?:记录|事件|信息|数据)?")
#: A total as a sentence (共计12件，其中已办结8件); only where nothing else stands in the row.
_SUMMED = re.compile(rf"[^\d,;。]{{0,6}}(?:(?:{_TOTAL_WORDS})[^\d]{{0,4}}|共(?:有)?:?)\d+.{{0,80}}", re.DOTALL)
#: What a total's other cells may hold: numbers, with thousands, unit or percent, or a dash.
_NUMBER = re.compile(rf"[-+]?[\d,，]+(?:\.\d+)?(?:%|％|{_UNITS})?|[-—–/\\]+|无|%|#[A-Z/0-9]+[!?]?")
#: Eight digits that are a day stand in a record.
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SIGNS = (
    "填表", "填报", "填報", "制表", "製表", "审核", "審核", "复核", "负责人", "負責人", "单位负责人",
    "分管领导", "主管领导", "经办人", "經辦人", "报送", "統計", "统计人", "统计员", "统计日期", "统计时间",
    "联系电话", "联系人", "联系方式", "打印", "导出时间", "导出日期", "导出人", "签字", "簽字", "签名", "盖章",
    "单位盖章", "单位(盖章)", "(盖章)", "报表日期", "数据来源", "资料来源",
)
_SIGN = re.compile(rf"(?:{'|'.join(map(re.escape, _SIGNS))})[^:：]{{0,10}}[:：].*", re.DOTALL)
_FOOT = re.compile(r"(?:附?注|备注|说明|注释|註|備註|說明|填表说明|数据说明|notes?|remarks?)\s*\d{0,2}\s*[:：].*",
                   re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"(?:转下页|接上页|续表[一二三四五六七八九十\d]{0,3}|接下页|承上页"
                   r"|第\s*\d+\s*页.{0,12}|共\s*\d+\s*页.{0,12}|[-—]\s*\d+\s*[-—]"
                   r"|(?:以下|此处|下面)(?:无正文|空白|为空)|page \d+( of \d+)?)", re.IGNORECASE)
#: What the title of a further page ends with: 石桥乡台账(续表), 台账续表二.
_CONTINUED = re.compile(r"(?:\((?:续表?|接上表)[一二三四五六七八九十\d]{0,3}\)|续表[一二三四五六七八九十\d]{0,3})$")
#: The first cell of a row that a form shows how to fill in: 例：001, 示例, (样例), 填写示例1.
_EXAMPLE = re.compile(r"\(?(?:填[写报])?(?:[示样范举]例|例)(?:\d{0,3}\)?|\)?:.{0,40}|\).{0,40})", re.DOTALL)
#: Section titles of a table: 一、城关镇; only where nothing else stands in the row.
_SECTION = re.compile(r"(?:[(（]?[一二三四五六七八九十]{1,3}[)）、.．])\s*\S.{0,30}")
#: Whatever any of the patterns above asks for, found quickly: without cases, and labels by their colon alone.
_SUSPECT = re.compile(
    rf"^[(（]?(?:填[写报])?[示样范举]?例|{_TOTAL_WORDS}|[Tt][Oo][Tt][Aa][Ll]|共有?:?\d|[^\d][:：]|续表|页|[Pp][Aa][Gg][Ee]|以下|空白|正文")
_COUNTERS = ("一二三四五六七八九十", "甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: Below this many columns, a row of 1, 2, 3 may well be a record.
_COLUMNS = 4
#: Longest label of a total.
_LONGEST_LABEL = 24
#: Cells in which a total's label may stand.
_LABEL_CELLS = 4

_CONTROLS = dict.fromkeys((*range(32), 127, 8203, 65279), " ")


def plain(text: str) -> str:
    """Return a cell's text for comparison: narrow, without any space or control character."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_CONTROLS)).split()) if text else ""


@dataclass(slots=True)
class RowJudge:
    """Tells the kinds of one table's rows.

    Attributes
    ----------
    width : int
        Columns of the table.
    headers : tuple of tuple of str
        The header's rows, as they stand.
    titles : frozenset of str
        Title lines above the header, `plain`; pages repeat them.
    wide : frozenset of int
        Lines with a merged range over more than half of the columns.
    """

    width: int
    headers: tuple[tuple[str, ...], ...] = ()
    titles: frozenset[str] = frozenset()
    wide: frozenset[int] = frozenset()
    firsts: list[tuple[int, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.firsts = [next((at, text) for at, text in enumerate(row) if text) for row in self.headers if any(row)]

    def is_suspect(self, row: Sequence[str]) -> bool:
        """Return whether a row needs a closer look; quick, for it is asked of each."""
        start = "".join("".join(row[:_LABEL_CELLS]).split())
        if (len(row) - row.count("")) * 2 < self.width or not start or _SUSPECT.search(start):
            return True
        return any(at < len(row) and row[at] == text for at, text in self.firsts)

    def kind(self, row: Sequence[str], line: int = 0, *, is_after_header: bool = False) -> Kind | None:
        """Return what a row is, or None for a record.

        Parameters
        ----------
        row : sequence of str
            Cells as they stand, merged ones not filled.
        line : int
            Its line.
        is_after_header : bool
            Whether the row above is the header, or a repeated one.
        """
        cells = [plain(cell) for cell in row]
        filled = [cell for cell in cells if cell]
        if not filled:
            return "blank"
        is_numbered = is_after_header and len(filled) >= max(_COLUMNS, sum(map(bool, self._names())))
        tests: tuple[tuple[Kind, bool], ...] = (
            ("header", self._is_header(cells)), ("title", len(filled) == 1 and self._is_title(filled[0])),
            ("example", _EXAMPLE.fullmatch(filled[0]) is not None),
            ("numbers", is_numbered and _are_numbers(filled)), ("total", _is_total(cells)),
            ("total", len(filled) == 1 and self.width >= _COLUMNS and cells.index(filled[0]) < _LABEL_CELLS
             and _SUMMED.fullmatch(filled[0]) is not None),
            ("footnote", self._is_footnote(cells, filled)), ("title", self._is_section(cells, filled, line)))
        return next((kind for kind, holds in tests if holds), None)

    def _is_title(self, text: str) -> bool:
        return text in self.titles or (_CONTINUED.sub("", text) in self.titles)

    def _is_section(self, cells: list[str], filled: list[str], line: int) -> bool:
        if len(filled) > 1 or self.width < _COLUMNS - 1:
            return False
        return line in self.wide or (cells[0] != "" and _SECTION.fullmatch(filled[0]) is not None)

    def _names(self) -> tuple[str, ...]:
        if not self.headers:
            return ()
        return tuple("".join(parts) for parts in zip(*self.headers, strict=False))

    def _is_header(self, texts: list[str]) -> bool:
        cells = tuple(texts)
        for header in self.headers:
            wanted = tuple(plain(cell) for cell in header)
            length = max(len(cells), len(wanted))
            if sum(map(bool, wanted)) >= 2 and _padded(cells, length) == _padded(wanted, length):
                return True
        return False

    def _is_footnote(self, cells: list[str], filled: list[str]) -> bool:
        first = filled[0]
        if all(_SIGN.fullmatch(cell) or _PAGE.fullmatch(cell) for cell in filled):
            return True
        most = max(1, self.width // 3) if cells[0] else 1
        if len(filled) <= most and (_SIGN.fullmatch(first) or _FOOT.fullmatch(first) or _PAGE.fullmatch(first)):
            return True
        return _is_signed(filled)


def _padded(cells: tuple[str, ...], length: int) -> tuple[str, ...]:
    return cells + ("",) * (length - len(cells))


def _is_signed(filled: list[str]) -> bool:
    """Return whether labels of a signature and what was filled in alternate (填表人： | … | 审核人： | …)."""
    signs = [_SIGN.fullmatch(cell) is not None for cell in filled]
    return signs[0] and all(
        is_sign or (at > 0 and signs[at - 1] and filled[at - 1].endswith(":")) for at, is_sign in enumerate(signs))


def _are_numbers(filled: list[str]) -> bool:
    """Return whether cells number the columns: 1 2 3, (1) (2) (3), 甲 乙 1 2, 一 二 三."""
    cells = [cell.strip("()（）[]栏列") for cell in filled]
    for counters in _COUNTERS:
        if len(cells) <= len(counters) and cells == list(counters[: len(cells)]):
            return True
    lead = 0
    while lead < len(cells) and lead < len(_COUNTERS[1]) and cells[lead] == _COUNTERS[1][lead]:
        lead += 1
    rest = cells[lead:]
    return rest == [str(number) for number in range(1, len(rest) + 1)]


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None and not _DAY.fullmatch(cell)


def _is_label(cell: str) -> bool:
    patterns = (_TOTAL, _TOTAL_ENGLISH, _COUNTED)
    return len(cell) <= _LONGEST_LABEL and any(pattern.fullmatch(cell) for pattern in patterns)


def _is_total(cells: list[str]) -> bool:
    """Return whether a label of a total stands among the first cells and nothing but numbers after it.

    Before the label may stand the name of what is added up, never a number: a row with one is a record.
    """
    for at, cell in enumerate(cells):
        if not cell:
            continue
        if _is_label(cell):
            before = [text for text in cells[:at] if text]
            after = [text for text in cells[at + 1:] if text]
            named = all(not any(map(str.isdigit, text)) and len(text) <= 12 for text in before)
            return named and len(before) <= 2 and all(_is_number(text) or _is_label(text) for text in after)
        if at >= _LABEL_CELLS + 2:
            return False
    return False
