"""Sums of posts and incidents by districts and by groups that may be shown: what is read in, frames out."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdesk.queries.staffing_posts import PostDays
from govdesk.rules.comparing import may_compare
from govdesk.rules.post_groups import Days, form_groups, is_enough
from govdesk.terms import PlaceKind
from models.poisson_rates import rate_interval

#: Columns of a group of neighbouring villages.
GROUP_COLUMNS = ("district", "number", "names", "kind", "n_units", "n_posts", "n_new", "post_weeks", "load", "low",
                 "high")
#: Numbers of a district that tell of its incidents: missing where its posts are too few.
WORK_COLUMNS = ("n_open", "n_with_due", "n_overdue", "n_new", "load", "low", "high", "expected")

#: Weekly counts, oldest first, by district and unit; the unit is "" for what lies in no unit.
Counts = Mapping[tuple[str, str], npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class UnitPosts:
    """Posts of one unit (village): standing and filled on each day of the window and, last, today."""

    standing: Days
    filled: Days

    @property
    def post_weeks(self) -> float:
        """Filled post-weeks of the window."""
        return float(self.filled[:-1].sum()) / 7


def sum_units(posts: PostDays) -> dict[str, dict[str, UnitPosts]]:
    """Return the posts of each unit of each district, units in the order of their codes."""
    rows = posts.rows
    stands = rows["stands"].to_numpy(dtype="int64")[:, None]
    manned = stands * rows["vacant_since"].isna().to_numpy(dtype="int64")[:, None]
    standing, filled = np.hstack([posts.standing, stands]), np.hstack([posts.filled, manned])
    held: dict[str, dict[str, list[int]]] = {}
    for row, (district, unit) in enumerate(zip(rows["district"].tolist(), rows["unit"].tolist(), strict=True)):
        held.setdefault(district, {}).setdefault(unit, []).append(row)
    return {district: {unit: UnitPosts(standing[some].sum(axis=0), filled[some].sum(axis=0))
                       for unit, some in sorted(units.items())} for district, units in held.items()}


def join_units(units: Sequence[UnitPosts]) -> UnitPosts:
    """Return the posts of several units together."""
    return UnitPosts(np.sum([one.standing for one in units], axis=0), np.sum([one.filled for one in units], axis=0))


def find_state(units: Mapping[str, UnitPosts]) -> str:
    """Return "shown", "few" or "none": whether what the posts of a district work on may be shown."""
    whole = join_units(list(units.values())) if units else None
    if whole is None or not whole.standing.any():
        return "none"
    return "shown" if is_enough(whole.standing, whole.filled) else "few"


def sum_districts(codes: Sequence[str], units: Mapping[str, Mapping[str, UnitPosts]]) -> pd.DataFrame:
    """Return of each district ``code``, ``state``, ``n_posts``, ``n_vacant``, ``post_days``, ``vacant_days``."""
    rows = []
    for code in codes:
        held = units.get(code, {})
        whole = join_units(list(held.values())) if held else UnitPosts(np.zeros(1, "int64"), np.zeros(1, "int64"))
        rows.append((code, find_state(held), int(whole.standing[-1]), int((whole.standing - whole.filled)[-1]),
                     int(whole.standing[:-1].sum()), int((whole.standing - whole.filled)[:-1].sum())))
    found = pd.DataFrame(rows, columns=["code", "state", "n_posts", "n_vacant", "post_days", "vacant_days"])
    return found.assign(post_weeks=(found["post_days"] - found["vacant_days"]) / 7)


def list_groups(
    states: Mapping[str, str], units: Mapping[str, Mapping[str, UnitPosts]], counts: Counts, places: pd.DataFrame,
    dispersion: float,
) -> pd.DataFrame:
    """Return the groups of all districts whose state is "shown", in order.

    Parameters
    ----------
    places : DataFrame
        The units that stand, by code: ``name``, ``kind``. One that ended in the window keeps its code as its name.

    Returns
    -------
    DataFrame
        `GROUP_COLUMNS` and ``units`` (tuple of codes). A group is of the kind of village most of its posts lie in.
    """
    names, kinds = places["name"].to_dict(), places["kind"].to_dict()
    rows = []
    for district in (code for code, state in states.items() if state == "shown"):
        held = units[district]

        def may_show(some: Sequence[str], held: Mapping[str, UnitPosts] = held) -> bool:
            whole = join_units([held[unit] for unit in some])
            return is_enough(whole.standing, whole.filled)

        for number, some in enumerate(form_groups(list(held), may_show), start=1):
            whole = join_units([held[unit] for unit in some])
            rows.append((
                district, number, tuple(str(names.get(unit, unit)) for unit in some), _find_kind(some, held, kinds),
                len(some), int(whole.standing[-1]),
                sum(float(counts[district, unit].sum()) for unit in some if (district, unit) in counts),
                whole.post_weeks, some))
    found = pd.DataFrame(rows, columns=["district", "number", "names", "kind", "n_units", "n_posts", "n_new",
                                        "post_weeks", "units"])
    return _rate(found, dispersion)


def _find_kind(some: Sequence[str], held: Mapping[str, UnitPosts], kinds: Mapping[Any, Any]) -> str:
    weights: dict[str, float] = {}
    for unit in some:
        if isinstance(kind := kinds.get(unit), str):
            weights[kind] = weights.get(kind, 0) + float(held[unit].standing.sum())
    return max(weights, key=lambda one: weights[one]) if weights else ""


def _rate(rows: pd.DataFrame, dispersion: float) -> pd.DataFrame:
    """Return the rows with ``load`` and its interval: incidents a filled post and week."""
    n, post_weeks = rows["n_new"].astype("float64"), rows["post_weeks"].astype("float64")
    low, high = rate_interval(n, post_weeks, dispersion=dispersion)
    return rows.assign(load=(n / post_weeks.where(post_weeks > 0)).clip(lower=0), low=low, high=high)


def sum_weeks(codes: Sequence[str], counts: Counts, n_weeks: int) -> dict[str, npt.NDArray[np.float64]]:
    """Return the weekly counts of each district, those known at no unit with them."""
    found = {code: np.zeros(n_weeks) for code in codes}
    for (district, _), weekly in counts.items():
        if district in found:
            found[district] = found[district] + weekly
    return found


def add_loads(
    districts: pd.DataFrame, groups: pd.DataFrame, by_week: Mapping[str, npt.NDArray[np.float64]],
    stock: pd.DataFrame | None, dispersion: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the districts with what may be shown of their work, and the kinds of village compared.

    Where too few posts are filled every number of incidents is missing: with the posts beside it, it would be the load
    of one worker. A district without any post on record has its incidents, for nobody's work is told by them.

    Parameters
    ----------
    stock : DataFrame or None
        As `queries.counts.count_open_by_place` gives; None where closings are not recorded.
    """
    weekly = [by_week[code] for code in districts["code"]]
    found = districts.assign(n_new=[float(one.sum()) for one in weekly], by_week=[one.tolist() for one in weekly])
    columns = ["n_open", "n_with_due", "n_overdue"]
    if stock is None:
        found[columns] = np.nan
    else:
        held = stock.set_index("place_code")[columns].reindex(found["code"].tolist(), fill_value=0)
        found[columns] = held.to_numpy(dtype="float64")
    kinds = _sum_kinds(groups)
    rates = groups["kind"].map(dict(zip(kinds["kind"], kinds["rate"], strict=True))).astype("float64")
    expected = (rates * groups["post_weeks"]).groupby(groups["district"]).sum(min_count=1)
    unknown = rates.isna().groupby(groups["district"]).any()  # a group of no known kind: nothing to compare with
    found = _rate(found, dispersion)
    found["expected"] = found["code"].map(expected.where(~unknown).to_dict()).astype("float64")
    found.loc[found["state"] != "shown", ["load", "low", "high", "expected"]] = np.nan
    few = found["state"] == "few"
    found.loc[few, list(WORK_COLUMNS)] = np.nan
    found["by_week"] = [None if hidden else one for hidden, one in zip(few, found["by_week"], strict=True)]
    return found, kinds


