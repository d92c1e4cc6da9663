"""Register 登记: one record by hand, with the checks of an import."""

import logging

import streamlit as st

from govdesk.actions.registering import NotRegisteredError, register_record
from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.storage.engine import get_engine
from govdesk.terms import PhotoKind
from govdesk.ui import faults, session
from govdesk.ui.cards import panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.photo_upload import choose_photos, draw_kept, keep_photos, show_saving
from govdesk.ui.register_form import KINDS, draw_fields, list_kinds
from govdesk.ui.register_outcome import draw_done, draw_problems
from govdesk.ui.setting import read_setting

log = logging.getLogger("govdesk.ui")


def register(kind: str, key: str, values, photos):
    """Write the record, then its photos."""
    result = register_record(get_engine(), by=setting.scope, about=KINDS[kind], values=values, form_key=key)
    # The record is kept by now: whatever becomes of a photo, it stays.
    return result, values, keep_photos(setting.scope, result.row_id, photos, PhotoKind.REPORT, key)


def send(kind: str, key: str, values, photos) -> None:
    try:
        with show_saving(photos):
            session.act_and_keep(kind, lambda: register(kind, key, values, photos), key=key)
    except NotRegisteredError as error:
        draw_problems(KINDS[kind], error)
    except Exception as error:
        # Nothing was kept; what was typed must not be lost with it.
        log.exception("registering failed")
        faults.draw_not_saved(error, t("register.failed", reason=t("register.failed_reason")))
    else:
        st.rerun()


def draw_form(kind: str) -> None:
    key = session.form_key(kind)
    show(tag("p", t("register.privacy"), class_="gd-muted gd-small"))
    values = draw_fields(KINDS[kind], setting, key)
    takes_photos = kind == "incident" and allows(setting.scope, "add_photo")
    photos = choose_photos(key, t("photos.choose")) if takes_photos else ()
    if st.button(t("register.save"), type="primary", key=f"save_{key}"):
        send(kind, key, values, photos)


def draw_kind(kind: str) -> None:
    sent = session.find_sent(kind)
    if sent is None:
        draw_form(kind)
        return
    result, values, photos = sent
    draw_done(KINDS[kind], result, values)
    draw_kept(photos, is_new=True)
    st.button(t("register.again"), key=f"again_{kind}", on_click=session.renew_form, args=(kind,))


setting = read_setting()
kinds = list_kinds(setting.scope)
kind = session.read_param("kind", session.one_of(*kinds), "incident")
draw_header("register.title", "register.purpose")
if not allows(setting.scope, "register_record"):
    faults.draw_refusal(t("register.refused", role=t(f"term.role_{setting.scope.role}")))
elif not load(find_roots, setting.scope, setting.day):
    faults.draw_empty(t("register.no_places"), command="python manage.py import-places FILE.csv --commit")
else:
    chosen = st.segmented_control(
        t("register.kind"), kinds, default=kind, key="register_kind", label_visibility="collapsed",
        format_func=lambda name: t(f"register.kind_{name}")) or kind
    session.write_params(kind=chosen)
    with panel("register"):
        draw_kind(chosen)
