"""The frame around every page: account, menu, search, and what a reader sees when something is wrong.

`app.py` serves this file. Pages are registered by their path in `menu`; there must never be a folder ``pages/``
beside this file, for Streamlit would run it without the frame (docs/adr/0004-frame.md).
"""

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from govdesk.metrics import timed_rerun
from govdesk.storage import database_check
from govdesk.terms import Role
from govdesk.ui import faults, loaders, menu, session, trail
from govdesk.ui.i18n import t
from govdesk.ui.sidebar import draw_sidebar
from govdesk.ui.wall import screen


def draw() -> None:
    """Draw the frame and run the page in it."""
    st.set_page_config(page_title=t("frame.product"), layout="wide", initial_sidebar_state="auto")
    session.begin()
    fault = database_check.find_fault()
    if fault is not None and session.is_embedded():
        st.navigation(menu.build_pages(), position="hidden")  # the page stays the one that was asked for
        screen.draw_fault()
        return
    if fault is not None:
        st.navigation(menu.build_pages(), position="hidden")  # the page stays the one that was asked for
        faults.draw_fault(fault)
        return
    pages = menu.build_pages()
    page = st.navigation(pages, position="hidden")
    try:
        loaders.begin()
        scope = session.settle_scope()
    except SQLAlchemyError as error:  # it went away since the last look
        if session.is_embedded():
            screen.draw_fault()
        else:
            faults.draw_error(error)
        return
    session.keep_page(page.url_path or "overview")
    if scope is None or (scope.role is Role.WALL and page.url_path != "wall_screen"):
        faults.draw_signed_out(session.base_path())  # what was open when the sign-in ended; the gate has its own door
        return
    if not (session.is_embedded() and page.url_path == "wall_screen"):
        with st.sidebar:
            draw_sidebar(pages, scope)
    trail.note_foreign_place(scope)
    with faults.calm(), timed_rerun(page.url_path or "overview"):
        page.run()
    session.write_cookies()


draw()