def hide_lonely_kinds(
    kinds: pd.DataFrame, districts: pd.DataFrame, groups: pd.DataFrame, own: Set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return kinds and districts as a caller may see them whose area holds the districts `own`.

    A kind of which fewer than three other districts have groups is left out, and with it what a district of one's own
    would have at its load: less the own, either would tell of those districts (`rules.comparing`).
    """
    known = groups[(groups["kind"] != "") & (groups["post_weeks"] > 0)]
    outside = known[~known["district"].isin(own)].groupby("kind")["district"].nunique()
    lonely = {str(kind) for kind, n in outside.items() if not may_compare(int(n))}
    given_away = districts["code"].isin(set(groups.loc[groups["kind"].isin(lonely), "district"]))
    return (kinds[~kinds["kind"].isin(lonely)].reset_index(drop=True),
            districts.assign(expected=districts["expected"].mask(given_away)))


def _sum_kinds(groups: pd.DataFrame) -> pd.DataFrame:
    """Return of each kind of village the load of all its groups together: sums of groups, never of less."""
    known = groups[(groups["kind"] != "") & (groups["post_weeks"] > 0)]
    rows: list[tuple[Any, ...]] = [
        (kind, len(part), part["n_new"].sum() / part["post_weeks"].sum(), part["load"].median())
        for kind, part in known.groupby("kind", sort=True)]
    order = [one.value for one in PlaceKind]
    rows.sort(key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[0]))
    return pd.DataFrame(rows, columns=["kind", "n_groups", "rate", "median"])
