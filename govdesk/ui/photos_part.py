"""The photos of one incident, for those who handle it.

They travel inside the page's own connection, as text of an image: no address leads to them, so none can be passed on,
guessed, logged or cached. (A picture given to Streamlit as bytes gets one that answers anybody while it is shown.)
"""

import base64
import logging

import streamlit as st

from govdesk.actions.photos import remove_photo
from govdesk.ingest.pictures import make_preview
from govdesk.queries.incidents import IncidentFacts
from govdesk.queries.photos import PhotoFacts, list_photos, may_see_photos, read_photo
from govdesk.rules.access import RefusedError, allows
from govdesk.rules.photos import MOST
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import PhotoKind
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import show, tag
from govdesk.ui.photo_upload import PhotosKept, choose_photos, draw_kept, keep_photos, show_saving
from govdesk.ui.setting import Setting

log = logging.getLogger("govdesk.ui")

#: Pixels of the longer side of a preview.
PREVIEW = 640
_ACROSS = 2


def draw_photos(setting: Setting, facts: IncidentFacts) -> None:
    """Draw the photos of an incident and the way to add some; nothing for who may not see them."""
    if not allows(setting.scope, "view_photos") or not load_loop(may_see_photos, setting.scope, facts.id):
        return
    photos = load_loop(list_photos, setting.scope, facts.id)
    kept = [photo for photo in photos if photo.deleted_at is None]
    with panel("photos"):
        show(build_panel_title(t("photos.title"), t("photos.title_note")))
        if kept:
            is_large = st.toggle(t("photos.large"), key=f"photos_large_{facts.id}")
            _draw_all(setting, kept, is_large=is_large)
            ends = [photo.delete_at for photo in kept]
            show(tag("p", t("photos.until", first=write_day(min(ends)), last=write_day(max(ends))),
                     class_="gd-muted gd-small"))
        else:
            show(tag("p", t("photos.none"), class_="gd-empty"))
        if len(kept) < len(photos):
            show(tag("p", t("photos.gone", n=len(photos) - len(kept)), class_="gd-muted gd-small"))
        _draw_form(setting, facts, len(kept))


def _draw_all(setting: Setting, photos: list[PhotoFacts], *, is_large: bool) -> None:
    columns = [st.container()] if is_large else st.columns(_ACROSS)
    for at, photo in enumerate(photos):
        with columns[at % len(columns)]:
            _draw_one(setting, photo, at + 1, is_large=is_large)


def _draw_one(setting: Setting, photo: PhotoFacts, number: int, *, is_large: bool) -> None:
    with read_transaction(get_engine()) as connection:
        content = read_photo(connection, setting.scope, photo.id)
    if content is None:
        show(build_notice(t("photos.missing", n=number), is_warning=True))
        return
    kind = t(f"photos.kind_{photo.kind}")
    shown = content if is_large else _preview(photo.id, content)
    st.image(f"data:image/jpeg;base64,{base64.b64encode(shown).decode('ascii')}", width="stretch",
             caption=t("photos.caption", kind=kind, at=write_day(photo.at)),
             alt=t("photos.alt", n=number, kind=kind))
    if photo.by == setting.scope.account or allows(setting.scope, "remove_photos"):
        _draw_removal(setting, photo, number)


@st.cache_data(max_entries=200, ttl=600, show_spinner=False)
def _preview(photo_id: int, _content: bytes) -> bytes:
    del photo_id  # the content of a photo never changes
    return make_preview(_content, PREVIEW)


def _draw_removal(setting: Setting, photo: PhotoFacts, number: int) -> None:
    with st.popover(t("photos.remove", n=number)):
        show(tag("p", t("photos.remove_help"), class_="gd-small"))
        if st.button(t("photos.remove_sure"), key=f"photo_remove_{photo.id}"):
            try:
                remove_photo(get_engine(), by=setting.scope, photo_id=photo.id)
            except RefusedError:
                show(build_notice(t("photos.remove_failed"), is_warning=True))
            except Exception:
                log.exception("a photo could not be deleted")
                show(build_notice(t("photos.remove_failed"), is_warning=True))
            else:
                st.rerun()


def _draw_form(setting: Setting, facts: IncidentFacts, n_kept: int) -> None:
    form = f"photos_{facts.id}"
    sent = session.find_sent(form)
    if isinstance(sent, PhotosKept):
        draw_kept(sent)
    if n_kept >= MOST or not facts.is_counted or not allows(setting.scope, "add_photo"):  # merged: added to what stays
        return
    with st.expander(t("photos.add")):
        key = session.form_key(form)
        chosen = choose_photos(key, t("photos.choose"))
        if st.button(t("photos.save"), key=f"photos_save_{facts.id}"):
            if not chosen:
                show(build_notice(t("photos.none_chosen"), is_warning=True))
                return
            with show_saving(chosen):
                session.act_and_keep(
                    form, lambda: keep_photos(setting.scope, facts.id, chosen, PhotoKind.EVIDENCE, key), key=key,
                    renew=True)
            st.rerun()
