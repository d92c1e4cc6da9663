"""The sidebar: whose desk this is, search, menu, who is in."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from govdesk.rules.access import Scope, allows
from govdesk.terms import SignInMethod
from govdesk.ui import loaders, menu, session, signed_in
from govdesk.ui.backup_notice import draw_backup_notice
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import tag
from govdesk.ui.purpose import draw_purpose
from govdesk.ui.search_box import draw_search_box


def draw_sidebar(pages: dict[str, list[StreamlitPage]], scope: Scope | None) -> None:
    """Draw it inside the caller's container; without a scope nothing but the menu."""
    _draw_title()
    if scope is not None and allows(scope, "view_incidents"):
        draw_search_box()
    menu.draw_menu(pages, scope)
    if scope is not None:
        draw_backup_notice(scope)
        draw_purpose()
    _draw_account()


def _draw_title() -> None:
    properties = loaders.load_properties()
    name = properties.title_zh if session.language() == "zh" else properties.title_en or properties.title_zh
    desk = t("frame.desk_of", county=name) if name else t("frame.desk")
    product = tag("div", t("frame.product"), class_="gd-product")
    st.html(tag("div", product, tag("div", desk, class_="gd-muted gd-small"), class_="gd-brand"))


def _draw_account() -> None:
    who = session.who_is_in()
    if who is None:
        return
    role = term("role", who.scope.role)
    title = who.title if who.title not in (role, who.scope.role) else ""
    method = t(f"sign_in.method_{who.method}")
    st.html(tag(
        "section", tag("div", t("sign_in.own_account"), class_="gd-muted gd-small"), tag("strong", title or role),
        tag("div", " · ".join(part for part in (role if title else "", method) if part), class_="gd-muted gd-small"),
        class_="gd-account"))
    base = session.base_path()
    if who.method is SignInMethod.DEMO:
        links = tag("a", t("sign_in.change_role"), href=f"{base}/login?again=1", target="_self")
    else:
        links = tag("a", t("sign_in.change_password"), href=f"{base}/login/password", target="_self")
    st.html(tag("div", links, class_="gd-small gd-account-link"))
    if st.button(t("sign_in.sign_out"), key="sign_out", width="stretch"):
        signed_in.leave(who)
        session.go_to_login()
