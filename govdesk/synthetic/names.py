"""Names of invented places: pairs of rare syllables, none twice in a county."""

from collections.abc import Sequence

import numpy as np
from pypinyin import Style, lazy_pinyin

#: Counties that do not exist; nor does a real one sound like them in pinyin.
COUNTIES = ("荻川", "榧阳", "楮陵", "霁川", "泠浦", "椴陵", "菖川", "楸阳")
#: Real counties of like sound: none of them may ever be put on the list above.
REAL_COUNTIES = frozenset((
    *("泾川", "汶川", "银川", "铜川", "沂川", "陵川", "宜川", "洛川", "黎川", "汉川", "栾川", "合阳", "洞口", "武冈"),
    *("隆回", "绥宁", "新宁", "邵阳", "浏阳", "江陵", "零陵", "宁陵", "鄢陵", "炎陵", "涪陵", "醴陵", "茶陵", "巴陵"),
    *("广陵", "廉江", "潜江", "綦江", "犍为", "溆浦", "合浦", "漳浦", "霞浦", "青浦", "荔浦", "蓝山", "岢岚", "砚山"),
))
_FIRST = tuple("荻榧楮莳霁砚桤泠苇岚椴筠栎蓼檀黛芷汀榉楸梓苕菰蒲杞槿茯薜芡楝柘棠栀菖葭萱桉榆樗蘅")
_SECOND = tuple("畦渚坳陂垅沚埠埂墟岫漪濑浔屿崦峁塍砭碛硚涧泷澴汊岔荡埭圩堰垭岩滩冲坪畈塅垸崖沱堍")
_TOWN = tuple("清和云安宁沅丰泽源洲澜岭原峰屏溪")
#: What the officials of a township or village are called by.
_TOWNSHIP_ENDS = {"urban": "街道", "plain": "镇", "mountain": "乡"}


def name_county(rng: np.random.Generator) -> tuple[str, str]:
    """Return a county's name in Chinese and English."""
    stem = COUNTIES[int(rng.integers(len(COUNTIES)))]
    if stem in REAL_COUNTIES:
        message = f"{stem} is a real county's name"
        raise ValueError(message)
    return f"{stem}县", f"{to_pinyin(stem)} County"


def to_pinyin(name: str) -> str:
    """Return a name in pinyin without tones, written together."""
    return "".join(lazy_pinyin(name, style=Style.NORMAL)).capitalize()


def _stems(rng: np.random.Generator, first: Sequence[str], second: Sequence[str], n: int) -> list[str]:
    order = rng.permutation(len(first) * len(second))[:n]
    return [first[int(at) // len(second)] + second[int(at) % len(second)] for at in order]


def name_townships(rng: np.random.Generator, kinds: Sequence[str]) -> list[str]:
    """Return a name for each township by its kind."""
    first, second = rng.permutation(len(_FIRST)), rng.integers(len(_TOWN), size=len(kinds))
    stems = [_FIRST[int(first[at])] + _TOWN[int(second[at])] for at in range(len(kinds))]
    return [stem + _TOWNSHIP_ENDS[kind] for stem, kind in zip(stems, kinds, strict=True)]


def name_villages(rng: np.random.Generator, kinds: Sequence[str]) -> list[str]:
    """Return a name for each village: 社区 in towns, 村 elsewhere; none twice."""
    stems = _stems(rng, _FIRST, _SECOND, len(kinds))
    return [stem + ("社区" if kind == "urban" else "村") for stem, kind in zip(stems, kinds, strict=True)]


def name_grid(village: str, number: int, half: str = "") -> str:
    """Return a grid's name: its village's and its number, after a split with the half's letter."""
    return f"{village}第{number}网格{half.upper()}"


def name_waters(rng: np.random.Generator, n: int) -> list[str]:
    """Return a name for the main river and for its tributaries."""
    return [stem + ("江" if at == 0 else "溪") for at, stem in enumerate(_stems(rng, _FIRST, _TOWN[:6], n))]
