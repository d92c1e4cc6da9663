"""The forms of the page of accounts: make one, change one, switch it, end its sign-ins, give it a way in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from govdesk.actions.accounts import change_account, end_all_sign_ins, make_account, switch_account
from govdesk.actions.change_password import make_one_time_password
from govdesk.clock import real_now, today
from govdesk.queries.account_states import list_areas, list_posts
from govdesk.rules.account_checks import LONGEST_RANGE, LONGEST_TITLE, ROLES, AccountForm
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.terms import Role
from govdesk.ui import session
from govdesk.ui.call_acts import name_units
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show
from govdesk.ui.posts import name_post
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting

NEW, CHANGE = "account_new", "account_change"
#: Shown in one run and then forgotten: neither kept in the session nor in any cache.
_ONCE = "account_shown_once"


def draw_shown_once() -> None:
    """Show a password or a wall's address that was just made, this once; and what else became of a click."""
    for form in (NEW, CHANGE):
        done = session.find_sent(form)
        if isinstance(done, str):
            show(build_notice(done))
            session.renew_form(form)
    made: tuple[str, str, str] | None = st.session_state.pop(_ONCE, None)
    if made is None:
        return
    kind, account, secret = made
    with panel("accounts-once"):
        show(build_panel_title(t(f"accounts.once_{kind}", account=account)))
        st.code(secret, language=None, wrap_lines=True)
        show(build_notice(t("accounts.once"), is_warning=True))


def draw_new(setting: Setting) -> None:
    """Draw the form that makes an account."""
    show(build_panel_title(t("accounts.new_title"), t("accounts.new_note")))
    key = session.form_key(NEW)
    code = st.text_input(t("accounts.field_code"), key=f"account_code_{key}", max_chars=40,
                         help=t("accounts.code_help"))
    form = _draw_fields(setting, key, code, {})
    if st.button(t("accounts.make"), type="primary", key=f"account_make_{key}"):
        send(NEW, lambda: make_account(get_engine(), by=setting.scope, form=form), "accounts",
             keep=lambda _: t("accounts.made", account=clean_text(form.code, 40)))


def draw_change(setting: Setting, accounts: pd.DataFrame) -> None:
    """Draw what can be done to one account, once it is chosen."""
    show(build_panel_title(t("accounts.change_title")))
    rows = {str(row["code"]): row for row in accounts.to_dict("records")}
    names = {code: f"{name_post(row['title'])} · {code}" for code, row in rows.items()}
    chosen = st.selectbox(t("accounts.choose"), list(rows), index=None, key="account_chosen",
                          format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    if chosen is None:
        return
    row = rows[chosen]
    _draw_acts(setting, row)
    key = f"{chosen}_{session.form_key(CHANGE)}"
    form = _draw_fields(setting, key, chosen, row)
    if st.button(t("accounts.save"), type="primary", key=f"account_save_{key}"):
        _do(lambda: change_account(get_engine(), by=setting.scope, form=form, now=real_now()),
            t("accounts.changed", account=chosen))


def _draw_acts(setting: Setting, row: Mapping[Any, Any]) -> None:
    code, engine, by = str(row["code"]), get_engine(), setting.scope
    way, end, switch = st.columns(3)
    kind = "wall" if row["role"] == Role.WALL else "password"
    if way.button(t(f"accounts.give_{kind}"), key=f"account_way_{code}", width="stretch",
                  disabled=not row["is_active"], help=t(f"accounts.give_{kind}_help")):
        _do(lambda: _give(setting, code, kind), None)
    if end.button(t("accounts.end"), key=f"account_end_{code}", width="stretch"):
        _do(lambda: end_all_sign_ins(engine, by=by, account=code, now=real_now()), t("accounts.ended", account=code))
    name = "switch_off" if row["is_active"] else "switch_on"
    if switch.button(t(f"accounts.{name}"), key=f"account_switch_{code}", width="stretch"):
        _do(lambda: switch_account(engine, by=by, account=code, is_active=not row["is_active"], now=real_now()),
            t(f"accounts.done_{name}", account=code))


def _do(act: Any, done: str | None) -> None:
    send(CHANGE, act, "accounts", keep=lambda _: done)


def _give(setting: Setting, code: str, kind: str) -> None:
    secret = make_one_time_password(get_engine(), by=setting.scope, account=code, now=real_now())
    if kind == "wall":
        base = (get_settings().public_url or st.context.url or "").rstrip("/")
        host = "/".join(base.split("/")[:3])  # of the address of this page only scheme and host
        secret = f"{host}{session.base_path()}/login/wall?{urlencode({'account': code, 'key': secret})}"
    st.session_state[_ONCE] = (kind, code, secret)


def _draw_fields(setting: Setting, key: str, code: str, row: Mapping[Any, Any]) -> AccountForm:
    """Draw the fields that a new account and a change have in common; return what is filled in."""
    left, right = st.columns(2)
    with left:
        title = st.text_input(t("accounts.field_title"), row.get("title") or "", key=f"account_title_{key}",
                              max_chars=LONGEST_TITLE, help=t("accounts.title_help"))
        role = _choose("role", {role.value: t(f"term.role_{role}") for role in ROLES}, key, row.get("role"))
        area = _choose("area_code", dict(load(list_areas, setting.scope, today())), key, row.get("area_code"),
                       "whole")
    with right:
        unit = _choose("unit_code", name_units(), key, row.get("unit_code"), "none")
        posts = dict(load(list_posts, setting.scope, unit, today()))
        post = _choose("post_code", posts, f"{key}_{unit}", row.get("post_code"), "none")
        addresses = st.text_input(t("accounts.field_address_range"), row.get("address_range") or "",
                                  key=f"account_range_{key}", max_chars=LONGEST_RANGE, help=t("accounts.range_help"),
                                  placeholder=t("accounts.anywhere"))
    return AccountForm(code, title, role or "", area, unit, post, addresses)


def _choose(field: str, names: dict[str, str], key: str, start: str | None, none: str | None = None) -> str | None:
    codes = list(names)
    if start is not None and start not in names:
        codes.insert(0, start)  # what is no longer offered stays what it is until somebody changes it
    found = st.selectbox(t(f"accounts.field_{field}"), codes, index=codes.index(start) if start else None,
                         key=f"account_{field}_{key}", format_func=lambda code: names.get(code, code),
                         placeholder=t(f"accounts.{none}") if none else t("frame.choose"))
    return None if found is None else str(found)
