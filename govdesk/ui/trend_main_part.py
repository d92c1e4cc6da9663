"""The finding of what is chosen, and the course of it: first and biggest on the page of trends."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from govdesk.clock import week_label
from govdesk.queries.trend_changes import ALL
from govdesk.queries.trend_findings import Finding
from govdesk.queries.trend_periods import list_periods
from govdesk.ui import session
from govdesk.ui.cards import Card, build_cards, build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import NOTHING, is_known, write_count, write_number
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, show, tag
from govdesk.ui.session import language
from govdesk.ui.tables import Column
from govdesk.ui.trend_bands import build_works
from govdesk.ui.trend_charts import (
    BRUSH,
    YEARS_BACK,
    Rule,
    build_course,
    build_stock,
    build_years,
    list_rules_over_years,
    name_weeks,
    prepare_course,
    prepare_years,
    tell,
    tell_course,
    write_ratio,
)
from govdesk.ui.trend_state import VIEWS, choose_weeks
from govdesk.ui.trend_view import View, compare, list_crossed, name_change, name_changes, name_things
from govdesk.ui.trend_works import works_bands

_STOCK_BY_CHANNEL = "trend_stock_by_channel"
#: Further findings written out below the first.
MOST_MORE = 4
#: Weeks of the shorter view.
THREE_YEARS = 156


def write_headline(view: View, findings: list[Finding]) -> str:
    """Return the finding of the view in one sentence: what began in the period, else that nothing did."""
    words = view.setting.words
    for one in findings:
        if one.is_real and one.week_from >= view.choice.week_from:
            return one.sentence(words)
    reason = view.look.whole.silence.get(ALL, "")
    called = name_things(view)
    values = {"what": called.what[words], "where": called.whole[words]}
    if reason:
        return t(f"trends.silent_{reason}", n=write_count(view.weekly.sum()), n_weeks=len(view.weeks), **values)
    heard = view.look.districts.n_heard if view.look.districts is not None else 0
    return t("trends.nothing", n_series=heard + 1, weeks=name_weeks(view.choice.span), **values)


def write_comparison(view: View) -> str:
    """Return the period chosen against the same weeks of the year before, in one sentence."""
    found, words = compare(view), name_things(view)
    values = {"what": words.what[view.setting.words], "where": words.whole[view.setting.words], "period": view.period,
              "n": write_count(found.n)}
    if found.n_then is None:
        return t("trends.span_alone", **values)
    if found.ratio is None:
        return t("trends.span_counts", then=write_count(found.n_then), **values)
    return t("trends.span_against", then=write_count(found.n_then), change=write_ratio(found.ratio), **values)


def draw_finding(view: View, findings: list[Finding]) -> None:
    """Draw the finding and the comparison on the year before, in sentences."""
    with panel("trend-finding"):
        show(tag("p", write_headline(view, findings), class_="gd-trend-headline"))
        show(tag("p", write_comparison(view), class_="gd-trend-line"))
        crossed = list_crossed(view, view.choice.place or None)
        if crossed and compare(view).n_then is not None:
            show(tag("p", t("trends.crossed", changes=name_changes(crossed, view)), class_="gd-trend-line"))


def draw_more(view: View, findings: list[Finding]) -> None:
    """Draw what else changed, and what is only recording."""
    headline = write_headline(view, findings)
    others = [one.sentence(view.setting.words) for one in findings if one.is_real]
    others = [one for one in others if one != headline]
    recorded = [one.sentence(view.setting.words) for one in findings if not one.is_real]
    with panel("trend-more", fills=True):
        show(build_panel_title(t("trends.more_title"), t("trends.more_in", weeks=name_weeks(view.choice.span))))
        rest = [*others[:MOST_MORE], *recorded[:2]]
        show(tag("ul", *(tag("li", one) for one in rest), class_="gd-trend-more")) if rest else show(
            tag("p", t("trends.more_none"), class_="gd-empty"))
        left = len(others) + len(recorded) - len(rest)
        note = t("trends.more", n=left) if left else ""
        show(tag("p", f"{note} {t('trends.no_cause')}".strip(), class_="gd-muted gd-small"))


def read_course(view: View, stock: pd.Series | None) -> pd.DataFrame:
    """Return the periods of all that is recorded, compared and beside their trend."""
    return prepare_course(view.weekly, view.look.trend, stock, view.choice.grain, view.festivals)


def draw_cards(view: View, stock: pd.Series | None, periods: pd.DataFrame) -> None:
    """Draw the last whole period with 环比 and 同比, the period chosen, and what was open at its end."""
    choice = view.choice
    found = compare(view)
    whole = periods[periods["is_whole"] & (periods["week_to"] <= choice.week_to)]
    cards = []
    if not whole.empty:
        last = whole.iloc[-1]
        notes = tuple(_compared(key, last) for key in ("previous", "year"))
        cards.append(Card(t(f"trends.last_{choice.grain}", period=last["period"]), write_count(last["n"]),
                          t("trends.cases"), notes))
    then = pd.Series({"n": found.n, "n_year": found.n_then, "ratio_year": found.ratio})
    cards.append(Card(t("trends.span_title", n=len(choice.span)), write_count(found.n), t("trends.cases"),
                      (_compared("year", then), name_weeks(choice.span))))
    parts = view.look.trend.frame.set_index("week")
    level, before = parts["trend"].get(choice.week_to - 1), parts["trend"].get(choice.week_to - 53)
    note = t("trends.level_before", n=write_number(before))
    notes = (note, t("trends.level_note"))
    cards.append(Card(t("trends.level_title"), write_number(level), t("trends.per_week"), notes))
    if stock is None:
        key = "trends.no_closings" if not view.has_closings else "trends.stock_later"
        cards.append(Card(t("trends.open_title"), NOTHING, "", (t(key),)))
    else:
        end, begin = stock.get(choice.week_to - 1), stock.get(choice.week_from - 1)
        then = t("trends.open_before", n=write_count(begin), week=week_label(choice.week_from - 1))
        cards.append(Card(t("trends.open_title"), write_count(end), t("trends.cases"),
                          (t("trends.open_at", week=week_label(choice.week_to - 1)), then)))
    with st.container(key="gd-trend-cards"):
        show(build_cards(cards))


def _compared(key: str, row: pd.Series) -> str:
    name = t(f"trends.{'previous' if key == 'previous' else 'year_before'}")
    then, ratio = (np.nan if row[one] is None else row[one] for one in (f"n_{key}", f"ratio_{key}"))
    return f"{name} {tell(row['n'], then, ratio, language())}"


def write_level(view: View) -> str:
    """Return in words where the trend stands at the end of the period, and where it stood a year before."""
    parts = view.look.trend.frame.set_index("week")["trend"]
    now, before = parts.get(view.choice.week_to - 1), parts.get(view.choice.week_to - 53)
    if not is_known(before):
        return t("trends.level_alone", now=write_number(now))
    return t("trends.level_against", now=write_number(now), before=write_number(before))


def list_rules(view: View) -> list[Rule]:
    """Return the changes of the source that bear on all that is shown, as rules for charts."""
    place = view.choice.place or None
    return [(change.week, name_change(change, view)) for change in view.look.changes if change.touches(place)]


def draw_course(view: View, stock: pd.Series | None, periods: pd.DataFrame) -> None:
    """Draw what came in and, below it on the same axis, what was open; or this year over earlier ones."""
    level = write_level(view)
    title = t("trends.course_export", what=view.whole_note, level=level)
    with panel("trend-course"):
        left, right = st.columns([3, 2], vertical_alignment="center")
        with left:
            show(build_panel_title(level, view.whole_note))
        with right:
            _draw_switch(view)
        if view.choice.view == "years":
            _draw_years(view, title)
            return
        weeks = _find_extent(view)
        rows = tell_course(periods, weeks, view.setting.words)
        bands = works_bands(view.setting, view.choice.filters(weeks))
        works = build_works(bands, weeks, view.setting.words)
        alt = f"{title} {t('trends.course_alt', n=len(rows), weeks=name_weeks(weeks))}"
        drawn, spec = build_course(rows, weeks, view.choice.span, list_rules(view), view.setting.words, alt=alt,
                                   works=works)
        key = f"trend_course_{view.choice.grain}_{view.choice.view}_{view.choice.week_from}_{view.choice.week_to}"
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key=key, selection_mode=[BRUSH],
                           on_select=partial(_take_brush, key, view))
        show(_build_legend(has_works=bool(works[0]), has_starts=bool(works[1]),
                           has_rules=any(week in weeks for week, _ in list_rules(view))))
        draw_downloads(rows, _columns(), name="dispute_trends", note=view.note(title), chart=(drawn, spec))
        _draw_stock(view, rows, weeks, stock)


def _draw_switch(view: View) -> None:
    key = "trend_view"
    st.session_state[key] = view.choice.view

    def write() -> None:
        session.write_params(view=None if st.session_state[key] == VIEWS[0] else st.session_state[key])

    st.segmented_control(
        t("trends.view"), VIEWS, required=True, key=key, label_visibility="collapsed", width="stretch",
        format_func=lambda one: t(f"trends.view_{one}"), on_change=write)


def _find_extent(view: View) -> range:
    """Return the weeks drawn: three years with the period chosen, or all."""
    if view.choice.view == "whole" or view.choice.grain in ("quarter", "year"):
        return view.weeks
    return range(max(view.weeks.start, min(view.weeks.stop - THREE_YEARS, view.choice.week_from)), view.weeks.stop)


def _take_brush(key: str, view: View) -> None:
    """Put the period that was brushed into the address, widened to whole periods of the chosen length."""
    found = st.session_state.get(key) or {}
    ends = (found.get("selection", {}).get(BRUSH) or {}).get("week_from")
    if not ends or len(ends) != 2:
        return
    first, last = round(min(ends)), max(round(max(ends)), round(min(ends)) + 1) - 1
    periods = list_periods(view.weeks, view.choice.grain)
    touched = periods[(periods["week_to"] > first) & (periods["week_from"] <= last)]
    if not touched.empty:
        choose_weeks(int(touched["week_from"].iloc[0]), int(touched["week_to"].iloc[-1]), view.weeks)


def _draw_stock(view: View, rows: pd.DataFrame, weeks: range, stock: pd.Series | None) -> None:
    title = t("trends.stock_title")
    if stock is not None:
        span = view.choice.span
        begin, end = stock.get(span.start - 1), stock.get(span.stop - 1)
        title = t("trends.stock_finding", end=write_count(end), end_week=week_label(span.stop - 1),
                  begin=write_count(begin), begin_week=week_label(span.start - 1))
    if rows["n_open"].notna().sum() == 0:
        key = "trends.no_closings" if not view.has_closings else "trends.stock_later"
        show(tag("p", t("trends.stock_missing", title=title, reason=t(key)), class_="gd-muted gd-small"))
        if view.has_closings and view.choice.channel:
            st.button(t("trends.stock_count"), key="trend_count_stock", on_click=_count_stock)
        return
    show(tag("h3", title, class_="gd-trend-small-title"))
    drawn, spec = build_stock(rows, weeks, view.choice.span, list_rules(view), view.setting.words,
                              alt=t("trends.stock_alt", n=write_count(rows["n_open"].iloc[-1])))
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="trend_stock")
    draw_downloads(rows, (*_columns()[:2], Column("n_open", t("trends.open_at_end"), "count")), name="dispute_stock",
                   note=view.note(title), chart=(drawn, spec))


def wants_stock_by_channel() -> bool:
    """Return whether this session asked for what was open by channel."""
    return bool(st.session_state.get(_STOCK_BY_CHANNEL))


def _count_stock() -> None:
    st.session_state[_STOCK_BY_CHANNEL] = True


def _draw_years(view: View, title: str) -> None:
    rows = prepare_years(view.weekly, view.choice.grain, view.festivals, view.setting.words)
    n_years = rows["back"].nunique() - 1
    rules = list_rules_over_years(view.weekly, list_rules(view), view.festivals, view.setting.words)
    drawn, spec = build_years(rows, rules, view.setting.words, alt=t("trends.years_alt", n=n_years))
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="trend_years")
    key = "trends.years_note" if view.festivals else "trends.years_note_plain"
    note = t(key) if n_years == YEARS_BACK else f"{t(key)} {t('trends.years_missing', n=n_years)}"
    show(tag("p", note, class_="gd-muted gd-small"))
    columns = (Column("series", t("trends.series")), Column("name", t("trends.period_name")),
               Column("n", t("table.incidents"), "count"))
    draw_downloads(rows, columns, name="dispute_years", note=view.note(title), chart=(drawn, spec))


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("trends.period_name")), Column("first_day", t("trends.first_day"), "day"),
        Column("n_weeks", t("trends.n_weeks"), "count"), Column("n", t("table.incidents"), "count"),
        Column("rate", t("trends.rate"), "number"),
        Column("trend", t("trends.trend"), "number"), Column("low", t("trends.range_low"), "number"),
        Column("high", t("trends.range_high"), "number"), Column("n_previous", t("trends.previous_n"), "number"),
        Column("n_year", t("trends.year_before_n"), "number"), Column("n_open", t("trends.open_at_end"), "count"))


def _build_legend(*, has_works: bool, has_starts: bool, has_rules: bool) -> Html:
    absent = {name for name, there in (("works", has_works), ("start", has_starts), ("rule", has_rules)) if not there}
    names = [name for name in ("bar", "line", "band", "rule", "works", "start", "span") if name not in absent]
    return tag("div", *(tag("span", tag("i", class_=f"gd-key gd-key-{one}"), t(f"trends.key_{one}")) for one in names),
               class_="gd-trend-legend gd-muted gd-small")
