"""What is planted in the invented county and later looked for: its offices, works, app, vacancies, silences.

All of it follows from the seed alone. What the product may know (units, posts, works, the app's date, vacancies) is
written as files; which offices close too fast and which villages report too little is truth, written aside.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.clock import week_of
from govdesk.synthetic.process import generator

#: First day of the county's records: a Monday, 364 weeks before the Monday of 2026-11-16.
START = date(2019, 11, 25)

#: The app came on one day to some townships; before it a hazard or request there was often not reported at all.
APP_ON = date(2023, 3, 6)
N_APP_TOWNSHIPS = 9

DEPARTMENTS = (
    ("land", "自然资源局"),
    ("housing", "住房和城乡建设局"),
    ("labour", "人力资源和社会保障局"),
    ("water", "水利局"),
    ("transport", "交通运输局"),
    ("civil", "民政局"),
    ("health", "卫生健康局"),
    ("market", "市场监督管理局"),
    ("emergency", "应急管理局"),
    ("ecology", "生态环境分局"),
    ("agriculture", "农业农村局"),
    ("urban", "城市管理局"),
    ("education", "教育局"),
    ("justice", "司法局"),
)
#: Departments that no category is routed to (`handling.BY_CATEGORY`): what they close cannot be planted.
WITHOUT_CASES = ("education",)
OTHERS = (
    ("centre", "综治中心", "centre"),
    ("petition", "信访局", "bureau"),
    ("police", "公安局", "police"),
    ("court", "人民法院", "court"),
)

_PLANTS, _WORKS, _VACANCIES = 21, 22, 23


@dataclass(frozen=True, slots=True)
class Plants:
    """The planted facts.

    Attributes
    ----------
    units : DataFrame
        ``code, name, kind, place_code, parent_code``.
    works : DataFrame
        One row a village: ``project, kind, village`` (position), ``week_from, week_to, strength``.
    fast_units, batch_units : tuple of str
        Codes of offices that close within minutes, or in batches at the month's end.
    app_townships : tuple of str
    silent : DataFrame
        ``village`` (position), ``week_from, week_to, share_reported``.
    vacancies : DataFrame
        ``post_code, grid_code, from_on, to_on``.
    """

    units: pd.DataFrame
    works: pd.DataFrame
    fast_units: tuple[str, ...]
    batch_units: tuple[str, ...]
    app_townships: tuple[str, ...]
    silent: pd.DataFrame
    vacancies: pd.DataFrame


def plant(
    townships: pd.DataFrame, villages: pd.DataFrame, grids: pd.DataFrame, county_code: str, seed: int, weeks: int
) -> Plants:
    """Plant everything for `weeks` weeks from `START`; later weeks only add.

    Parameters
    ----------
    townships, villages, grids : DataFrame
        As of `synthetic.places`: ``code``, ``name``; villages with ``neighbours``; grids with ``village_code``,
        ``begins``, ``ends``.
    county_code : str
    seed : int
    weeks : int
        Weeks that may be simulated.
    """
    rng = generator(seed, _PLANTS)
    units = make_units(townships, county_code)
    handling = units.loc[units["kind"].isin(["department", "township"]), "code"].to_numpy()
    chosen = _with_cases(rng.choice(handling, 6, replace=False), handling, county_code, seed)
    return Plants(
        units=units,
        works=_make_works(villages, seed, weeks),
        fast_units=tuple(sorted(chosen[:3])),
        batch_units=tuple(sorted(chosen[3:])),
        app_townships=tuple(sorted(rng.choice(townships["code"].to_numpy(), N_APP_TOWNSHIPS, replace=False))),
        silent=_make_silences(len(villages), rng, weeks),
        vacancies=_make_vacancies(grids, seed, weeks),
    )


def _with_cases(
    chosen: NDArray[np.object_], handling: NDArray[np.object_], county_code: str, seed: int
) -> NDArray[np.object_]:
    """Return the chosen offices, those that get no case replaced by others that do."""
    idle = [f"{county_code}-{code}" for code in WITHOUT_CASES]
    free = [code for code in generator(seed, _PLANTS, 1).permutation(handling) if code not in {*chosen, *idle}]
    return np.array([free.pop() if code in idle else code for code in chosen], dtype=object)


def make_units(townships: pd.DataFrame, county_code: str) -> pd.DataFrame:
    """Return the offices: township governments, departments, centre, petition bureau, police, court."""
    rows = [
        {"code": f"{county_code}-{code}", "name": name, "kind": kind, "place_code": county_code, "parent_code": ""}
        for code, name, kind in OTHERS
    ]
    rows += [
        {
            "code": f"{county_code}-{code}",
            "name": name,
            "kind": "department",
            "place_code": county_code,
            "parent_code": "",
        }
        for code, name in DEPARTMENTS
    ]
    rows += [
        {
            "code": f"{row.code}-gov",
            "name": f"{row.name_}人民政府",
            "kind": "township",
            "place_code": row.code,
            "parent_code": "",
        }
        for row in townships.rename(columns={"name": "name_"}).itertuples()
    ]
    return pd.DataFrame(rows)


def _make_works(villages: pd.DataFrame, seed: int, weeks: int) -> pd.DataFrame:
    """Draw projects year by year: each a village and some of its neighbours, 20 to 60 weeks long."""
    rows, number = [], 0
    first = week_of(START)
    kinds = ("farmland", "road", "water", "housing")
    for year in range((weeks + 51) // 52):
        rng = generator(seed, _WORKS, year)
        for _ in range(int(rng.integers(5, 9))):
            number += 1
            centre = int(rng.integers(0, len(villages)))
            near = list(villages["neighbours"].iloc[centre])
            kind = kinds[int(rng.choice(4, p=(0.45, 0.3, 0.15, 0.1)))]
            week_from = first + year * 52 + int(rng.integers(2, 50))
            week_to = week_from + int(rng.integers(20, 60))
            for village in [centre, *near[: int(rng.integers(2, 5))]]:
                rows.append(
                    {
                        "project": number,
                        "kind": kind,
                        "village": int(village),
                        "week_from": week_from,
                        "week_to": week_to,
                        "strength": float(rng.uniform(0.5, 1.5)) * (kind == "farmland" or 0.6),
                    }
                )
    return pd.DataFrame(rows)


def _make_silences(n_villages: int, rng: np.random.Generator, weeks: int) -> pd.DataFrame:
    """Draw the villages that report too little, each for 26 to 78 weeks."""
    first = week_of(START)
    rows = [
        {
            "village": int(village),
            "week_from": (begins := first + int(rng.integers(60, 330))),
            "week_to": begins + int(rng.integers(26, 79)),
            "share_reported": float(rng.choice([0.0, 0.3, 0.5])),
        }
        for village in rng.choice(n_villages, 40, replace=False)
    ]
    frame = pd.DataFrame(rows)
    return frame[frame["week_from"] < first + weeks].reset_index(drop=True)


def _make_vacancies(grids: pd.DataFrame, seed: int, weeks: int) -> pd.DataFrame:
    """Draw about 60 vacancies a year, 4 to 30 weeks each."""
    rows = []
    for year in range((weeks + 51) // 52):
        rng = generator(seed, _VACANCIES, year)
        for grid in rng.choice(len(grids), 60, replace=False):
            begins = START + timedelta(days=int(year * 364 + rng.integers(0, 364)))
            place = grids.iloc[int(grid)]
            code, days_empty = str(place["code"]), int(rng.integers(28, 210))
            if not place["begins"] <= begins < place["ends"]:
                continue  # the post does not exist then
            rows.append(
                {
                    "post_code": f"{code}-w",
                    "grid_code": code,
                    "from_on": begins,
                    "to_on": begins + timedelta(days=days_empty),
                }
            )
    return pd.DataFrame(rows)

