"""Part of the page of visits: this week's list and lot as orders to confirm; owner and day can be changed before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from govdesk.actions.visit_order_checks import Item
from govdesk.actions.visit_orders import VisitsOrdered, order_visits
from govdesk.clock import day_start, monday_of, today, week_label
from govdesk.queries.places import list_places
from govdesk.queries.visit_orders import Proposal, list_ordered, list_owner_units, read_proposal
from govdesk.queries.visits import last_contacts, lot_seed
from govdesk.rules.access import allows
from govdesk.rules.visit_orders import Proposed
from govdesk.storage.engine import get_engine
from govdesk.terms import Level, VisitReason
from govdesk.ui import clicks, session
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_loop, load_properties
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, build_table
from govdesk.ui.visit_orders_part import choose_day, choose_unit

FORM = "visit_proposal"
_LONGEST = 40

#: What was changed before confirming: (village, reason) → unit, day, whether it is ordered at all.
Draft = dict[tuple[str, str], tuple[str | None, date, bool]]


def draw_proposal(setting: Setting) -> None:
    """Draw what is proposed, for accounts that order visits; nothing where all of it is ordered."""
    if not allows(setting.scope, "order_visits"):
        return
    seed = lot_seed(load_properties())
    proposal = load(read_proposal, setting.scope, today(), setting.as_of or day_start(today()), seed)
    ordered = load_loop(list_ordered, setting.scope, proposal.week)
    proposal = replace(proposal, items=tuple(
        one for one in proposal.items if (one.place_code, one.reason) not in ordered))
    if not proposal.items and session.find_sent(FORM) is None and proposal.list_of == monday_of(proposal.week):
        return
    with panel("visit-proposal"):
        show(build_panel_title(t("visit_orders.proposal", week=week_label(proposal.week))))
        _draw_sent()
        _tell_list(proposal)
        if proposal.items:
            _draw_items(setting, proposal)


def _draw_sent() -> None:
    """Say what became of the click on "confirm"."""
    sent = clicks.tell(FORM, "visit_orders")
    if not isinstance(sent, VisitsOrdered):
        return
    session.forget_draft(FORM)
    words = t("visit_orders.sent", n=sent.n_new)
    if sent.n_existing:
        words += t("visit_orders.sent_existing", n=sent.n_existing, by=name_post(sent.existing_by))
    show(build_notice(words, is_warning=not sent.n_new))


def _tell_list(proposal: Proposal) -> None:
    """Say why no village of a list is proposed, where this week's list was not made."""
    if proposal.list_of is None:
        show(build_notice(t("visit_orders.no_list"), is_warning=True))
    elif proposal.list_of != monday_of(proposal.week):
        show(build_notice(t("visit_orders.old_list", day=proposal.list_of), is_warning=True))


def _draw_items(setting: Setting, proposal: Proposal) -> None:
    kept = session.find_draft(FORM)
    draft: Draft = dict(kept) if isinstance(kept, dict) else {}
    villages = load(list_places, setting.scope, Level.VILLAGE, today())
    names = dict(zip(villages["code"], villages["name"], strict=True))
    top = st.container()  # the button stands above, and depends on what is changed below it
    _draw_editor(setting, proposal, names, draft)
    items = [_apply(one, draft) for one in proposal.items]
    chosen = [one for one, is_in in items if is_in]
    with top:
        alerts = sum(one.reason == VisitReason.ALERT for one in chosen)
        show(tag("p", t("visit_orders.proposal_note", n=len(chosen), alerts=alerts, drawn=len(chosen) - alerts,
                        out=len(items) - len(chosen)), " ",
                 link(t("visit_orders.to_warning"), address("/early_warning")), class_="gd-muted gd-small"))
        wanted = [Item(one.place_code, one.reason, one.owner_unit, None, one.due_on) for one in chosen]
        st.button(t("visit_orders.confirm", n=len(chosen)), type="primary", key="visit_proposal_confirm",
                  disabled=not chosen, on_click=clicks.do, args=(FORM, partial(
                      order_visits, get_engine(), by=setting.scope, week=proposal.week, items=wanted)))
    columns = (
        Column("place", t("visit_orders.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("reason", t("visit_orders.reason"), muted=lambda row: row["step"] or None),
        Column("owner", t("visit_orders.owner")), Column("due_on", t("visit_orders.due_on"), "day"),
        Column("last_text", t("visit_orders.last")))
    show(build_table(_describe(setting, items, names), columns, setting.words))


def _apply(one: Proposed, draft: Draft) -> tuple[Proposed, bool]:
    """Return a proposal as it was changed, and whether it is to be ordered."""
    changed = draft.get((one.place_code, one.reason))
    if changed is None:
        return one, True
    unit, day, is_in = changed
    return replace(one, owner_unit=unit, due_on=day), is_in


def _describe(setting: Setting, items: list[tuple[Proposed, bool]], names: Mapping[str, str]) -> pd.DataFrame:
    units = load(list_owner_units, setting.scope)
    owners = dict(zip(units["code"], units["name"], strict=True))
    contacts = load(last_contacts, setting.scope)
    last = dict(zip(contacts["place_code"], contacts["visited_on"], strict=True))
    return pd.DataFrame([{
        "place_code": one.place_code, "place": clean_text(names.get(one.place_code, one.place_code), _LONGEST),
        "reason": t(f"visits.reason_{one.reason}"),
        "step": _say_way(one.step) if is_in else t("visit_orders.left_out"),
        "owner": clean_text(owners.get(one.owner_unit or "", one.owner_unit or t("visit_orders.no_owner")), _LONGEST),
        "due_on": pd.Timestamp(one.due_on),
        "last_text": write_day(last[one.place_code]) if one.place_code in last else t("visits.never")}
        for one, is_in in items])


def _say_way(step: str) -> str:
    """Return how to go there, where it is not simply to go: nearly all rows would say the same."""
    return "" if step in ("visit", "sample") else t(f"visit_orders.step_{step}")


def _draw_editor(setting: Setting, proposal: Proposal, names: Mapping[str, str], draft: Draft) -> None:
    """Draw the fields of one village of the proposal; what stands in them is kept until it is confirmed."""
    places = {f"{one.reason}:{one.place_code}": one for one in proposal.items}
    with st.expander(t("visit_orders.edit")):
        chosen = st.selectbox(
            t("visit_orders.which"), list(places), index=None, key="visit_proposal_which",
            placeholder=t("frame.choose"), format_func=lambda name: clean_text(
                names.get(name.split(":", 1)[1], name), _LONGEST))
        if chosen is None:
            return
        one, name = places[chosen], chosen.split(":", 1)[1]
        key = (one.place_code, one.reason)
        unit, day, is_in = draft.get(key, (one.owner_unit, one.due_on, True))
        left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
        with left:
            unit = choose_unit(setting, unit, f"visit_proposal_unit_{name}")
        with middle:
            day = choose_day(day, f"visit_proposal_day_{name}") or day
        with right:
            if one.reason == VisitReason.SAMPLE:  # nobody chooses among those drawn
                show(tag("p", t("visit_orders.lot_whole"), class_="gd-muted gd-small"))
            else:
                is_in = not st.checkbox(t("visit_orders.leave_out"), value=not is_in, key=f"visit_proposal_out_{name}")
        draft[key] = (unit, day, is_in)
        session.keep_draft(FORM, draft)
