"""Where incidents were settled: in the group, the village, the township, the county or beyond."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.known import has_closings
from govdesk.queries.outcomes import LOCAL
from govdesk.queries.resolution import LEVELS, UNKNOWN, count_settled, quarter_of, sum_levels, sum_quarters
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.change_marks import list_marks
from govdesk.ui.downloads import describe_filters, draw_downloads, window_of
from govdesk.ui.formats import write_share, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.resolution_charts import build_funnel, build_quarters, name_quarter, prepare_funnel, prepare_quarters
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.tables import Column, draw_table


def draw_resolution_funnel(setting: Setting, filters: IncidentFilter) -> None:
    """Draw the funnel, its quarters and its categories.

    Parameters
    ----------
    setting : Setting
        Who reads.
    filters : IncidentFilter
        What is counted; its weeks are weeks of closing here.
    """
    settled = load(count_settled, setting.scope, filters)
    sums = sum_levels(settled).iloc[0]
    words = describe_filters(setting, filters)
    with panel("resolution"):
        show(build_panel_title(write_finding(sums), words))
        if sums["n_known"] <= 0:
            known = load(has_closings, setting.scope)
            text = _say_nothing(sums, filters) if known else t("resolution.no_closings")
            show(tag("p", text, class_="gd-empty"))
            return
        left, right = st.columns(2)
        with left:
            _draw_funnel(setting, sums, words)
        with right:
            _draw_quarters(setting, sum_quarters(settled, filters.week_from, filters.week_to), filters, words)
        show(tag("p", _say_counting(sums), class_="gd-muted gd-small"))
        _draw_categories(setting, sum_levels(settled, "category"), words)


def write_finding(sums: pd.Series) -> str:
    """Return the finding in words: how much was settled near the people, of how much.

    Parameters
    ----------
    sums : Series
        One row of `queries.resolution.sum_levels`.
    """
    known, near = int(sums["n_known"]), int(sums[list(LOCAL)].sum())
    if known <= 0:
        return t("resolution.title")
    if known < RATE_MINIMUM:
        return t("resolution.finding_few", near=f"{near:,}", n=f"{known:,}")
    far = int(sums["county"] + sums["beyond"])
    return t("resolution.finding", share=write_share(near, known), near=f"{near:,}", n=f"{known:,}",
             far=write_share(far, known), n_far=f"{far:,}")


def _say_nothing(sums: pd.Series, filters: IncidentFilter) -> str:
    first, last = window_of(filters)
    key = "resolution.levels_missing" if sums[UNKNOWN] > 0 else "resolution.nothing_settled"
    return t(key, n=f"{int(sums[UNKNOWN]):,}", from_day=first, to_day=last)


def _say_counting(sums: pd.Series) -> str:
    return t("resolution.counting", known=f"{int(sums['n_known']):,}", unknown=f"{int(sums[UNKNOWN]):,}",
             least=RATE_MINIMUM)


def _draw_funnel(setting: Setting, sums: pd.Series, words: str) -> None:
    steps = prepare_funnel(sums, setting.words)
    listed = t("resolution.comma").join(f"{one['name']} {one['text']}" for one in steps.to_dict("records"))
    title = write_finding(sums)
    drawn, spec = build_funnel(steps, setting.words, alt=t("resolution.alt", finding=title, levels=listed))
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="resolution_funnel")
    columns = (Column("name", t("resolution.level")), Column("n", t("table.incidents"), "count"),
               Column("share", t("resolution.share")))
    shares = [write_share(n, sums["n_known"]) if level != UNKNOWN else "—"
              for n, level in zip(steps["n"], steps["level"], strict=True)]
    draw_downloads(steps.assign(share=shares), columns, name="resolution_funnel", note=setting.note(title, words),
                   chart=(drawn, spec))


def _place_marks(setting: Setting, filters: IncidentFilter, rows: pd.DataFrame) -> list[tuple[str, float, str]]:
    """Return the changes of the source in the window: the quarter as it is written, where in it, what changed."""
    names = {name.rstrip("*"): name for name in rows.loc[rows["share"].notna(), "quarter"]}
    found = []
    for mark in list_marks(setting, range(filters.week_from, filters.week_to), filters.place_code):
        number = quarter_of(mark.week)
        inside = [week for week in range(mark.week - 14, mark.week + 14) if quarter_of(week) == number]
        if name_quarter(number) in names:
            found.append((names[name_quarter(number)], inside.index(mark.week) / len(inside), mark.text))
    return found


def _draw_quarters(setting: Setting, quarters: pd.DataFrame, filters: IncidentFilter, words: str) -> None:
    title = t("resolution.quarters_title")
    show(tag("p", title, class_="gd-small"))
    rows = prepare_quarters(quarters, setting.words)
    known = quarters[quarters["n_known"] >= RATE_MINIMUM]
    if known.empty:
        show(tag("p", t("resolution.quarters_few", n=RATE_MINIMUM), class_="gd-empty"))
        return
    ends = [t("resolution.quarter_near", quarter=name_quarter(one["quarter"]),
              share=write_share(sum(one[level] for level in LOCAL), one["n_known"]))
            for one in (known.iloc[0], known.iloc[-1])]
    drawn, spec = build_quarters(rows, setting.words, alt=t("resolution.quarters_alt", first=ends[0], last=ends[1]),
                                 marks=_place_marks(setting, filters, rows))
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="resolution_quarters")
    if not quarters["is_whole"].all():
        show(tag("p", t("resolution.quarters_part"), class_="gd-muted gd-small"))
    columns = (Column("name", t("resolution.quarter")), Column("n_weeks", t("resolution.n_weeks"), "count"),
               *_level_columns(setting.words, with_share=False))
    draw_downloads(quarters.assign(name=[name_quarter(one) for one in quarters["quarter"]]), columns,
                   name="resolution_quarters", note=setting.note(title, words), chart=(drawn, spec))


def _level_columns(words: str, *, with_share: bool) -> tuple[Column, ...]:
    levels = [Column(level, write_term("resolution", level, words), "count", is_narrow=level in LOCAL,
                     muted=partial(_share, level) if with_share else None) for level in LEVELS]
    return (Column("n_known", t("resolution.of"), "count"), *levels,
            Column(UNKNOWN, t("resolution.unknown"), "count", is_narrow=False))


def _share(level: str, row: Mapping[str, Any]) -> str | None:
    return write_share(row[level], row["n_known"]) if row["n_known"] >= RATE_MINIMUM else None


def _draw_categories(setting: Setting, categories: pd.DataFrame, words: str) -> None:
    title = t("resolution.categories_title")
    show(build_panel_title(title, t("resolution.categories_note", n=RATE_MINIMUM)))
    names = name_categories(setting.words)
    rows = categories.assign(name=[names.get(code, code) for code in categories["category"]])
    draw_table(rows.sort_values(["n_known", "category"], ascending=[False, True]),
               (Column("name", t("table.category")), *_level_columns(setting.words, with_share=True)),
               export_name="resolution_categories", note=setting.note(title, words), empty=t("resolution.title"),
               n_shown=20)
