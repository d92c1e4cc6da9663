"""Part of the page of visits: what is to be visited, by whom and until when; late ones first. And changing an order."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.actions.visit_orders import call_off, change_order
from govdesk.clock import today, week_of
from govdesk.queries.visit_orders import list_orders, list_owner_units
from govdesk.rules.access import allows
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.terms import VisitReason
from govdesk.ui import clicks
from govdesk.ui.cards import Card, build_cards, build_notice, build_panel_title
from govdesk.ui.formats import NOTHING, is_known, write_day
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_loop
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import MOST_ROWS, Column, draw_table

FORM = "visit_order"
_LONGEST = 40
#: Orders that are drawn even where none waits.
_FEWEST_SHOWN = 5


def draw_orders(setting: Setting) -> None:
    """Draw the counts, then the orders, late ones first; below them, for who orders, the form to change one."""
    rows = load_loop(list_orders, setting.scope, today())
    show(build_panel_title(t("visit_orders.title"), t("visit_orders.use")))
    if rows.empty:
        may = allows(setting.scope, "order_visits")
        show(tag("p", t("visit_orders.empty" if may else "visit_orders.empty_other"), class_="gd-empty"))
        return
    show(build_cards(_list_cards(rows)))
    shown = _write_rows(rows)
    may_record = allows(setting.scope, "record_visit")
    columns = (
        Column("state_text", t("visit_orders.state"), muted=lambda row: row["state_small"] or None),
        Column("place_text", t("visit_orders.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("reason_text", t("visit_orders.reason")),
        Column("owner_text", t("visit_orders.owner"), muted=lambda row: row["owner_small"] or None),
        Column("due_on", t("visit_orders.due_on"), "day"),
        Column("last_text", t("visit_orders.last"), muted=lambda row: row["last_small"] or None),
        Column("result_text", t("visit_orders.result"), href=lambda row: (
            address("/visits", order=row["id"]) if may_record and row["state"] in ("late", "open") else None)),
    )
    draw_table(shown, columns, export_name="visit_orders", empty=t("visit_orders.empty"),
               note=setting.note(t("visit_orders.title"), t("visits.use")),
               prepare_export=_spell_out, n_shown=_count_shown(rows))
    show(tag("p", t("visit_orders.how"), class_="gd-muted gd-small"))
    if allows(setting.scope, "order_visits"):
        _draw_change(setting, rows[rows["state"].isin(["late", "open"])])


def _count_shown(rows: pd.DataFrame) -> int:
    """Return how many orders are drawn: all that wait and this week's, up to the most a table holds; a few at least."""
    is_now = rows["state"].isin(["late", "open"]) | (rows["week"] == week_of(today()))
    return min(max(int(is_now.sum()), _FEWEST_SHOWN), MOST_ROWS)


def _list_cards(rows: pd.DataFrame) -> list[Card]:
    states, week = rows["state"].value_counts(), week_of(today())
    mine = rows[(rows["week"] == week) & ~rows["is_called_off"]]
    done = mine[mine["state"] == "done"]
    drawn = mine[mine["reason"] == VisitReason.SAMPLE.value]
    called = int((rows["is_called_off"] & (rows["week"] == week)).sum())
    return [
        *(Card(t(f"visit_orders.{state}"), str(int(states.get(state, 0))), t("visit_orders.unit"),
               (t(f"visit_orders.{state}_note"),)) for state in ("late", "open")),
        Card(t("visit_orders.done_week"), _part(len(done), len(mine)), "", (
            t("visit_orders.called_note", n=called) if len(mine) + called else t("visit_orders.none_week"),)),
        Card(t("visit_orders.lot_week"), _part(int((drawn["state"] == "done").sum()), len(drawn)), "", (
            t("visit_orders.lot_note"),)),
    ]


