"""The way in for photos: what is chosen on a form, kept one by one, each told what became of it."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from govdesk.actions.photos import PhotoAdded, PhotoRefusedError, add_photo
from govdesk.rules.access import Scope
from govdesk.rules.photos import ENDINGS, MOST, MOST_BYTES
from govdesk.rules.record_checks import Problem, problem
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.terms import PhotoKind
from govdesk.ui import session
from govdesk.ui.cards import build_notice
from govdesk.ui.held_files import release_file
from govdesk.ui.i18n import t
from govdesk.ui.markup import join, show, tag

log = logging.getLogger("govdesk.ui")

#: MB that the browser may send: more than is taken in, so that the refusal is ours and in the reader's language.
_SENT_MB = 25


class Chosen(Protocol):
    """A file as Streamlit gives it; its name is not looked at."""

    def getvalue(self) -> bytes:
        """Return the whole content."""


@dataclass(frozen=True, slots=True)
class PhotosKept:
    """What became of the photos of a form: how many were kept, were there already, and why others were not."""

    n_kept: int = 0
    n_before: int = 0
    refused: tuple[tuple[int, Problem], ...] = ()


def choose_photos(key: str, label: str) -> Sequence[Chosen]:
    """Draw the chooser with what must not be in a picture, and return what is chosen."""
    show(build_notice(t("photos.warning"), is_warning=True))
    with st.container(key=f"gd-uploader-{session.language()}"):  # by its name the style says what the button does
        found = st.file_uploader(label, type=list(ENDINGS), accept_multiple_files=True, key=f"photos_{key}",
                                 max_upload_size=_SENT_MB)
    show(tag("p", t("photos.help", mb=MOST_BYTES // 2**20, most=MOST, days=get_settings().photo_days),
             class_="gd-muted gd-small"))
    return list(found or ())


def show_saving(chosen: Sequence[Chosen]) -> AbstractContextManager[None]:
    """Return what shows that photos are being kept: around all that is written, for drawing can end a run."""
    return st.spinner(t("photos.saving")) if chosen else nullcontext()


def keep_photos(scope: Scope, incident_id: int, chosen: Sequence[Chosen], kind: PhotoKind, key: str) -> PhotosKept:
    """Keep the photos of a form, each for itself; what goes wrong with one is told and stops nothing. Draws nothing."""
    found = [(number, _keep(scope, incident_id, one, kind, key)) for number, one in enumerate(chosen, 1)]
    kept = [one for _, one in found if isinstance(one, PhotoAdded)]
    refused = tuple((number, one) for number, one in found if isinstance(one, Problem))
    return PhotosKept(len(kept), sum(one.is_repeated for one in kept), refused)


def _keep(scope: Scope, incident_id: int, chosen: Chosen, kind: PhotoKind, key: str) -> PhotoAdded | Problem:
    try:
        added = add_photo(get_engine(), by=scope, incident_id=incident_id, kind=kind, data=chosen.getvalue(),
                          form_key=key)
    except PhotoRefusedError as error:
        return error.problems[0]
    except Exception:
        log.exception("a photo could not be kept")
        return problem("failed", "photo")
    release_file(chosen)
    return added


def draw_kept(kept: PhotosKept, *, is_new: bool = False) -> None:
    """Say what became of the photos; `is_new`: they came with an incident that is saved whatever happened to them."""
    if kept.n_kept:
        before = t("photos.kept_before", n=kept.n_before) if kept.n_before else None
        show(build_notice(join([t("photos.kept", n=kept.n_kept), before], " ")))
    if kept.refused:
        title = t("photos.not_kept") if is_new else t("photos.errors_title", n=len(kept.refused))
        items = [tag("li", t("photos.item", n=number, why=t(f"photos.error_{one.key}", **dict(one.values))))
                 for number, one in kept.refused]
        show(tag("div", tag("strong", title), tag("ul", *items), class_="gd-notice gd-warn", role="alert"))
