"""Which header means which field of a place, in English and Chinese, and the words for levels and kinds."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from govdesk.ingest.notes import Note, note
from govdesk.terms import Level, PlaceChangeKind, PlaceKind

#: Headers of a file of places; the first of each is the canonical one.
PLACE_HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("code", "place_code", "adcode", "代码", "编码", "区划代码", "行政区划代码", "统计用区划代码", "地区代码",
             "网格编码",
             "网格代码", "村代码", "乡镇代码", "编号", "place code"),
    "name": ("name", "place_name", "名称", "地名", "地区名称", "单位名称", "网格名称", "村名", "村社区", "村名称",
             "乡镇名称", "全称"),
    "level": ("level", "层级", "级别", "行政级别", "等级"),
    "parent_code": ("parent_code", "parent", "上级代码", "上级编码", "上级", "父级代码", "父级编码", "所属代码",
                    "上级区划代码",
                    "所属上级代码"),
    "kind": ("kind", "type", "village_type", "类型", "类别", "村类型", "地貌", "地区类型"),
    "population": ("population", "pop", "inhabitants", "人口", "人口数", "总人口", "常住人口", "常住人口数"),
    "households": ("households", "n_households", "户数", "总户数", "家庭户数", "住户数"),
    "lon": ("lon", "lng", "long", "longitude", "x", "经度", "坐标经度", "中心经度"),
    "lat": ("lat", "latitude", "y", "纬度", "坐标纬度", "中心纬度"),
    "valid_from": ("valid_from", "from", "since", "起始日期", "生效日期", "设立日期", "启用日期", "开始日期",
                   "成立日期"),
    "valid_to": ("valid_to", "to", "until", "终止日期", "失效日期", "撤销日期", "停用日期", "结束日期", "截止日期"),
}

#: Headers of a file of place changes.
CHANGE_HEADERS: dict[str, tuple[str, ...]] = {
    "from_code": ("from_code", "from", "old_code", "原代码", "原编码", "变更前代码", "旧代码"),
    "to_code": ("to_code", "to", "new_code", "新代码", "新编码", "变更后代码", "现代码"),
    "on": ("on", "date", "changed_on", "日期", "变更日期", "生效日期"),
    "kind": ("kind", "type", "类型", "变更类型", "方式"),
    "share": ("share", "ratio", "比例", "份额", "占比"),
}

_LEVEL_WORDS: dict[Level, tuple[str, ...]] = {
    Level.COUNTY: ("county", "city", "县", "县级", "区", "市", "县区", "区县", "旗", "县级市", "市辖区"),
    Level.TOWNSHIP: ("township", "town", "乡镇", "乡", "镇", "街道", "乡镇级", "乡级", "乡镇街道", "镇街", "办事处"),
    Level.VILLAGE: ("village", "neighbourhood", "neighborhood", "村", "社区", "村级", "村社区", "行政村", "居委会",
                    "村委会"),
    Level.GRID: ("grid", "cell", "网格", "网格级", "基础网格"),
}
_KIND_WORDS: dict[PlaceKind, tuple[str, ...]] = {
    PlaceKind.URBAN: ("urban", "city", "城区", "城镇", "城市", "城郊"),
    PlaceKind.PLAIN: ("plain", "flat", "平原", "坝区", "平坝"),
    PlaceKind.MOUNTAIN: ("mountain", "hill", "山区", "山地", "丘陵"),
}
_CHANGE_WORDS: dict[PlaceChangeKind, tuple[str, ...]] = {
    PlaceChangeKind.SPLIT: ("split", "拆分", "析置"),
    PlaceChangeKind.MERGE: ("merge", "合并", "并入"),
    PlaceChangeKind.RENAME: ("rename", "更名", "改名"),
    PlaceChangeKind.MOVE: ("move", "划转", "划归", "调整"),
}
#: Likeness (0–100) from which a header is called a misspelt one.
_ALIKE = 78

_DROPPED = re.compile(r"[\s_\-/、·.]+|[(\[【（].*?[)\]】）]")


def fold(text: str) -> str:
    """Return a header or word without case, width, blanks and bracketed remarks."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _DROPPED.sub("", plain).strip("*:﻿") or plain.strip()


def _index(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold(word): key for key, same in words.items() for word in same}


LEVELS = _index({level.value: words for level, words in _LEVEL_WORDS.items()})
KINDS = _index({kind.value: words for kind, words in _KIND_WORDS.items()})
CHANGE_KINDS = _index({kind.value: words for kind, words in _CHANGE_WORDS.items()})


def suggest(text: str, known: Iterable[str]) -> str | None:
    """Return the known word that `text` is most like, or None when none is near."""
    found = process.extractOne(fold(text), list(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return found[0] if found else None


@dataclass(slots=True)
class Headers:
    """What the headers of one file mean.

    Attributes
    ----------
    columns : dict of int to str
        Field of each column that is read, by its position.
    titles : dict of str to str
        Header of each field, as in the file.
    warnings : list of Note
        Misspelt, repeated and unread headers.
    """

    columns: dict[int, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)


def match_headers(titles: Sequence[str], words: dict[str, tuple[str, ...]] = PLACE_HEADERS) -> Headers:
    """Return which column holds which field.

    Parameters
    ----------
    titles : sequence of str
        The first row of the file.
    words : dict
        Fields and their headers, `PLACE_HEADERS` or `CHANGE_HEADERS`.
    """
    index, found, unread = _index(words), Headers(), []
    for position, title in enumerate(titles):
        name = index.get(fold(title))
        if name is not None and name not in found.titles:
            found.columns[position] = name
            found.titles[name] = title
        elif name is not None:
            found.warnings.append(note("header_twice", 1, title, field=name, first=found.titles[name]))
        elif title.strip():
            unread.append(title.strip())
    free = {folded: name for folded, name in index.items() if name not in found.titles}
    strangers = []
    for title in unread:
        near = suggest(title, free)
        if near is None:
            strangers.append(title)
        else:
            found.warnings.append(note("header_misspelt", 1, title[:80], suggestion=words[free[near]][0]))
    if strangers:
        shown = ", ".join(title[:40] for title in strangers[:20])
        found.warnings.append(note("columns_not_read", 1, n=len(strangers), columns=shown))
    return found
