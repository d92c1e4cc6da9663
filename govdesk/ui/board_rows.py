"""The rows of an inbox: chosen by a box, opened by their number; what lies in them is markup."""

from collections.abc import Iterable

import streamlit as st

from govdesk.queries.inbox_rows import BoardRow, describe_rows
from govdesk.queries.inboxes import Inbox
from govdesk.rules.access import allows
from govdesk.terms import Status
from govdesk.ui import loaders, session
from govdesk.ui.board_state import HeldList, drop_list, turn_page
from govdesk.ui.board_words import build_time_left, list_marks
from govdesk.ui.formats import is_known, write_count, write_day, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, clean_text, show, tag
from govdesk.ui.node_strip import build_strip
from govdesk.ui.setting import Setting, name_categories


def draw_rows(setting: Setting, held: HeldList, n_rows: int, opened: int | None) -> list[BoardRow]:
    """Draw one page of an inbox; return the rows that are chosen.

    Parameters
    ----------
    n_rows : int
        How many the inbox held when it was counted last.
    """
    rows = load(describe_rows, setting.scope, held.page.ids)
    if not rows:
        show(tag("p", t(f"board.empty_{held.view.inbox}"), class_="gd-empty"))
        return []
    can_choose = allows(setting.scope, "take_step")
    _draw_head(held, rows, n_rows, can_choose=can_choose)
    with st.container(key="gd-board-list", height=640, border=False, gap=None):
        show(_build_head())
        for row in rows:
            _draw_row(setting, held, row, can_choose=can_choose, is_open=row.id == opened)
    _draw_pages(setting, held)
    return [row for row in rows if can_choose and st.session_state.get(_pick(row.id))]


def _pick(incident_id: int) -> str:
    return f"pick_{incident_id}"


def forget_chosen(incident_ids: Iterable[int]) -> None:
    """Take the marks away from rows; before they are drawn."""
    for number in incident_ids:
        st.session_state[_pick(number)] = False


def choose_all(incident_ids: tuple[int, ...], *, is_chosen: bool) -> None:
    """Choose all rows of a page, or none."""
    for number in incident_ids:
        st.session_state[_pick(number)] = is_chosen


def _draw_head(held: HeldList, rows: tuple[BoardRow, ...], n_rows: int, *, can_choose: bool) -> None:
    ids = tuple(row.id for row in rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "board.rows_of_revisit" if held.view.inbox is Inbox.REVISIT else "board.rows_of"
        show(tag("h2", t(f"board.inbox_{held.view.inbox}"), tag("span", t(
            words, first=held.first, last=held.first + len(held.page.ids) - 1, n=write_count(n_rows)),
            class_="gd-muted gd-small"), class_="gd-panel-title"))
        if held.versions != loaders.versions():
            show(tag("span", t("board.changed"), class_="gd-muted gd-small"))
        st.button(t("board.refresh"), key="board_refresh", on_click=drop_list, shortcut="f", type="tertiary")
        if can_choose:
            st.button(t("board.choose_all"), key="choose_all", on_click=choose_all, args=(ids,),
                      kwargs={"is_chosen": True}, shortcut="a", type="tertiary")
            st.button(t("board.choose_none"), key="choose_none", on_click=choose_all, args=(ids,),
                      kwargs={"is_chosen": False}, shortcut="x", type="tertiary")


def _draw_pages(setting: Setting, held: HeldList) -> None:
    with st.container(horizontal=True):
        if len(held.before) > 1:
            st.button(t("board.page_back"), key="page_back", on_click=turn_page, args=(setting, held),
                      kwargs={"is_back": True}, shortcut="p")
        if held.page.after is not None:
            st.button(t("board.page_next"), key="page_next", on_click=turn_page, args=(setting, held),
                      kwargs={"is_back": False}, shortcut="n")


def _build_head() -> Html:
    names = ("time", "where", "what", "stands", "who")
    return tag("div", *(tag("span", t(f"board.head_{name}")) for name in names), class_="gd-row gd-row-head")


def _draw_row(setting: Setting, held: HeldList, row: BoardRow, *, can_choose: bool, is_open: bool) -> None:
    with st.container(key=f"gd-row-{row.id}", horizontal=True,
                      vertical_alignment="center", gap="small"):
        ref = clean_text(row.source_ref, 40)
        if can_choose:
            st.checkbox(t("board.choose_one", ref=ref), key=_pick(row.id), label_visibility="collapsed")
        st.button(ref, key=f"open_{row.id}", type="tertiary", on_click=session.write_params, kwargs={"open": row.id},
                  width="stretch")
        st.html(_build_row(setting, held, row, is_open=is_open), width="stretch")


def _build_time(held: HeldList, row: BoardRow) -> Html:
    planned = held.planned.get(row.id)
    if planned is None:
        return build_time_left(row.due_at, row.status, held.cuts)
    return tag("span", t("board.revisit_on", day=write_day(planned)))


def _build_row(setting: Setting, held: HeldList, row: BoardRow, *, is_open: bool) -> Html:
    words = setting.words
    where = " ".join(dict.fromkeys(clean_text(part) for part in (row.township_name, row.place_name) if is_known(part)))
    what = name_categories(words).get(row.category, row.category)
    severity = tag("span", t(f"board.grade_{row.severity}"),
                   class_="gd-severity" if row.severity == 1 else "gd-muted") if row.severity in (1, 2, 3, 4) else None
    marks = list_marks(row)
    return tag(
        "div",
        tag("span", _build_time(held, row)),
        tag("span", where or clean_text(row.place_code)),
        tag("span", what, tag("small", write_term("stream", row.stream, words), " " if severity else None, severity,
                              class_="gd-muted")),
        tag("span", build_strip(row.stands_in, words, is_paused=row.status == Status.PAUSED)),
        tag("span", clean_text(row.handling_unit_name or row.handling_unit or t("board.nobody")),
            tag("small", " · ".join(marks), class_="gd-muted") if marks else None),
        class_="gd-row gd-row-open" if is_open else "gd-row")
