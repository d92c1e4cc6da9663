"""Quiet streaks: days without a dispute that left the village, never without the reports that carry them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.queries.coverage import WINDOW_WEEKS
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_levels, list_places
from govdesk.queries.quiet_streaks import (
    CHECK,
    EVENTS,
    LEAST_EVIDENCE,
    NO_DATA,
    QUIET,
    STATES,
    find_streaks,
    has_levels,
    list_departures,
    list_villages,
    read_heard,
    sum_states,
)
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.downloads import describe_filters, window_of
from govdesk.ui.formats import NOTHING, is_known, write_day, write_share
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

#: A mark for each state, so that colour or place alone never says it.
MARKS = {QUIET: "●", CHECK: "◐", NO_DATA: "○", EVENTS: "▲"}


def draw_quiet_streaks(setting: Setting, filters: IncidentFilter) -> None:
    """Draw how many villages are in which state by township, and each village with its evidence.

    Parameters
    ----------
    setting : Setting
        Who reads.
    filters : IncidentFilter
        Of it count the weeks, the place and the kinds of village; it is always about all disputes.
    """
    as_of = setting.as_of
    if as_of is None:
        return
    with panel("quiet"):
        if not load(has_levels, setting.scope):
            show(build_panel_title(t("quiet.title")))
            show(tag("p", t("quiet.not_recorded"), class_="gd-empty"))
            return
        only = IncidentFilter(filters.week_from, filters.week_to, place_code=filters.place_code, kinds=filters.kinds)
        departures = load(list_departures, setting.scope, as_of)
        streaks = find_streaks(
            load(list_villages, setting.scope, only), departures, load(read_heard, setting.scope, as_of), only)
        words = describe_filters(setting, only)
        show(build_panel_title(write_finding(streaks), words))
        if streaks.empty:
            show(tag("p", t("quiet.no_places"), class_="gd-empty"))
            return
        show(tag("p", _say_counting(departures, only), class_="gd-muted gd-small"))
        names = _name_parents(setting)
        _draw_townships(setting, sum_states(streaks), names, words)
        _draw_villages(setting, streaks, names, words)


def write_finding(streaks: pd.DataFrame) -> str:
    """Return the finding: how many villages are in which of the four states, of how many."""
    counts = streaks["state"].value_counts()
    return t("quiet.finding", n=f"{len(streaks):,}", **{state: f"{int(counts.get(state, 0)):,}" for state in STATES})


def _say_counting(departures: pd.DataFrame, filters: IncidentFilter) -> str:
    first, last = window_of(filters)
    inside = departures[(departures["day"] >= pd.Timestamp(first)) & (departures["day"] <= pd.Timestamp(last))]
    n_apart = int(((inside["place_code"] == "") & inside["is_known"]).sum())
    return t("quiet.counting", least=f"{LEAST_EVIDENCE:.0%}", weeks=WINDOW_WEEKS, n_apart=f"{n_apart:,}")


def _name_parents(setting: Setting) -> dict[str, str]:
    names: dict[str, str] = {}
    for level in load_common(list_levels):
        places = load(list_places, setting.scope, level, setting.day)
        names |= {code: clean_text(name, 30) for code, name in zip(places["code"], places["name"], strict=True)}
    return names


def _draw_townships(setting: Setting, sums: pd.DataFrame, names: Mapping[str, str], words: str) -> None:
    if len(sums) < 2:
        return
    rows = sums.assign(name=[names.get(code, code) for code in sums["parent_code"]])
    columns = (
        Column("name", t("table.place"), href=lambda row: address("/village", place=row["parent_code"])),
        Column("n_places", t("quiet.n_places"), "count"),
        *(Column(state, f"{MARKS[state]} {t(f'quiet.state_{state}')}", "count") for state in STATES))
    draw_table(rows, columns, export_name="quiet_townships", empty=t("quiet.no_places"),
               note=setting.note(t("quiet.title"), words), n_shown=40)


def _draw_villages(setting: Setting, streaks: pd.DataFrame, names: Mapping[str, str], words: str) -> None:
    parents = sorted(streaks["parent_code"].dropna().unique())
    shown = streaks
    if len(parents) > 1:
        chosen = st.selectbox(
            t("quiet.choose"), ["", *parents], key="quiet_parent", width=240, placeholder=t("frame.choose"),
            format_func=lambda code: names.get(code, code) if code else t("quiet.all"))
        shown = streaks if not chosen else streaks[streaks["parent_code"] == chosen]
    title = t("quiet.villages_title")
    show(build_panel_title(title, t("quiet.order")))
    draw_table(write_rows(shown, names), _village_columns(), export_name="quiet_villages",
               note=setting.note(title, words), empty=t("quiet.no_places"))


def write_rows(streaks: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the villages as the table shows them; without data there is no length of a streak to show."""
    nothing = streaks["state"] == NO_DATA
    days = [NOTHING if missing else (t("quiet.at_least", n=f"{n:,}") if open_ended else f"{n:,}")
            for n, open_ended, missing in zip(streaks["n_days"], streaks["is_at_least"], nothing, strict=True)]
    return streaks.assign(
        parent=[names.get(code, "") if is_known(code) else "" for code in streaks["parent_code"]],
        state_name=[f"{MARKS[state]} {t(f'quiet.state_{state}')}" for state in streaks["state"]],
        days=days,
        evidence=[f"{heard}/{weeks}" for heard, weeks in zip(streaks["n_heard"], streaks["n_weeks"], strict=True)],
        recent=[f"{heard}/{n}" for heard, n in zip(streaks["n_recent_heard"], streaks["n_recent"], strict=True)],
        last=[write_day(day) if is_known(day) else t("quiet.none_on_record") for day in streaks["last_left"]])


def _village_columns() -> tuple[Column, ...]:
    return (
        Column("name", t("table.name"), href=lambda row: address("/village", place=row["code"]),
               muted=lambda row: row["parent"] or None),
        Column("state_name", t("quiet.state"), muted=_doubt),
        Column("days", t("quiet.days")),
        Column("evidence", t("quiet.evidence"), muted=_evidence_share),
        Column("recent", t("quiet.recent", n=WINDOW_WEEKS), is_narrow=False),
        Column("last", t("quiet.last_left"), is_narrow=False),
        Column("n_left", t("quiet.n_left"), "count", is_narrow=False),
    )


def _evidence_share(row: Mapping[str, Any]) -> str | None:
    return write_share(row["n_heard"], row["n_weeks"]) if row["n_weeks"] else None


def _doubt(row: Mapping[str, Any]) -> str | None:
    return t("quiet.unknown_levels", n=row["n_unknown"]) if row["n_unknown"] else None
