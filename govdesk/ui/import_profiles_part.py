"""The saved mappings: made by whom and when; and one that is no longer offered."""

import pandas as pd
import streamlit as st

from govdesk.actions.import_profiles import retire_profile
from govdesk.queries.import_profiles import list_saved_profiles
from govdesk.rules.access import allows
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

FORM = "retire_profile"


def draw_profile_list(setting: Setting) -> None:
    """Draw the saved mappings and, for those who may, the form that stops offering one."""
    with read_transaction(get_engine()) as connection:
        saved = list_saved_profiles(connection, setting.scope)
    show(build_panel_title(t("import_page.profiles"), t("import_page.profiles_note")))
    retired = session.find_sent(FORM)
    if retired is not None:
        show(build_notice(t("import_page.profiles_retired", name=clean_text(retired, 60))))
        session.renew_form(FORM)
    columns = (
        Column("name", t("import_page.profiles_name")),
        Column("about", t("import_page.profiles_about")),
        Column("n_columns", t("import_page.fact_columns"), "count", is_narrow=False),
        Column("at", t("import_page.profiles_at"), "instant"),
    )
    rows = pd.DataFrame([(clean_text(one.name, 60), t(f"import_field.about_{one.about}"), len(one.headers), one.at)
                         for one in saved], columns=[column.key for column in columns])
    draw_table(rows, columns, export_name="import_profiles", empty=t("import_page.profiles_none"),
               note=setting.note(t("import_page.profiles"), t("import_page.profiles_note")))
    if saved and allows(setting.scope, "save_profile"):
        _draw_retiring(setting, [one.name for one in saved])


def _draw_retiring(setting: Setting, names: list[str]) -> None:
    with st.expander(t("import_page.profiles_retire")):
        show(tag("p", t("import_page.profiles_retire_note"), class_="gd-muted gd-small"))
        chosen = st.selectbox(t("import_page.profiles_which"), names, index=None, placeholder=t("frame.choose"),
                              key="profile_retired", format_func=lambda name: clean_text(name, 60))
        is_sent = st.button(t("import_page.profiles_retire"), key="profile_retire", disabled=chosen is None)
        if is_sent and chosen is not None:
            send(FORM, lambda: retire_profile(get_engine(), by=setting.scope, name=chosen), "import_page",
                 keep=lambda _: chosen)
