"""The missed cases by name: village, week, what happened, and what was known then."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from govdesk.clock import week_label
from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import NOTHING, write_count, write_number
from govdesk.ui.i18n import t
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.tables import Column, draw_table
from govdesk.ui.tuning_view import NAMED_WEEKS, View
from govdesk.ui.tuning_words import name_setting

#: Rows drawn; all are in the export.
SHOWN = 12
WHYS = ("below_cut", "rested", "no_score")


def draw_missed(view: View, tried: Thresholds) -> None:
    """Draw the missed cases of the last judged year, the latest first."""
    cases = view.missed(tried)
    show(build_panel_title(t("tuning.missed", name=name_setting(tried, is_tried=True)),
                           t("tuning.missed_note", n=NAMED_WEEKS)))
    whys = cases["why"].value_counts()
    show(tag("p", t("tuning.missed_why", total=write_count(len(cases)), **{
        why: write_count(int(whys.get(why, 0))) for why in WHYS}), class_="gd-small"))
    rows = describe_cases(view, cases)
    columns = (
        Column("week", t("tuning.week")),
        Column("village", t("table.place"), href=lambda row: address("/village", place=row["code"]),
               muted=lambda row: row["township"]),
        Column("part", t("tuning.what")), Column("rank", t("tuning.best_rank"), "count"),
        Column("probability", t("tuning.probability"), "rate"), Column("records", t("tuning.records"), "count"),
        Column("known", t("tuning.known_then"), is_narrow=False))
    draw_table(rows, columns, export_name="tuning-missed", note=view.note(t("tuning.missed_export")),
               empty=t("tuning.none_missed"), n_shown=SHOWN)


def describe_cases(view: View, cases: pd.DataFrame) -> pd.DataFrame:
    """Return the missed cases with names and with what was known in the week in which the village came nearest."""
    backtest = view.backtest
    scores, places = backtest.scores, backtest.places
    column = cases["place"].to_numpy(np.int64)
    # Without a score there is no nearest week: what was known last before it counts.
    week = np.where(cases["best_week"] >= 0, cases["best_week"], cases["week"]).astype(np.int64)
    date = np.clip(np.searchsorted(scores.weeks, week, side="right") - 1, 0, None)
    probability, records = scores.probability[date, column], scores.records[date, column]
    codes = places["code"].to_numpy()[column]
    parts = [backtest.parts.get((code, int(one)), ()) for code, one in zip(codes, cases["week"], strict=True)]
    whys = list(zip(cases["why"], cases["best_week"], strict=True))
    return pd.DataFrame({
        "week": _say(cases["week"], week_label), "code": codes,
        "village": _say(places["name"].fillna(places["code"]).to_numpy()[column], clean_text),
        "township": _say(places["parent_name"].fillna("").to_numpy()[column], clean_text),
        "part": _say(parts, _name_parts),
        "rank": cases["best_rank"].where(cases["best_rank"] > 0).astype("Int64"),
        "probability": [NOTHING if np.isnan(one) else write_number(one, 2) for one in probability],
        "records": pd.array(np.where(np.isnan(records), None, records), dtype="Int64"),
        "known": _say(whys, _name_why),
    })


def _say(values: Iterable[Any], write: Callable[[Any], str]) -> list[str]:
    """Return the words of each value, each distinct one written once: there are hundreds of cases and few words."""
    written: dict[Any, str] = {}
    found = []
    for value in values:
        if value not in written:
            written[value] = write(value)
        found.append(written[value])
    return found


def _name_why(why: tuple[str, int]) -> str:
    return t(f"tuning.why_{why[0]}", week=week_label(int(why[1])) if why[1] >= 0 else "")


def _name_parts(parts: tuple[str, ...]) -> str:
    return " · ".join(t(f"escalation.part_{part}") for part in parts) or NOTHING
