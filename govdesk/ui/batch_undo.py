"""Undoing a batch on screen: what rests on it, or a reason, a look at what will happen, and a second click."""

import streamlit as st

from govdesk.actions.undo_import import (
    LONGEST_REASON,
    AlreadyUndoneError,
    BatchHeldError,
    ImportUndone,
    undo_import,
)
from govdesk.queries.batch_dependants import Dependant, list_dependants
from govdesk.queries.batches import Batch
from govdesk.rules.access import allows
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, address, clean_text, join, link, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting


def draw_undo(setting: Setting, batch: Batch) -> None:
    """Draw what can be done about a batch, or why nothing can."""
    show(build_panel_title(t("import_batches.undo")))
    form = f"undo_{batch.id}"
    done = session.find_sent(form)
    if isinstance(done, ImportUndone):
        _draw_done(done)
        return
    if batch.withdrawn_at is not None:
        show(tag("p", t("import_batches.undone_next"), class_="gd-empty"))
        return
    held = load(list_dependants, setting.scope, batch.id)
    if held:
        _draw_held(held)
    elif not allows(setting.scope, "undo_import"):
        show(tag("p", t("import_batches.undo_refused", role=t(f"term.role_{setting.scope.role}")), class_="gd-empty"))
    else:
        _draw_form(setting, batch, form)


def _draw_held(held: list[Dependant]) -> None:
    if held[0].kind == "places":
        show(build_notice(t("import_batches.held_places")))
        return
    show(build_notice(t("import_batches.held"), is_warning=True))
    show(tag("ul", *(tag("li", _describe(one)) for one in held)))


def _describe(one: Dependant) -> Html:
    words = t(f"import_batches.held_{one.kind}", n=write_count(one.n))
    if one.batch_id is None:
        return join([words])
    name = t("import_batches.named", n=one.batch_id, file=clean_text(one.file_name, 60))
    return join([words, t("import_batches.held_by"), link(name, address("/import_batches", batch=one.batch_id))])


def _draw_form(setting: Setting, batch: Batch, form: str) -> None:
    show(tag("p", t("import_batches.undo_note"), class_="gd-muted gd-small"))
    reason = st.text_input(t("import_batches.field_reason"), key=f"{form}_reason", max_chars=LONGEST_REASON,
                           help=t("import_batches.reason_help"))
    if session.find_sent(f"{form}_asked") is None:
        if st.button(t("import_batches.undo_ask"), key=f"{form}_ask"):
            _ask(setting, batch, form, reason or "")
        return
    n_in, n_back = write_count(batch.n_inserted), write_count(batch.n_updated)
    show(build_notice(t("import_batches.undo_sure", withdrawn=n_in, restored=n_back), is_warning=True))
    with st.container(horizontal=True):
        if st.button(t("import_batches.undo_do"), type="primary", key=f"{form}_do"):
            _do(setting, batch, form, reason or "")
        st.button(t("import_batches.undo_not"), key=f"{form}_not", on_click=session.renew_form,
                  args=(f"{form}_asked",))


def _ask(setting: Setting, batch: Batch, form: str, reason: str) -> None:
    """Check what was typed without writing; then ask once more."""
    send(f"{form}_asked", lambda: _undo(setting, batch, reason, commit=False), "import_batches")


def _do(setting: Setting, batch: Batch, form: str, reason: str) -> None:
    send(form, lambda: _undo(setting, batch, reason, commit=True), "import_batches")


def _undo(setting: Setting, batch: Batch, reason: str, *, commit: bool) -> ImportUndone | str:
    try:
        return undo_import(get_engine(), by=setting.scope, batch_id=batch.id, reason=reason, commit=commit)
    except (BatchHeldError, AlreadyUndoneError):
        return "held"  # somebody was quicker: the page drawn anew says what there is now


def _draw_done(done: ImportUndone) -> None:
    show(build_notice(t("import_batches.done", withdrawn=write_count(done.n_withdrawn),
                        restored=write_count(done.n_restored))))
    if done.n_said_again:
        show(build_notice(t("import_batches.said_again", n=write_count(done.n_said_again)), is_warning=True))
    show(tag("p", t("import_batches.undone_next"), class_="gd-muted gd-small"))
