"""The sidebar: whose desk this is, search, menu, local account."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from govdesk.rules.access import Scope, allows
from govdesk.ui import accounts, loaders, menu, session
from govdesk.ui.backup_notice import draw_backup_notice
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import tag
from govdesk.ui.search_box import draw_search_box


def draw_sidebar(pages: dict[str, list[StreamlitPage]], scope: Scope | None) -> None:
    """Draw it inside the caller's container; without a scope only the account can be changed."""
    _draw_title()
    if scope is not None and allows(scope, "view_incidents"):
        draw_search_box()
    menu.draw_menu(pages, scope)
    if scope is not None:
        draw_backup_notice(scope)
    _draw_account()


def _draw_title() -> None:
    properties = loaders.load_properties()
    name = properties.title_zh if session.language() == "zh" else properties.title_en or properties.title_zh
    desk = t("frame.desk_of", county=name) if name else t("frame.desk")
    product = tag("div", t("frame.product"), class_="gd-product")
    st.html(tag("div", product, tag("div", desk, class_="gd-muted gd-small"), class_="gd-brand"))


def _draw_account() -> None:
    active = {account.code: account for account in accounts.list_active()}
    current = session.account_code()
    if current is None:
        st.caption(t("frame.no_account"))
        return

    def name(code: str) -> str:
        account = active[code]
        title = "" if account.title == account.role else account.title
        return " · ".join(part for part in (term("role", account.role), title) if part)

    key = "account_choice"
    st.session_state[key] = current
    st.selectbox(t("frame.account"), list(active), format_func=name, key=key, help=t("frame.account_help"),
                 placeholder=t("frame.choose"), on_change=lambda: session.choose_account(st.session_state[key]))
