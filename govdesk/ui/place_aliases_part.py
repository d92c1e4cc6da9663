"""The accepted aliases: by whom, since when, used by how many rows; and taking one back."""

import streamlit as st

from govdesk.actions.place_aliases import withdraw_alias
from govdesk.queries.place_aliases import list_aliases
from govdesk.rules.access import allows
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

FORM = "withdraw_alias"


def draw_alias_list(setting: Setting) -> None:
    """Draw the aliases and, for those who may, the form that takes one back; nothing for who may not see imports."""
    if not allows(setting.scope, "view_imports"):
        return
    show(build_panel_title(t("place_aliases.list_title")))
    rows = load(list_aliases, setting.scope).copy()
    if session.find_sent(FORM) is not None:
        show(build_notice(t("place_aliases.withdrawn")))
        session.renew_form(FORM)
    if len(rows):
        show(tag("p", t("place_aliases.list_note"), class_="gd-muted gd-small"))
    rows["parent_name"] = rows["parent_name"].fillna(t("place_aliases.everywhere"))
    rows["post"] = [name_post(title) for title in rows["post"]]
    columns = (
        Column("alias", t("place_aliases.col_alias")),
        Column("place_name", t("place_aliases.col_place"),
               href=lambda row: address("/village", place=row["place_code"]),
               muted=lambda row: clean_text(row["township"]) if isinstance(row["township"], str) else None),
        Column("parent_name", t("place_aliases.col_parent"), is_narrow=False),
        Column("n_rows", t("place_aliases.col_rows"), "count"),
        Column("post", t("place_aliases.col_by"), is_narrow=False),
        Column("at", t("place_aliases.col_at"), "instant", is_narrow=False),
    )
    draw_table(rows, columns, export_name="place_aliases", empty=t("place_aliases.list_empty"),
               note=setting.note(t("place_aliases.list_title"), t("place_aliases.export_filters")))
    if len(rows) and allows(setting.scope, "accept_alias"):
        _draw_withdrawal(setting, {
            int(row["id"]): clean_text(f"{row['alias']} → {row['place_name']}", 80) for row in rows.to_dict("records")})


def _draw_withdrawal(setting: Setting, names: dict[int, str]) -> None:
    with st.expander(t("place_aliases.withdraw")):
        show(tag("p", t("place_aliases.withdraw_note"), class_="gd-muted gd-small"))
        chosen = st.selectbox(t("place_aliases.withdraw_which"), list(names), index=None, key="alias_withdrawn",
                              format_func=lambda key: names.get(key, str(key)), placeholder=t("frame.choose"))
        is_sent = st.button(t("place_aliases.withdraw"), key="alias_withdraw", disabled=chosen is None)
        if is_sent and chosen is not None:
            send(FORM, lambda: withdraw_alias(get_engine(), by=setting.scope, alias_id=int(chosen)), "place_aliases",
                 keep=lambda _: chosen)
