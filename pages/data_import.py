"""Import 数据导入: a file from any office, its columns, what would happen, and the commit."""

import streamlit as st

from govdesk.actions.uploads import UploadRefusedError
from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.ui import faults, session
from govdesk.ui.cards import build_notice, panel
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.import_check_part import build_done, draw_check, is_open
from govdesk.ui.import_columns_part import count_chosen, draw_columns
from govdesk.ui.import_file_part import delete_upload, draw_file
from govdesk.ui.import_profiles_part import draw_profile_list
from govdesk.ui.import_rows_part import draw_rows, sum_up_file, sum_up_rows
from govdesk.ui.import_state import STEPS, open_upload, read_upload, read_view
from govdesk.ui.import_steps import draw_later, draw_past
from govdesk.ui.loaders import load
from govdesk.ui.markup import show
from govdesk.ui.place_aliases_part import draw_alias_list
from govdesk.ui.setting import read_setting

DRAWN = {"rows": draw_rows, "columns": draw_columns, "check": draw_check}


def choose_step(view):
    """Open the step of the address, as far as the upload has come; a running job and a done one are always shown."""
    asked = session.read_param("step", session.one_of(*STEPS), "")
    if view.is_busy or not is_open(view.upload):
        return "check"
    if asked == "check" and not view.upload.profile_text:
        asked = ""
    if asked == "columns" and not view.draft.source:
        asked = ""
    return asked if asked in DRAWN else ("check" if view.upload.report else "rows")


def draw_steps(view):
    step = choose_step(view)
    told = {"file": sum_up_file, "rows": sum_up_rows, "columns": lambda one: t(
        "import_page.columns_chosen", n=count_chosen(one))}
    at = STEPS.index(step)
    for number, name in enumerate(STEPS):
        with panel(f"import-{name}"):
            if number == at:
                DRAWN[name](view)
            elif number < at:
                draw_past(name, told[name](view), can_change=name != "file" and is_open(view.upload))
            else:
                draw_later(name)


def draw_upload(opened):
    upload = opened.upload
    with st.container(horizontal=True):
        st.button(t("import_page.other_file"), key="import_other_file", on_click=open_upload, args=(None,))
        if is_open(upload):
            st.button(t("import_page.cancel"), key="import_cancel", on_click=delete_upload,
                      args=(setting, upload.number))
    try:
        view = read_view(setting, opened)
    except UploadRefusedError:
        show(build_notice(t("import_page.failed_gone"), is_warning=True))
        if upload.batch_id is not None:
            show(build_done(upload.batch_id))
        return
    if view.look.note is not None:
        note = view.look.note
        show(build_notice(t("import_page.file_refused", why=note.message(setting.words), fix=note.fix(setting.words)),
                          is_warning=True))
        return
    draw_steps(view)


setting = read_setting()
draw_header("import_page.title", "import_page.purpose")
if not allows(setting.scope, "import_records"):
    faults.draw_refusal(t("import_page.refused", role=t(f"term.role_{setting.scope.role}")))
elif not load(find_roots, setting.scope, setting.day):
    faults.draw_empty(t("import_page.no_places"), command="python manage.py import-places FILE.csv --commit")
else:
    opened = read_upload(setting)
    draw_notices()
    if opened is None:
        draw_file(setting)
        with panel("import-profiles"):
            draw_profile_list(setting)
        with panel("import-aliases"):
            draw_alias_list(setting)
    else:
        draw_upload(opened)
