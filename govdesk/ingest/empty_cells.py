"""Cells that say "nothing stands here" in a word or a sign, and cells that point to the one above; pure."""

import re
from collections.abc import Callable

from govdesk.ingest.folding import fold

#: Signs alone mean empty in every column: dashes, slashes, dots, underscores.
_SIGNS = re.compile(r"[-‐-―−ー─━/\\|_.·…]+")
#: What programs write for nothing.
_PROGRAMS = frozenset({"n/a", "null", "(null)", "<null>", "nan", "nat"})
#: Words for nothing; in a name or in prose they may be meant.
_WORDS = frozenset({
    "无", "(无)", "空", "(空)", "空白", "不详", "不明", "未知", "未填", "未填写", "未登记", "暂无", "没有", "无数据",
    "缺失",     "\\n", "na", "none", "nil", "unknown", "blank", "(blank)", "?", "??",
})
_SAME = frozenset({"同上", "同前", "同上行", "同左", "〃", "″", '"', "''", "ditto", "々"})
#: What a spreadsheet shows where a formula went wrong, or a column is too narrow.
_FORMULA = re.compile(r"#(?:n/a|null!|ref!|value!|div/0!|name\?|num!|spill!|calc!|getting_data)|#{3,}")


def make_empty_test(extra: tuple[str, ...] = (), *, is_typed: bool, has_no: bool = False) -> Callable[[str], bool]:
    """Return a function that tells whether a cell means "nothing".

    Parameters
    ----------
    extra : tuple of str
        Words that the profile names; they hold in every column.
    is_typed : bool
        The column holds dates, numbers, codes, categories or units: words such as 无 mean nothing there, too.
    has_no : bool
        The column is of yes and no: 无 and 没有 mean no.
    """
    known = _PROGRAMS | (_WORDS if is_typed else frozenset()) | {fold(word) for word in extra}
    if has_no:
        known -= {"无", "没有"} - {fold(word) for word in extra}
    longest = max(len(word) for word in known)
    starts = {word[0] for word in known if word}

    def means_nothing(text: str) -> bool:
        start = text[:1]
        if len(text) > longest or (start.isascii() and start.isalnum() and start.lower() not in starts):
            return False  # almost every cell: no need to fold it
        folded = fold(text)
        return folded in known or _SIGNS.fullmatch(folded) is not None

    return means_nothing


def points_above(text: str) -> bool:
    """Return whether a cell says "as above"; only where somebody filled it down does it say anything by itself."""
    return len(text) <= 5 and fold(text) in _SAME


def is_formula_error(text: str) -> bool:
    """Return whether a cell holds a spreadsheet's error instead of a value."""
    return text.startswith("#") and _FORMULA.fullmatch(text.lower()) is not None
