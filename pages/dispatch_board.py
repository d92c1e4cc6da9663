"""Dispatch board 事件流转: what waits for whom, and the next step of each."""

import streamlit as st

from govdesk.clock import today
from govdesk.queries.inboxes import Inbox, count_inboxes
from govdesk.queries.incidents import get_incident
from govdesk.queries.revisits_due import read_revisits_due
from govdesk.rules.access import allows
from govdesk.terms import Role
from govdesk.ui import board_batch, faults, session, step_panel, trail
from govdesk.ui.board_filters import draw_filters
from govdesk.ui.board_inboxes import draw_inboxes, list_inboxes
from govdesk.ui.board_rows import draw_rows
from govdesk.ui.board_state import View, hold_list, read_opened, read_view
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.redrawing import work_alone
from govdesk.ui.setting import Setting, read_setting

#: Which inbox an account comes for.
FIRST = {Role.TOWNSHIP: Inbox.ACCEPT, Role.DEPARTMENT: Inbox.ACCEPT, Role.LEADER: Inbox.LATE}


def draw_opened(setting: Setting, number: int) -> None:
    facts = load(get_incident, setting.scope, number)
    if facts is None:
        trail.note_missing("open", number)
        show(tag("p", t("board.gone"), class_="gd-empty"))
        return
    title = link(clean_text(facts.source_ref), address("/incident", id=number))
    show(tag("h2", title, tag("span", t("board.whole"), class_="gd-muted gd-small"), class_="gd-panel-title"))
    if facts.summary:
        show(tag("p", clean_text(facts.summary), class_="gd-small"))
    step_panel.draw_panel(setting, number, facts.source_ref)
    st.button(t("board.shut"), key="board_shut", on_click=session.write_params, kwargs={"open": None},
              shortcut="Esc", type="tertiary")


@work_alone
def draw_work(setting: Setting, view: View, n_revisits: int) -> None:
    step_panel.draw_outcome(setting)
    board_batch.draw_outcome(setting)
    held, opened = hold_list(setting, view), read_opened()
    counts = load(count_inboxes, setting.scope, view.filters, held.cuts).counts | {Inbox.REVISIT: n_revisits}
    left, right = st.columns([7, 3])
    with left, panel("board-rows"):
        chosen = draw_rows(setting, held, counts[view.inbox], opened)
    with right, st.container(key="gd-board-side"):
        if chosen:
            with panel("board-batch"):
                board_batch.draw_batch(setting, chosen)
        if opened is not None:
            with panel("board-step"):
                draw_opened(setting, opened)
        if not chosen and opened is None:
            with panel("board-hint"):
                show(build_panel_title(t("board.hint_title")))
                show(tag("p", t("board.hint" if allows(setting.scope, "take_step") else "board.hint_reading")))
                show(tag("p", t("board.keys"), class_="gd-muted gd-small"))


def draw_board(setting: Setting) -> None:
    view = read_view(FIRST.get(setting.scope.role, Inbox.TRIAGE))
    inboxes = list_inboxes(setting.scope, view.filters)
    if view.inbox not in inboxes:
        session.write_params(inbox=None)
        view = View(inboxes[0], view.filters)
    revisits = load(read_revisits_due, setting.scope, today(), limit=0) if Inbox.REVISIT in inboxes else None
    waiting = (0, 0) if revisits is None else (revisits.n_due, revisits.n_late)
    draw_inboxes(setting, view, waiting)
    draw_filters(setting, view)
    draw_work(setting, view, sum(waiting))
    with st.expander(t("board.how_title")):
        show(tag("p", t("board.how"), class_="gd-small"))


setting = read_setting()
draw_header("board.title", "board.purpose")
if not allows(setting.scope, "view_board"):
    faults.draw_refusal(t("board.refused", role=t(f"term.role_{setting.scope.role}")))
elif setting.as_of is None:
    faults.draw_empty(t("board.empty"), command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    draw_board(setting)
