"""What the page of data quality shows: one row a township with every measure, its share, and how dark its cell is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from govdesk.clock import monday_of
from govdesk.queries.data_quality import PROMPT_DAYS, RECENT_WEEKS, TIMELY_DAYS, Arrivals, read_arrivals
from govdesk.queries.data_quality_parts import count_merged, count_voices
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_places
from govdesk.queries.silence import list_silent
from govdesk.queries.trend_changes import look_at
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.formats import NOTHING, is_known, write_count, write_day, write_share
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting
from govdesk.ui.township_changes import find_level

#: Weeks of the series in which a change of level is looked for.
TREND_WEEKS = 156
#: Shares that are missing from which a cell is darker; the same for every measure, so that colours compare.
SHADES = (0.05, 0.15, 0.30)
#: Days since the last record, and days until half are recorded, from which a cell is darker.
LAST_SHADES, MEDIAN_SHADES = (7, 14, 30), (2, 4, 8)
#: Measures that are shares: numerator, denominator.
SHARES: Mapping[str, tuple[str, str]] = {
    "prompt": ("n_prompt", "n_timed"), "timely": ("n_timely", "n_timed"), "classified": ("n_classified", "n"),
    "village": ("n_village", "n"), "point": ("n_point", "n"), "unit": ("n_unit", "n"), "channel": ("n_channel", "n"),
    "own_time": ("n_own_time", "n"), "level": ("n_level", "n_closed"), "heard": ("n_heard", "n_weeks"),
    "nil": ("n_nil", "n_due"),
}
#: Columns of the picture.
SHOWN = ("n", "last", "median", "timely", "classified", "village", "point", "unit", "level", "heard", "hushed", "shift",
         "merged")


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one township: the text, the small text, and the shade 0–3 (None: nothing to shade)."""

    text: str
    small: str = ""
    shade: int | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """All townships by code, and the whole.

    Attributes
    ----------
    rows : DataFrame
        ``code``, ``name``, the sums of `queries.data_quality`, ``n_weeks``, ``n_heard``, ``n_nil``, ``n_due``,
        ``n_villages``, ``n_hushed``, ``n_merged``, ``shift`` (text).
    whole : mapping
        The same of all of them together; code and name empty.
    """

    rows: pd.DataFrame
    whole: Mapping[str, Any]
    arrivals: Arrivals
    as_of: datetime


def read_measures(setting: Setting, as_of: datetime) -> Measures:
    """Return every measure of every township that the account may see; a township without a record has a row, too."""
    week = setting.week
    arrivals = load(read_arrivals, setting.scope, as_of)
    level = find_level()
    places = load(list_places, setting.scope, level, setting.day) if level else pd.DataFrame({"code": [], "name": []})
    rows = places[["code", "name"]].merge(arrivals.rows, left_on="code", right_on="district", how="left")
    begin = week + 1 - RECENT_WEEKS
    voices = load(count_voices, setting.scope, begin, week + 1, as_of)
    rows = rows.merge(voices, left_on="code", right_on="district", how="left", suffixes=("", "_v"))
    merged = load(count_merged, setting.scope, begin, week + 1)
    hushed = load(list_silent, setting.scope, week)["parent_code"].value_counts()
    rows = rows.assign(
        n_merged=rows["code"].map(dict(zip(merged["district"], merged["n_merged"], strict=True))),
        n_hushed=rows["code"].map(hushed))
    counts = [name for name in rows.columns if name.startswith("n_") or name == "n"]
    rows[counts] = rows[counts].fillna(0).astype("int64")
    shifts = _read_shifts(setting)
    rows = rows.assign(n_heard=rows["n_reported"] + rows["n_nil"], n_due=rows["n_nil"] + rows["n_silent"],
                       shift=[shifts.get(code, "") for code in rows["code"]])
    return Measures(rows.drop(columns=["district", "district_v"]), _sum(setting, rows, as_of), arrivals, as_of)


