"""The filters of the board: stream, township, handling unit, severity; all of them stand in the address."""

from collections.abc import Mapping

import streamlit as st

from govdesk.clock import today
from govdesk.queries.places import list_places
from govdesk.terms import Level, Role, Stream
from govdesk.ui import session
from govdesk.ui.board_state import View, drop_list
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting
from govdesk.ui.step_form import name_units


def draw_filters(setting: Setting, view: View) -> None:
    """Draw the filters that an account has a choice in."""
    filters, role = view.filters, setting.scope.role
    streams = {one.value: write_term("stream", one, setting.words) for one in Stream}
    severities = {str(n): t(f"board.severity_{n}") for n in (1, 2, 3, 4)}
    with st.container(key="gd-board-filters", horizontal=True, vertical_alignment="bottom"):
        _choose("stream", streams, filters.stream)
        if role not in (Role.TOWNSHIP,):
            townships = load(list_places, setting.scope, Level.TOWNSHIP, today())
            names = {str(code): clean_text(name) for code, name in
                     zip(townships["code"], townships["name"], strict=True)}
            _choose("place", names, filters.place_code)
        if role is not Role.DEPARTMENT:
            _choose("unit", name_units(), filters.unit_code)
        _choose("severity", severities, None if filters.severity is None else str(filters.severity))


def _choose(name: str, words: Mapping[str, str], chosen: str | None) -> None:
    codes = list(words) if chosen is None or chosen in words else [*words, chosen]
    found = st.selectbox(
        t(f"board.filter_{name}"), codes, index=None if chosen is None else codes.index(chosen),
        format_func=lambda code: words.get(code, code), placeholder=t("board.all"), key=f"board_{name}")
    if found != chosen:
        session.write_params(**{name: found})
        drop_list()
        st.rerun()
