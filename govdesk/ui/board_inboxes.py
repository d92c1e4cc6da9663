"""The inboxes as cards, counts first; the late one is the biggest. They count themselves anew every half minute."""

import streamlit as st

from govdesk.queries.inboxes import BoardFilter, Inbox, InboxCounts, count_inboxes
from govdesk.rules.access import Scope
from govdesk.rules.clock_bands import TimeBand
from govdesk.terms import Role
from govdesk.ui import faults, session
from govdesk.ui.board_state import View, drop_list, find_cuts
from govdesk.ui.clock_words import build_band
from govdesk.ui.formats import write_count, write_share
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_now
from govdesk.ui.markup import Html, show, tag
from govdesk.ui.setting import Setting

#: Seconds between two counts.
REFRESH = 30

#: Nobody of these decides about an extension.
_NOT_DECIDING = frozenset({Role.TOWNSHIP, Role.DEPARTMENT})


def list_inboxes(scope: Scope, filters: BoardFilter) -> list[Inbox]:
    """Return the inboxes that an account has use for, in the order of the board.

    Revisits are planned by closings, whatever is looked for among what is open: under a filter they are left out.
    """
    left_out = set() if filters == BoardFilter() else {Inbox.REVISIT}
    if scope.role is Role.DEPARTMENT:
        left_out |= {Inbox.TRIAGE, Inbox.REVISIT}
    if scope.role in _NOT_DECIDING:
        left_out.add(Inbox.EXTENSION)
    return [inbox for inbox in Inbox if inbox not in left_out]


@st.fragment(run_every=REFRESH)
def draw_inboxes(setting: Setting, view: View, revisits: tuple[int, int]) -> None:
    """Draw the cards; a click opens an inbox.

    Parameters
    ----------
    revisits : (int, int)
        Incidents to revisit today, and those whose day has passed; they change by the day, not by the half minute.
    """
    session.go_on()
    with faults.calm():
        counts = load_now(count_inboxes, setting.scope, view.filters, find_cuts())
        counts.counts[Inbox.REVISIT] = sum(revisits)
        inboxes = list_inboxes(setting.scope, view.filters)
        with st.container(key="gd-inboxes", horizontal=True):
            for place, inbox in enumerate(inboxes, start=1):
                _draw_card(inbox, counts, revisits, place, is_open=inbox is view.inbox)
        show(tag("p", t("board.counts_note", n=write_count(counts.n_open), no_due=write_count(counts.n_no_due)),
                 class_="gd-muted gd-small"))


def _draw_card(inbox: Inbox, counts: InboxCounts, revisits: tuple[int, int], place: int, *, is_open: bool) -> None:
    n, name = counts.counts[inbox], t(f"board.inbox_{inbox}")
    with st.container(key=f"gd-inbox-{inbox}"):
        show(_build_card(inbox, counts, revisits, place, is_open=is_open))
        # The button lies over the whole card: a card is reached by Tab, by its number and by a click anywhere on it.
        if st.button(t("board.inbox_open", name=name, n=write_count(n)), key=f"inbox_{inbox}", shortcut=str(place),
                     width="stretch"):
            session.write_params(inbox=inbox.value)
            drop_list()
            st.rerun()


def _build_card(inbox: Inbox, counts: InboxCounts, revisits: tuple[int, int], place: int, *, is_open: bool) -> Html:
    n = counts.counts[inbox]
    is_alarm = inbox is Inbox.LATE and n > 0
    letter = build_band(TimeBand.RED, session.language()) if is_alarm else None
    names = ["gd-inbox", "gd-inbox-red" if is_alarm else "", "gd-inbox-open" if is_open else ""]
    return tag(
        "div", tag("div", letter, " " if letter else None, t(f"board.inbox_{inbox}"),
                   tag("kbd", place, class_="gd-inbox-key"), class_="gd-inbox-name"),
        tag("div", write_count(n), tag("span", f" {t('board.unit')}", class_="gd-unit")
                   if inbox is Inbox.LATE else None, class_="gd-inbox-count"),
        tag("div", _describe(inbox, counts, revisits), class_="gd-muted gd-small"),
        class_=" ".join(one for one in names if one))


def _describe(inbox: Inbox, counts: InboxCounts, revisits: tuple[int, int]) -> object:
    """Return what a count is compared with, or of whom it waits."""
    if inbox is Inbox.LATE:
        return t("board.about_late", share=write_share(counts.counts[inbox], counts.n_open),
                 n=write_count(counts.n_open))
    if inbox is Inbox.SOON:
        return t("board.about_soon", orange=write_count(counts.n_orange), yellow=write_count(counts.n_yellow))
    if inbox is Inbox.IN_HAND:
        return t("board.about_in_hand", n=write_count(counts.counts[Inbox.PAUSED]))
    if inbox is Inbox.REVISIT:
        return t("board.about_revisit", due=write_count(revisits[0]), late=write_count(revisits[1]))
    return t(f"board.about_{inbox}")