def _part(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else NOTHING


def _write_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the orders with what the screen says of each."""
    told = [_write_row(row) for row in rows.to_dict("records")]
    return pd.concat([rows, pd.DataFrame(told, index=rows.index)], axis=1)


def _write_row(row: Mapping[Any, Any]) -> dict[str, str]:
    late = (today() - row["due_on"].date()).days
    small = {
        "late": t("visit_orders.late_days", n=late),
        "called_off": t("visit_orders.called_why", by=name_post(row["called_off_by"]), why=clean_text(
            row["called_off_why"], _LONGEST)) if is_known(row["called_off_by"]) else "",
    }.get(row["state"], "")
    waits = row["state"] in ("late", "open")
    result = t("visit_orders.record") if waits else t(
        "visit_orders.visited", day=write_day(row["visited_on"])[5:], found=_word("visits.found", row["found"])) if (
        row["state"] == "done") else ""
    return {
        "state_text": t(f"visit_orders.state_{row['state']}"), "state_small": small,
        "place_text": clean_text(row["place"], _LONGEST), "reason_text": _word("visits.reason", row["reason"]),
        "owner_text": clean_text(row["owner"], _LONGEST),
        "owner_small": clean_text(row["owner_post"], _LONGEST) if is_known(row["owner_post"]) else "",
        "last_text": write_day(row["last_on"]) if is_known(row["last_on"]) else t("visits.never"),
        "last_small": _word("visits.found", row["last_found"]) if is_known(row["last_found"]) else "",
        "result_text": result,
    }


def _spell_out(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows for a file, which has no small print."""
    return table.assign(**{
        name: [f"{text} {small}".strip() for text, small in zip(table[name], table[under], strict=True)]
        for name, under in (("state_text", "state_small"), ("owner_text", "owner_small"), ("last_text", "last_small"))},
        result_text=["" if state in ("late", "open") else text for text, state in zip(
            table["result_text"], table["state"], strict=True)])


def _word(key: str, code: object) -> str:
    try:
        return t(f"{key}_{code}")
    except KeyError:
        return clean_text(code, _LONGEST)


def _draw_change(setting: Setting, waiting: pd.DataFrame) -> None:
    """Draw the form that gives an order to somebody else, or another day, or calls it off with a reason."""
    sent = clicks.tell(FORM, "visit_orders")
    if sent is not None:
        show(build_notice(t(f"visit_orders.sent_{sent}")))
    if waiting.empty:
        return
    names = {int(row.id): f"{clean_text(row.place, _LONGEST)} · {write_day(row.due_on)[5:]}"
             for row in waiting.itertuples()}
    with st.expander(t("visit_orders.change")):
        chosen = st.selectbox(t("visit_orders.which"), list(names), index=None, key="visit_order_which",
                              format_func=lambda one: names.get(one, str(one)), placeholder=t("frame.choose"))
        if chosen is None:
            return
        order = waiting[waiting["id"] == chosen].iloc[0]
        unit, day, why = (f"visit_order_{name}_{chosen}" for name in ("unit", "day", "why"))
        left, middle, right = st.columns([2, 1, 2])
        with left:
            choose_unit(setting, str(order["owner_unit"]), unit)
        with middle:
            choose_day(order["due_on"].date(), day)
            st.button(t("visit_orders.change_save"), key="visit_order_change", on_click=clicks.do,
                      args=(FORM, partial(_change, setting, order.to_dict(), unit, day)))
        with right:
            st.text_input(t("visit_orders.why"), key=why, max_chars=LONGEST_SUMMARY)
            st.button(t("visit_orders.call_off"), key="visit_order_off", on_click=clicks.do,
                      args=(FORM, partial(_call_off, setting, int(chosen), why)))


def _change(setting: Setting, order: Mapping[str, Any], unit_key: str, day_key: str) -> str:
    """Write the unit and day that stand in the fields; another unit has posts of its own."""
    unit, day = st.session_state.get(unit_key), st.session_state.get(day_key)
    post = order["owner_post_code"] if unit == order["owner_unit"] else None
    change_order(get_engine(), by=setting.scope, order_id=int(order["id"]), owner_unit=unit,
                 owner_post=str(post) if is_known(post) and post else None,
                 due_on=day if isinstance(day, date) else None)
    return "changed"


def _call_off(setting: Setting, order_id: int, why_key: str) -> str:
    why = str(st.session_state.get(why_key) or "")
    is_masked = call_off(get_engine(), by=setting.scope, order_id=order_id, why=why)
    return "called_off_masked" if is_masked else "called_off"


def choose_unit(setting: Setting, start: str | None, key: str) -> str | None:
    """Draw the units that a visit may be given to; return the code of the one chosen."""
    units = load(list_owner_units, setting.scope)
    names = dict(zip(units["code"], units["name"], strict=True))
    codes = list(names)
    found = st.selectbox(t("visit_orders.owner"), codes, index=codes.index(start) if start in names else None, key=key,
                         format_func=lambda code: clean_text(names.get(code, code), _LONGEST),
                         placeholder=t("frame.choose"))
    return None if found is None else str(found)


def choose_day(start: date, key: str) -> date | None:
    """Draw the day until which somebody goes there, from today on."""
    found = st.date_input(t("visit_orders.due_on"), value=max(start, today()), min_value=today(), key=key,
                          format="YYYY-MM-DD")
    return found if isinstance(found, date) else None
