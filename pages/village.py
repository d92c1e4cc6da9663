"""Village 村情: one place of any level by link."""

from dataclasses import replace

import streamlit as st

from govdesk.clock import monday_of
from govdesk.queries.counts import count_open_by_place, weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import list_incidents
from govdesk.queries.known import EVER, find_last_day, has_closings, read_known
from govdesk.queries.places import get_place
from govdesk.queries.surroundings import list_works
from govdesk.rules.access import SYSTEM, require
from govdesk.ui import faults, place_compare, place_view, session
from govdesk.ui.cards import build_cards, build_facts, build_notice, build_panel_title, panel
from govdesk.ui.charts import build_history
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.incident_table import draw_incidents
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.place_choice import draw_chooser, draw_way
from govdesk.ui.place_compare import compare_columns, find_children, find_neighbours
from govdesk.ui.setting import read_setting
from govdesk.ui.tables import draw_table
from govdesk.ui.works_table import draw_works

#: Open incidents read at most; the oldest are shown first.
MOST_OPEN = 2000


def draw_weeks(setting, place) -> None:
    with panel("weeks"):
        left, right = st.columns([3, 2], vertical_alignment="center")
        n_weeks = session.read_param("weeks", lambda text: int(session.one_of("52", "156")(text)), 52)
        with right:
            chosen = st.segmented_control(
                t("village.history"), [52, 156], default=n_weeks, key="history_weeks", label_visibility="collapsed",
                format_func=lambda n: t(f"village.history_{n}"), width="stretch") or n_weeks
        session.write_params(weeks=None if chosen == 52 else chosen)
        window = IncidentFilter(setting.week + 1 - chosen, setting.week + 1, place_code=place.code)
        days = {"from_day": monday_of(window.week_from), "to_day": setting.week_days[1]}
        with left:
            show(build_panel_title(t("village.history"), t("village.history_note", **days)))
        weeks = load(weekly_series, setting.scope, window, "stream")
        marks = place_view.within_weeks(place_view.list_marks(place, setting), window.week_from, window.week_to)
        if weeks.empty:
            show(tag("p", t("village.history_empty"), class_="gd-empty"))
        else:
            bars, chart = build_history(weeks, setting.words, marks)
            st.vega_lite_chart(bars, chart, theme=None, width="stretch", key="history")
        for _, sentence in marks:
            show(tag("div", sentence, class_="gd-small"))
        if marks:
            show(tag("div", t("village.changes_note"), class_="gd-muted gd-small"))


def draw_facts(setting, place) -> None:
    with panel("profile"):
        show(build_panel_title(t("village.profile")))
        show(build_facts(place_view.list_profile(place, setting)))
        show(tag("p", link(t("village.on_map"), address("/incident_map", place=place.code))))
    with panel("known"):
        show(build_panel_title(t("village.known_title")))
        show(build_facts(place_view.list_known(load(read_known, setting.scope, place.code), setting)))
        show(tag("p", t("village.known_note"), class_="gd-muted gd-small"))


def draw_open(setting, place, ever, now) -> None:
    rows = load(list_incidents, setting.scope, ever, only_open=True, as_of=now, limit=MOST_OPEN)
    rows = rows.sort_values("age_days", ascending=False, kind="stable", ignore_index=True)
    with panel("open"):
        known = load(has_closings, setting.scope)
        note = None if rows.empty else t("village.open_order") if known else t("village.no_closings")
        show(build_panel_title(t("village.open_title"), note))
        draw_incidents(
            rows, setting, export_name=f"open_incidents_{place.code}", title=t("village.open_title"),
            filters=f"{place.name} · {setting.day}", empty=t("village.open_empty"))


def draw_compare(setting, place, title, note, rows, empty, name) -> None:
    with panel(name):
        show(build_panel_title(title, note))
        draw_table(
            rows, compare_columns(rows, place.code), export_name=f"{name}_{place.code}", empty=empty, n_shown=40,
            note=setting.note(title, f"{place.name} · {note}"))


def draw_place(setting, place) -> None:
    draw_way(place, setting)
    ever, now = replace(EVER, place_code=place.code), setting.as_of or setting.day
    if place.valid_to is not None and place.valid_to <= setting.day:
        show(build_notice(t("village.ended", day=place.valid_to), is_warning=True))
    open_now = load(count_open_by_place, setting.scope, ever, place.level, now)
    show(build_cards(place_view.list_cards(place, open_now, setting)))
    left, right = st.columns([5, 3])
    with left:
        draw_weeks(setting, place)
        with panel("works"):
            show(build_panel_title(t("village.works_title")))
            draw_works(load(list_works, setting.scope, place.code, setting.day), setting, place)
    with right:
        draw_facts(setting, place)
    draw_open(setting, place, ever, now)
    note = place_compare.describe_window(setting)
    tables = [(t("village.neighbours_title"), find_neighbours(place, setting), "neighbours"),
              (t("village.children"), find_children(place, setting), "children")]
    shown = [one for one in tables if one[2] == "neighbours" or not one[1].empty]
    for column, (title, rows, name) in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            draw_compare(setting, place, title, note, rows, t("village.neighbours_empty"), name)


setting = read_setting()
code = session.read_param("place", session.place_code, None)
draw_header("village.title", "village.purpose")
require(setting.scope, "view_overview")
last_day = load(find_last_day, setting.scope, code, setting.day) if code else None
if code is None:
    draw_chooser(setting)
elif last_day is not None:
    draw_place(setting, load(get_place, setting.scope, code, last_day))
elif load(find_last_day, SYSTEM, code, setting.day) is not None:
    faults.draw_refusal(t("village.refused"))
else:
    faults.draw_empty(t("village.not_found", code=code))
    draw_chooser(setting)
