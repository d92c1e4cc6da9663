"""The places below the county whose last week differs most from the thirteen weeks before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from govdesk.clock import week_label, week_of
from govdesk.queries.counts import weekly_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_levels, list_places
from govdesk.queries.turns import list_beginnings
from govdesk.terms import Level
from govdesk.ui.change_marks import Mark, list_changes, name_change, say_marks
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, show, tag
from govdesk.ui.rows_behind import RowsRequest
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

SPARK_WEEKS, MEAN_WEEKS = 26, 13

#: Places shown; all are in the export.
MOST_SHOWN = 8


def choose_level(levels: tuple[str, ...]) -> str | None:
    """Return the level compared: townships, or whatever lies right below the top of this tree."""
    if Level.TOWNSHIP in levels:
        return Level.TOWNSHIP.value
    return levels[1] if len(levels) > 1 else levels[0] if levels else None


@dataclass(frozen=True, slots=True)
class Window:
    """The weeks compared; `week` is the last complete one."""

    week: int
    first_known: int

    @property
    def spark(self) -> range:
        """The weeks drawn."""
        return range(self.week + 1 - SPARK_WEEKS, self.week + 1)

    @property
    def before(self) -> range:
        """The weeks of the mean: those before the last one that are in the recorded period."""
        return range(max(self.week - MEAN_WEEKS, self.first_known), self.week)


def compare_weeks(
    places: pd.DataFrame, place_weeks: pd.DataFrame, window: Window, beginnings: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Return last week, mean before, difference and weekly values of each place, the largest change first.

    Parameters
    ----------
    places : DataFrame
        ``code``, ``name``.
    place_weeks : DataFrame
        ``week``, ``place_code``, ``n_incidents``; sparse.
    window : Window
        Weeks; those before `first_known` are unknown and stay empty.
    beginnings : mapping of str to int, optional
        First whole week of places that have not always been there: what was before is no zero either.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``last_week`` (int64), ``mean_before``, ``difference`` (float64, missing without a week
        before), ``weeks`` (list of float, NaN where not known).
    """
    table = place_weeks.pivot_table(index="place_code", columns="week", values="n_incidents", aggfunc="sum")
    table = table.reindex(index=places["code"], columns=list(window.spark)).fillna(0.0)
    unknown = [week for week in window.spark if week < window.first_known]
    table[unknown] = np.nan
    for code, began in (beginnings or {}).items():
        if code in table.index:
            table.loc[code, [week for week in window.spark if week < began]] = np.nan
    before = list(window.before)
    mean = table[before].mean(axis=1) if before else pd.Series(np.nan, index=table.index)
    found = places[["code", "name"]].reset_index(drop=True).assign(
        last_week=table[window.week].fillna(0).to_numpy(dtype="int64"), mean_before=mean.to_numpy(dtype="float64"),
        weeks=table.to_numpy(dtype="float64").tolist(),
    )
    found["difference"] = found["last_week"] - found["mean_before"]
    order = found["difference"].abs().sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def draw_township_changes(setting: Setting, level: str) -> None:
    """Draw the table with its export."""
    window = Window(setting.week, setting.first_week if setting.first_week is not None else setting.week + 1)
    places = load(list_places, setting.scope, level, setting.day)
    weeks = load(weekly_by_place, setting.scope, IncidentFilter(window.spark[0], setting.week + 1), level)
    begun = load(list_beginnings, setting.scope, level)
    beginnings = {code: week_of(day.date() + timedelta(days=6)) for code, day in zip(begun["code"], begun["since"],
                                                                                     strict=True)}
    rows = compare_weeks(places, weeks, window, beginnings) if not places.empty and not weeks.empty else places.head(0)
    label = week_label(setting.week)
    rows, said = _mark_changes(setting, rows, window)
    columns = (
        Column("name", write_term("level", level, setting.words),
               href=lambda row: address("/village", place=row["code"])),
        Column("last_week", t("overview.last_week"), "count",
               href=lambda row: RowsRequest(place=row["code"]).address() if row["last_week"] else None),
        Column("mean_before", t("overview.mean_13"), "number"),
        Column("difference", t("overview.difference"), "change"),
        Column("weeks", t("overview.weeks_26"), "spark"),
    )
    title = t("overview.townships_title", level=write_term("level", level, setting.words))
    draw_table(
        rows, columns, export_name="changed_places", note=setting.note(title, label),
        empty=t("overview.townships_empty"), n_shown=MOST_SHOWN,
    )
    if said:
        show(tag("p", said, class_="gd-muted gd-small"))


def _mark_changes(setting: Setting, rows: pd.DataFrame, window: Window) -> tuple[pd.DataFrame, str | None]:
    """Return the rows with ‡ behind places recorded otherwise in the weeks drawn, and what the mark stands for."""
    changes = list_changes(setting, window.spark)
    touched = [any(one.touches(code) for one in changes) for code in rows["code"]]
    if not any(touched):
        return rows, None
    is_marked = not all(touched)  # what holds for all of them says nothing of one
    named = [f"{name} ‡" if is_touched and is_marked else name
             for name, is_touched in zip(rows["name"], touched, strict=True)]
    marks = [Mark(one.week, name_change(one, setting.words)) for one in changes]
    return rows.assign(name=named), say_marks(marks)


def find_level() -> str | None:
    """Return the level compared in this database; None without a tree."""
    return choose_level(load_common(list_levels))

