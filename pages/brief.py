"""Weekly brief 研判周报: what the week was, in sentences with numbers; as PDF, Word and pictures to carry."""

import streamlit as st

from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.brief_edit_form import draw_edit
from govdesk.ui.brief_files import draw_files
from govdesk.ui.brief_preview import draw_code, draw_preview
from govdesk.ui.brief_state import draw_controls, read_choice, read_view
from govdesk.ui.definition_notice import draw_definition_notice
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.setting import read_setting

setting = read_setting()
draw_header("brief_page.title", "brief_page.purpose")
if not allows(setting.scope, "view_brief"):
    faults.draw_refusal(t("brief_page.refused", role=t(f"term.role_{setting.scope.role}")))
elif setting.as_of is None:
    faults.draw_empty(t("brief_page.no_records"),
                      command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    choice = read_choice(setting)
    draw_notices()
    draw_definition_notice(setting)
    draw_controls(choice)
    with st.spinner(t("brief_page.reading")):
        view = read_view(setting, choice)
    draw_files(view)
    draw_code(view)
    draw_preview(view)
    draw_edit(view)
