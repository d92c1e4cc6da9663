"""The finding of the tuning page: in words from the numbers, with the curve below it."""

import pandas as pd
import streamlit as st

from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.ui.cards import build_panel_title
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import write_count, write_share
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column
from govdesk.ui.tuning_charts import build_curves
from govdesk.ui.tuning_state import Choice
from govdesk.ui.tuning_view import View
from govdesk.ui.tuning_words import write_band, write_points
from models.threshold_sweep import METHODS

#: Visits more a week of which is told what they bring.
STEP = 5
_BASELINES = METHODS[1:]


def write_title(view: View, tried: Thresholds) -> str:
    """Return the finding: what this number of visits catches and misses."""
    row = view.row(tried)
    band = write_band(row["caught_share_low"], row["caught_share_high"])
    return t("tuning.finding", k=tried.visits_per_week, n=write_count(row["n_events"]), band=band,
             caught=write_count(row["n_caught"]), missed=write_count(row["n_missed"]),
             share=write_share(row["n_caught"], row["n_events"]))


def list_sentences(view: View, tried: Thresholds) -> list[str]:
    """Return what stands beside it: the best baseline, more visits, the quiet list, the capacity."""
    found = [_against_baseline(view, tried)]
    if view.backtest.beaten:
        names = t("tuning.between").join(t(f"tuning.list_{label}") for label in view.backtest.beaten)
        found.append(t("tuning.finding_beaten", names=names))
    sweep = view.sweep(tried.share_quiet)
    more = min(tried.visits_per_week + STEP, view.most)
    if more > tried.visits_per_week:
        gain = int(sweep.curve["n_caught"].iloc[sweep.at(more)] - view.row(tried)["n_caught"])
        found.append(t("tuning.finding_more", n_visits=more - tried.visits_per_week,
                       n=write_count(gain), n_dates=view.n_dates))
    if tried.share_quiet > 0:
        found.append(_cost_of_quiet(view, tried))
    if tried.capacity_per_week is not None and tried.visits_per_week > tried.capacity_per_week:
        found.append(t("tuning.finding_capacity", n=tried.visits_per_week - tried.capacity_per_week,
                       capacity=tried.capacity_per_week))
    return found


def _against_baseline(view: View, tried: Thresholds) -> str:
    """Compare with the baseline that catches most with the same visits, so that no weak one flatters us."""
    best = max(_BASELINES, key=lambda method: int(view.row(tried, method)["n_caught"]))
    row, paired = view.row(tried, best), view.compare(tried, tried, (best, METHODS[0])).loc["caught_share"]
    key = "same"
    if paired["low"] > 0:
        key = "better"
    elif paired["high"] < 0:
        key = "worse"
    return t(f"tuning.finding_{key}", name=t(f"tuning.method_{best}"), n=write_count(row["n_caught"]),
             share=write_share(row["n_caught"], row["n_events"]), points=write_points(paired["difference"]),
             low=write_points(paired["low"]), high=write_points(paired["high"]))


def _cost_of_quiet(view: View, tried: Thresholds) -> str:
    """Tell what the quiet list costs, and what it brings where it was quiet."""
    undivided = Thresholds(None, tried.visits_per_week, 0.0)
    quiet = [view.parts(one).set_index("part").loc["now_quiet"] for one in (tried, undivided)]
    lost = int(view.row(undivided)["n_caught"] - view.row(tried)["n_caught"])
    return t("tuning.finding_quiet", percent=round(100 * tried.share_quiet), lost=write_count(lost),
             n=write_count(quiet[0]["n_events"]), with_list=write_count(quiet[0]["n_caught"]),
             without=write_count(quiet[1]["n_caught"]))


def draw_finding(view: View, choice: Choice, tried: Thresholds) -> None:
    """Draw the finding and the curve."""
    title = write_title(view, tried)
    show(build_panel_title(title))
    rows = view.curves(tried.share_quiet, choice.measure)
    now = view.in_force
    marks = [(now.visits_per_week, t("tuning.mark_default" if now.id is None else "tuning.mark_in_force",
                                     k=now.visits_per_week), False)]
    if tried.visits_per_week != now.visits_per_week:
        marks.append((tried.visits_per_week, t("tuning.mark_tried", k=tried.visits_per_week), False))
    if tried.capacity_per_week is not None:
        marks.append((tried.capacity_per_week, t("tuning.mark_capacity", k=tried.capacity_per_week), True))
    drawn, spec = build_curves(rows, choice.measure, marks, view.setting.words, alt=title)
    st.vega_lite_chart(drawn, spec, width="stretch", key="tuning_curve")
    sentences = list_sentences(view, tried)
    show(tag("ul", *(tag("li", sentence) for sentence in sentences), class_="gd-sentences gd-tuning-finding"))
    show(tag("p", t("tuning.counted", window=view.window, n=write_count(view.row(tried)["n_events"]),
                    n_villages=len(view.backtest.places), n_dates=view.n_dates), class_="gd-muted gd-small"))
    _draw_downloads(view, rows, (drawn, spec), title)


def _draw_downloads(view: View, rows: pd.DataFrame, chart: tuple[pd.DataFrame, dict[str, object]], title: str) -> None:
    columns = (
        Column("name", t("tuning.method")), Column("visits", t("tuning.axis_visits"), "count"),
        Column("share", t("tuning.column_share"), "number"), Column("low", t("tuning.low"), "number"),
        Column("high", t("tuning.high"), "number"))
    draw_downloads(rows, columns, name="tuning-curve", note=view.note(title), chart=chart)
