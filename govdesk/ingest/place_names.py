"""How the name of a place may be written without meaning another place; pure.

東門村, 东门 村, 东门(村), 东门村委会 and 东门 are one name. 东门村 and 东门社区 are two: a village and an urban
neighbourhood are different organisations, and both may exist.
"""

import re
import unicodedata
from functools import lru_cache

from govdesk.ingest.folding import simplify
from govdesk.ingest.masking import strip_hidden

#: Endings of a level's names, longest first, and what kind of place each says; "" where it says no more than the level.
ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "county": (("自治县", "county"), ("县", "county"), ("区", "district"), ("市", "city"), ("旗", "banner")),
    "township": (
        ("人民政府", ""), ("街道办事处", "street"), ("办事处", "street"), ("街道办", "street"), ("街道", "street"),
        ("镇政府", "town"), ("乡政府", "rural"), ("镇", "town"), ("乡", "rural"),
    ),
    "village": (
        ("社区居民委员会", "community"), ("社区居委会", "community"), ("居民委员会", "community"),
        ("居委会", "community"), ("社区", "community"), ("村民委员会", "village"), ("村委会", "village"),
        ("村民委", "village"), ("村委", "village"), ("行政村", "village"), ("村", "village"), ("生活区", "quarter"),
    ),
    "grid": (),
}
#: Endings that name the committee of a village, whose own 村 may stand before them once more: 东门村村委会.
_COMMITTEES = frozenset({"村民委员会", "村委会", "村民委", "村委"})
#: A rural township may leave out whose it is: 罗溪瑶族乡 = 罗溪乡.
_PEOPLES = (
    "土家族", "维吾尔族", "哈萨克族", "布依族", "蒙古族", "朝鲜族", "哈尼族", "傈僳族", "高山族", "拉祜族", "东乡族",
    "纳西族", "景颇族", "达斡尔族", "仫佬族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "鄂温克族", "鄂伦春族",
    "满族", "回族", "苗族", "彝族", "壮族", "侗族", "瑶族", "白族", "傣族", "黎族", "畲族", "水族", "土族", "羌族",
    "各族", "民族",
)
#: What lies above the county and may stand before its name.
ABOVE_COUNTY = re.compile(r"(?:.{2,10}?(?:省|自治区|特别行政区|自治州|地区|盟|市|州))+")

#: Marks that may stand between the parts of a name, or around them, and say nothing.
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}<>〈〉《》「」『』【】〔〕〖〗“”\"'‘’", None))
_ENCLOSED = re.compile(
    r"^(?P<before>.*?)[(\[【〔〖{「](?P<inside>[^()\[\]【】〔〕〖〗{}「」]+)[)\]】〕〗}」](?P<after>.*)$")
#: Fewer characters than this name nothing by themselves: 新, 1.
_SHORTEST = 2

Reading = tuple[str, str]


def _plain(text: str) -> str:
    """Return a text in simplified characters, of one width and case, without blanks and invisible characters."""
    narrow = "".join(unicodedata.normalize("NFKC", strip_hidden(text)).casefold().split())
    return simplify(narrow)


@lru_cache(maxsize=200_000)
def tidy(text: str) -> str:
    """Return a name as it is compared: simplified, of one width and case, without blanks and brackets.

    Examples
    --------
    >>> tidy(" 東門（村）")
    '东门村'
    """
    return _plain(text).translate(_BRACKETS)


def plain_code(text: str) -> str:
    """Return a place's code as registers write it: of one width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def split_brackets(text: str) -> tuple[str, str] | None:
    """Return a name without its bracket, and what stands in the bracket; None without one, or without a name.

    Both as `tidy` writes them: 东门村（城关镇） gives 东门村 and 城关镇.
    """
    found = _ENCLOSED.fullmatch(_plain(text))
    if found is None:
        return None
    name, inside = tidy(found["before"] + found["after"]), tidy(found["inside"])
    return (name, inside) if name and inside else None


@lru_cache(maxsize=200_000)
def read_name(tidied: str, level: str) -> frozenset[Reading]:
    """Return what a name may say: its stem, and the kind of place its ending says ("" where it has none).

    Parameters
    ----------
    tidied : str
        As `tidy` returns it.
    level : str
        Level of the places that may be meant: each has endings of its own.

    Examples
    --------
    >>> sorted(read_name("东门村村委会", "village"))
    [('东门', 'village'), ('东门村', 'village')]
    """
    for ending, kind in ENDINGS.get(level, ()):
        stem = tidied.removesuffix(ending)
        if stem == tidied or not stem:
            continue
        if ending == "人民政府":
            return read_name(stem, level)
        readings = {(stem, kind)}
        if ending in _COMMITTEES and stem.endswith("村") and len(stem) > 1:
            readings.add((stem[:-1], kind))
        if kind == "rural":
            readings |= {(stem.removesuffix(people), kind) for people in _PEOPLES
                         if stem.endswith(people) and stem != people}
        return frozenset(readings)
    return frozenset({(tidied, "")}) if len(tidied) >= _SHORTEST and not tidied.isdigit() else frozenset()


def are_same(one: str, other: str, level: str) -> bool:
    """Return whether two names of a level say the same, as far as names alone can tell; symmetric.

    A name without an ending says no kind and goes with each; two different kinds never go together.
    """
    first, second = tidy(one), tidy(other)
    if first == second:
        return bool(first)
    return any(stem == stem_ and (kind == kind_ or "" in (kind, kind_))
               for stem, kind in read_name(first, level) for stem_, kind_ in read_name(second, level))


def stem_of(tidied: str, level: str) -> str:
    """Return the part of a name that tells it from others of its level: the shortest stem, or all of it."""
    return min((stem for stem, _ in read_name(tidied, level)), key=len, default=tidied)
