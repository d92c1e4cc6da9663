"""Handover 交接班: what the next shift must know, signed out, signed for, and the earlier ones as they were."""

from datetime import datetime

import streamlit as st

from govdesk.clock import now
from govdesk.queries.handover import find_from, list_handovers, list_notes, read_handover_facts
from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.ui import faults, handover_acts, handover_view
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_instant
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_loop
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import Setting, read_setting


def draw_now(setting: Setting, at: datetime) -> None:
    from_at = load_loop(find_from, setting.scope, at)
    facts = load_loop(read_handover_facts, setting.scope, from_at, at)
    notes = load_loop(list_notes, setting.scope)
    earlier = load_loop(list_handovers, setting.scope)
    window = t("handover.window", first=write_instant(from_at), last=write_instant(at))
    if facts.is_stale:
        show(build_notice(t("handover.stale", at=write_instant(facts.data_as_of)), is_warning=True))
    show(handover_view.build_figures(facts, setting.words))
    may_sign = allows(setting.scope, "sign_handover")
    with panel("handover-now"):
        show(build_panel_title(t("handover.now"), f"{setting.area} · {window}"))
        show(handover_view.build_lists(facts, notes, setting, is_live=True))
        show(tag("p", t("handover.how"), class_="gd-muted gd-small"))
    handover_acts.draw_waiting(setting, earlier)
    if may_sign:
        left, right = st.columns(2)
        with left, panel("handover-note", fills=True):
            handover_acts.draw_note(setting, facts)
        with right, panel("handover-sign", fills=True):
            handover_acts.draw_sign_out(setting, earlier)
    with panel("handover-earlier"):
        draw_earlier(setting, earlier)


def draw_earlier(setting: Setting, earlier) -> None:
    show(build_panel_title(t("handover.earlier"), t("handover.earlier_note")))
    if not earlier:
        show(tag("p", t("handover.none"), class_="gd-empty"))
    for signed in earlier:
        show(tag("p", handover_view.build_signed(signed)))
        with st.expander(t("handover.window", first=write_instant(signed.from_at), last=write_instant(signed.to_at))):
            if signed.remark:
                show(build_notice(signed.remark))
            show(handover_view.build_figures(signed.facts, setting.words))
            show(handover_view.build_lists(signed.facts, signed.notes, setting))


setting = read_setting()
draw_header("handover.title", "handover.purpose")
if not allows(setting.scope, "view_handover"):
    faults.draw_refusal(t("handover.refused", role=t(f"term.role_{setting.scope.role}")))
elif not load(find_roots, setting.scope, setting.day):
    faults.draw_empty(t("handover.no_places"), command="python manage.py import-places FILE.csv --commit")
else:
    handover_acts.draw_done()
    draw_now(setting, now().replace(second=0, microsecond=0))
