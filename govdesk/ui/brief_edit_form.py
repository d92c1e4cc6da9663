"""The form that writes a sentence of the brief anew; the sentence of the rules stays beside it."""

import streamlit as st

from govdesk.actions.edit_brief import EditKept, SentenceRef, edit_brief
from govdesk.rules.access import allows
from govdesk.rules.brief_edits import LONGEST_EDIT, is_outdated
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.brief_state import View
from govdesk.ui.cards import build_notice
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.sending import send

FORM = "brief_edit"


def draw_edit(view: View) -> None:
    """Draw what became of earlier edits and, for those who may, the form."""
    _draw_outdated(view)
    if not allows(view.setting.scope, "edit_brief") or view.setting.scope.area_code is not None:
        return
    with st.expander(t("brief_page.edit_title"), expanded=isinstance(session.find_sent(FORM), EditKept)):
        _draw_done()
        show(tag("p", t("brief_page.edit_note"), class_="gd-muted gd-small"))
        sentences = {one.key: one for one in view.plain.sentences()}
        names = {key: f"{number}. {clean_text(one.original, 70)}" for number, (key, one) in enumerate(
            sentences.items(), 1)}
        key = st.selectbox(t("brief_page.sentence"), list(names), key="brief_sentence",
                           format_func=lambda one: names.get(one, one))
        if key is None:
            return
        sentence = sentences[key]
        edit = view.edits.get(key)
        now = edit.text if edit and edit.text and not is_outdated(sentence, edit) else sentence.original
        choice = view.choice
        suffix = f"{choice.week}_{choice.language}_{choice.version}_{key}"
        text = st.text_area(t("brief_page.new_text"), value=now, key=f"brief_text_{suffix}", height=90,
                            max_chars=LONGEST_EDIT)
        ref = SentenceRef(choice.week, key, choice.language, choice.is_internal, sentence.original)
        with st.container(horizontal=True):
            if st.button(t("brief_page.save"), type="primary", key=f"brief_save_{suffix}"):
                _save(view, ref, text or "")
            if edit and edit.text and st.button(t("brief_page.take_back"), key=f"brief_back_{suffix}"):
                _save(view, ref, "")


def _draw_outdated(view: View) -> None:
    sentences = {one.key: one for one in view.plain.sentences()}
    n = sum(bool(edit.text) and (key not in sentences or is_outdated(sentences[key], edit))
            for key, edit in view.edits.items())
    if n:
        show(build_notice(t("brief_page.outdated", n=n), is_warning=True))


def _draw_done() -> None:
    done = session.find_sent(FORM)
    if isinstance(done, EditKept):
        key = "kept_same" if done.is_repeated else "kept_masked" if done.is_masked else "kept"
        show(build_notice(t(f"brief_page.{key}")))
        session.renew_form(FORM)


def _save(view: View, ref: SentenceRef, text: str) -> None:
    """Write one edit; set back to the sentence of the rules it is withdrawn."""
    kept = "" if text.strip() == ref.original.strip() else text
    send(FORM, lambda: edit_brief(get_engine(), by=view.setting.scope, sentence=ref, text=kept), "brief_page")
