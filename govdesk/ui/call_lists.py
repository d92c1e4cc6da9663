"""Below the calls that go on: how long units took, and the calls that have ended."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from govdesk.clock import day_start, local_day, today, week_of
from govdesk.queries.call_times import TIMED, HopTimes, read_call_times
from govdesk.queries.calls import CallFacts, list_calls
from govdesk.terms import CallHop
from govdesk.ui.call_view import name_where, write_wait
from govdesk.ui.cards import build_panel_title
from govdesk.ui.export import hide_small_categories
from govdesk.ui.formats import write_share, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.tables import Column, draw_table

#: Days of calls whose times are counted, and of ended calls that are listed.
DAYS = 90


def draw_times(setting: Setting) -> None:
    """Draw how long each unit took, from the calls of the last `DAYS` days."""
    first = today() - timedelta(days=DAYS)
    times = load_loop(read_call_times, setting.scope, day_start(first), day_start(today() + timedelta(days=1)))
    window = t("calls.window", first=first, last=today())
    show(build_panel_title(t("calls.times"), window))
    if times.n_calls:
        show(tag("p", t("calls.times_sum", n=times.n_calls, joint=times.n_joint)))
    rows = pd.DataFrame([
        {"code": unit.code, "name": unit.name, "n_called": unit.n_called, "n_lead": unit.n_lead}
        | {f"{hop}_minutes": _write_median(unit.times[hop]) for hop in TIMED}
        | {f"{hop}_in_time": _write_in_time(unit.times[hop]) for hop in TIMED}
        for unit in times.units
    ])
    columns = (
        Column("name", t("calls.unit")), Column("n_called", t("calls.n_called"), "count"),
        Column("n_lead", t("calls.n_lead"), "count", is_narrow=False),
        *(Column(f"{hop}_minutes", t("calls.time_of", hop=write_term("hop", hop, setting.words)), "rate",
                 muted=_in_time_of(hop)) for hop in TIMED))
    draw_table(rows, columns, export_name="call_times", note=setting.note(t("calls.times"), window),
               empty=t("calls.no_times"))
    show(tag("p", t("calls.times_how"), class_="gd-muted gd-small"))


def _in_time_of(hop: CallHop) -> Any:
    return lambda row: t("calls.in_time", share=row[f"{hop}_in_time"])


def _write_median(times: HopTimes) -> str:
    if times.minutes is None:
        return t("calls.n_times", n=times.n)
    return t("calls.median", wait=write_wait(timedelta(minutes=times.minutes)), n=times.n)


def _write_in_time(times: HopTimes) -> str:
    return write_share(times.n_due - times.n_late, times.n_due)


def draw_ended(setting: Setting) -> None:
    """Draw the calls of the last `DAYS` days that have ended, newest first."""
    first = today() - timedelta(days=DAYS)
    calls = load_loop(list_calls, setting.scope, is_open=False, since=day_start(first))
    window = t("calls.window", first=first, last=today())
    show(build_panel_title(t("calls.ended"), window))
    names = name_categories(setting.words)
    rows = pd.DataFrame([_describe(call, names, setting.words) for call in calls])
    columns = (
        Column("called_at", t("calls.called_at"), "instant"),
        Column("where", t("calls.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("category", t("calls.category")), Column("severity", t("calls.severity"), is_narrow=False),
        Column("units", t("calls.units")), Column("outcome", t("calls.outcome"), muted=_said),
        Column("lasted", t("calls.lasted"), is_narrow=False), Column("by", t("calls.ended_by"), is_narrow=False),
    )
    draw_table(rows, columns, export_name="calls", note=setting.note(t("calls.ended"), window),
               empty=t("calls.none_ended"), n_shown=10, prepare_export=lambda kept: hide_small_categories(
                   kept, place="place_code", week="week", category="category", n=None, words=setting.words))


def _describe(call: CallFacts, categories: dict[str, str], words: str) -> dict[str, Any]:
    lead = next((unit for unit in call.units if unit.is_lead), None)
    last = lead.find(CallHop.RELEASE) if lead else None
    names = [t("calls.lead_of", unit=unit.name) if unit.is_lead and call.is_joint else unit.name for unit in call.units]
    return {
        "called_at": call.called_at, "where": name_where(call), "place_code": call.place_code,
        "week": week_of(local_day(call.called_at)), "category": categories.get(call.category or "", call.category),
        "severity": t(f"calls.severity_{call.severity}"), "units": clean_text(t("calls.list_mark").join(names)),
        "outcome": write_term("call", call.outcome, words), "note": last.note if last else None,
        "lasted": write_wait((call.ended_at or call.called_at) - call.called_at),
        "by": name_post(call.ended_by) if call.ended_by else "",
    }


def _said(row: Mapping[str, Any]) -> str | None:
    return clean_text(row["note"]) if row["note"] else None