def _sum(setting: Setting, rows: pd.DataFrame, as_of: datetime) -> dict[str, Any]:
    """Return all of it together: what lies in no township is in the whole, too."""
    whole = load(read_arrivals, setting.scope, as_of, "all").rows
    counts = ("n_weeks", "n_heard", "n_nil", "n_due", "n_silent", "n_villages", "n_hushed", "n_merged")
    found: dict[str, Any] = {name: 0 for name in whole.columns if name.startswith("n")} | {
        "median_days": float("nan"), "last_days": float("nan")}
    found |= whole.iloc[0].to_dict() if len(whole) else {}
    return found | {name: int(rows[name].sum()) for name in counts} | {"code": "", "name": "", "shift": ""}


def _read_shifts(setting: Setting) -> dict[str, str]:
    """Return for districts whose level of reports changed and has not changed back: which way, and since when."""
    first = setting.week + 1 if setting.first_week is None else setting.first_week
    filters = IncidentFilter(max(setting.week + 1 - TREND_WEEKS, first), setting.week + 1)
    if filters.week_to - filters.week_from < RECENT_WEEKS:
        return {}
    districts = load(look_at, setting.scope, filters).districts
    if districts is None or districts.flags.empty:
        return {}
    return {
        str(row["series"]): t("data_quality.shift_at_change" if row["at_source_change"] else
                              f"data_quality.shift_{row['direction']}", since=monday_of(int(row["week_from"])))
        for row in districts.flags.to_dict("records") if not is_known(row["week_to"])}


def write_cell(row: Mapping[str, Any], measure: str) -> Cell:
    """Return one measure of one township as it is shown."""
    if measure in SHARES:
        top, bottom = (int(row[name]) for name in SHARES[measure])
        shade = None if bottom < RATE_MINIMUM else shade_of(1 - top / bottom, SHADES)
        return Cell(write_share(top, bottom), f"{top:,}/{bottom:,}" if bottom >= RATE_MINIMUM else "", shade)
    if measure in ("last", "median"):
        return _write_last(row) if measure == "last" else _write_median(row)
    if measure == "hushed":
        return Cell(f"{int(row['n_hushed'])}/{int(row['n_villages'])}")
    return Cell(str(row["shift"]) or NOTHING) if measure == "shift" else Cell(
        write_count(row["n" if measure == "n" else f"n_{measure}"]))


def _write_last(row: Mapping[str, Any]) -> Cell:
    days = row["last_days"]
    if not is_known(days):
        return Cell(t("data_quality.last_never"), "", len(LAST_SHADES))
    words = t("data_quality.days_ago", n=int(days)) if days else t("data_quality.last_today")
    return Cell(words, "", shade_of(days, LAST_SHADES))


def _write_median(row: Mapping[str, Any]) -> Cell:
    if row["n_timed"] < RATE_MINIMUM or not is_known(row["median_days"]):
        return Cell(NOTHING, t("data_quality.too_few", n=int(row["n_timed"])))
    days = row["median_days"]
    return Cell(t("data_quality.days", n=f"{days:g}"), "", shade_of(days, MEDIAN_SHADES))


def shade_of(value: float, edges: tuple[float, ...]) -> int:
    """Return how many of the edges a value reaches.

    Examples
    --------
    >>> shade_of(0.04, SHADES), shade_of(0.05, SHADES), shade_of(0.9, SHADES)
    (0, 1, 3)
    """
    return sum(value >= edge for edge in edges)


def name_window(window: tuple[int, int]) -> str:
    """Return the first and the last day of weeks."""
    last = pd.Timestamp(monday_of(window[1])) - pd.Timedelta(days=1)
    return t("data_quality.window", first=write_day(monday_of(window[0])), last=write_day(last))


def name_measure(measure: str) -> str:
    """Return the words of a measure."""
    return t(f"data_quality.measure_{measure}", prompt=PROMPT_DAYS, timely=TIMELY_DAYS)


def name_of(row: Mapping[str, Any], setting: Setting) -> str:
    """Return the township's name, or that of the whole area."""
    return clean_text(row["name"], 30) if row["name"] else clean_text(setting.area, 30)
