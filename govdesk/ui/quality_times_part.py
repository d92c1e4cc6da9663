"""Part of case quality: how long it takes, what is still waiting, and the ten that have waited longest."""

import numpy as np
import pandas as pd
import streamlit as st

from govdesk.queries.incidents import list_oldest_open
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.i18n import t
from govdesk.ui.incident_table import draw_incidents
from govdesk.ui.markup import show, tag
from govdesk.ui.quality_charts import LONGEST_DAYS, build_survival
from govdesk.ui.quality_view import Facts, View
from govdesk.ui.quality_words import draw_not_recorded, is_recorded, name_of
from govdesk.ui.tables import Column
from models.survival import Survival, estimate_survival, find_median, find_quantile


def draw_times(view: View, facts: Facts) -> None:
    """Draw both survival curves, then the oldest that are open."""
    left, right = st.columns(2)
    with left, panel("answer", fills=True):
        if is_recorded("answer_days", view.recorded):
            _draw_curve("answer_days", facts.answer_days, view)
        else:
            draw_not_recorded("answer_days")
    with right, panel("closing", fills=True):
        if is_recorded("closing_days", view.recorded):
            _draw_curve("closing_days", facts.closing_days, view)
        else:
            draw_not_recorded("closing_days")
    if view.recorded.closings:
        with panel("oldest"):
            title = t("quality.oldest_title")
            show(build_panel_title(title, t("quality.oldest_note")))
            draw_incidents(view.load(list_oldest_open), view.setting, export_name="quality_oldest", title=title,
                           filters=view.words, empty=t("quality.oldest_empty"))


def _draw_curve(key: str, days: pd.DataFrame, view: View) -> None:
    curve = estimate_survival(*(days[name] for name in ("days", "n_events", "n_censored")))
    median, late = find_median(curve), find_quantile(curve, 0.9)
    show(build_panel_title(name_of(key), t("quality.curve_note")))
    if curve.n == 0:
        show(tag("p", t("quality.nothing_in_window"), class_="gd-empty"))
        return
    finding = t(f"quality.finding_{key}", median=_days(median.value), low=_days(median.low), high=_days(median.high),
                late=_days(late.value)) if median.value is not None else t(f"quality.finding_{key}_none")
    show(tag("p", tag("b", finding)))
    bars, spec = build_survival(
        curve, median.value, view.setting.words, alt=f"{name_of(key)}: {finding}", longest=_find_longest(curve))
    st.vega_lite_chart(bars, spec, theme=None, width="stretch", key=f"quality_{key}")
    counted = t("quality.curve_n", n=f"{curve.n:,}", n_events=f"{curve.n_events:,}", n_censored=f"{curve.n_censored:,}")
    show(tag("p", counted, class_="gd-muted gd-small"))
    columns = (
        Column("days", t("quality.axis_days"), "count"), Column("share", t("quality.axis_waiting"), "number"),
        Column("low", t("quality.low"), "number"), Column("high", t("quality.high"), "number"))
    title = t("quality.curve_title", name=name_of(key), finding=finding, counted=counted)
    draw_downloads(bars, columns, name=f"quality_{key}", note=view.note(title), chart=(bars, spec))


def _find_longest(curve: Survival) -> int:
    """Return how many days are drawn: whole months up to where little happens, half a year at most."""
    nearly_all = find_quantile(curve, 0.97).value
    return LONGEST_DAYS if nearly_all is None else int(min(max(np.ceil(nearly_all / 30) * 30, 30), LONGEST_DAYS))


def _days(number: float | None) -> str:
    return "—" if number is None else f"{number:,.0f}"
