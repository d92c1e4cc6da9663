"""Step 1: a new file, or one that is on its way already."""

from datetime import timedelta

import streamlit as st

from govdesk.actions.import_jobs import JOBS
from govdesk.actions.uploads import UploadRefusedError, cancel_upload, store_upload, tidy_uploads
from govdesk.clock import zone
from govdesk.queries.uploads import UploadRow, list_uploads
from govdesk.rules.upload_times import KEPT_AFTER_COMMIT, KEPT_UNTOUCHED
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import UploadStatus
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_instant
from govdesk.ui.held_files import release_file
from govdesk.ui.i18n import t
from govdesk.ui.import_state import STEPS, open_upload
from govdesk.ui.import_steps import draw_later, draw_now
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.setting import Setting

_FORM = "import_file"
#: Uploads that are listed.
_LISTED = 12


def draw_file(setting: Setting) -> None:
    """Draw the way in: the uploader, and below it the files that wait."""
    tidy_uploads()
    with panel("import-file"):
        draw_now("file")
        _draw_uploader(setting)
    for step in STEPS[1:]:
        with panel(f"import-{step}"):
            draw_later(step)
    with panel("import-waiting"):
        _draw_waiting(setting)


def _draw_uploader(setting: Setting) -> None:
    key = session.form_key(_FORM)
    most = get_settings().upload_mb
    with st.container(key=f"gd-uploader-{session.language()}"):  # by its name the style says what the button does
        given = st.file_uploader(t("import_page.file"), key=f"import_file_{key}", max_upload_size=most,
                                 label_visibility="collapsed")
    kept = t("import_page.file_kept", hours=_hours(KEPT_AFTER_COMMIT), days=KEPT_UNTOUCHED.days)
    show(tag("p", t("import_page.file_help", most=most), " ", kept, class_="gd-muted gd-small"))
    if given is None:
        return
    try:
        number = store_upload(get_engine(), by=setting.scope, name=given.name, content=given.getbuffer())
    except UploadRefusedError as error:
        show(build_notice(t(f"import_page.refused_{error.key}", most=most), is_warning=True))
        return
    release_file(given)
    session.renew_form(_FORM)
    open_upload(number, "rows")
    st.rerun()


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)


def _draw_waiting(setting: Setting) -> None:
    with read_transaction(get_engine()) as connection:
        uploads = list_uploads(connection, setting.scope)
    show(build_panel_title(t("import_page.waiting"), t("import_page.waiting_note", n=len(uploads))))
    if not uploads:
        show(tag("p", t("import_page.waiting_none"), class_="gd-empty"))
    for upload in uploads[:_LISTED]:
        _draw_one(setting, upload)


def _draw_one(setting: Setting, upload: UploadRow) -> None:
    name, state, go_on, delete = st.columns([4, 4, 1.2, 1.2], vertical_alignment="center")
    with name:
        show(tag("div", tag("div", clean_text(upload.file_name), class_="gd-field"),
                 tag("div", t("import_page.waiting_since", at=write_instant(upload.at), mb=write_size(upload.n_bytes)),
                     class_="gd-muted gd-small")))
    with state:
        show(tag("div", tag("div", t(f"import_page.status_{upload.status.value}")),
                 tag("div", t("import_page.ends_at", at=write_moment(upload)), class_="gd-muted gd-small")))
    with go_on:
        words = "look" if upload.status == UploadStatus.COMMITTED else "go_on"
        st.button(t(f"import_page.{words}"), key=f"import_go_{upload.number}", on_click=open_upload,
                  args=(upload.number,), width="stretch")
    with delete:
        st.button(t("import_page.delete"), key=f"import_delete_{upload.number}", on_click=delete_upload,
                  args=(setting, upload.number), width="stretch", type="tertiary")


def delete_upload(setting: Setting, number: int) -> None:
    """Delete an uploaded file, and stop what runs with it."""
    JOBS.stop(get_engine(), by=setting.scope, number=number)
    cancel_upload(get_engine(), by=setting.scope, number=number)
    session.forget_draft(f"import_{number}")
    open_upload(None)


def write_moment(upload: UploadRow) -> str:
    """Return when an upload's file is deleted, local time."""
    return f"{upload.ends_at.astimezone(zone()):%Y-%m-%d %H:%M}"


def write_size(n_bytes: int) -> str:
    """Return a length as people say it."""
    return f"{n_bytes / 2**20:,.1f} MB" if n_bytes >= 2**20 else f"{max(n_bytes / 2**10, 0.1):,.1f} KB"
