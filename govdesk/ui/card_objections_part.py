"""Part of the model card: objections to scores, their answers, and the forms for both."""

import logging

import pandas as pd
import streamlit as st

from govdesk.actions.object_to_score import (
    ObjectionKept,
    answer_objection,
    object_to_score,
)
from govdesk.clock import today
from govdesk.queries.objections import list_objections
from govdesk.queries.places import find_roots, list_children
from govdesk.queries.risk_runs import read_run
from govdesk.rules.access import allows
from govdesk.rules.record_checks import LONGEST_SUMMARY, Problem, problem
from govdesk.storage.engine import get_engine
from govdesk.terms import Level
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import is_known, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.sending import draw_problems, send
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

log = logging.getLogger("govdesk.ui")

FORM = "objection"
#: What an objection is about.
ABOUT = ("village", "method")


def draw_objections(setting: Setting) -> None:
    """Draw the objections with their answers, and the form that this reader may fill in."""
    rows = load(list_objections, setting.scope)
    with panel("card-objections"):
        _draw_list(setting, rows)
    if allows(setting.scope, "answer_objection"):
        with panel("card-answer"):
            _draw_answer(rows)
    if allows(setting.scope, "object_to_score"):
        with panel("card-object"):
            _draw_form(setting)


def _draw_list(setting: Setting, found: pd.DataFrame) -> None:
    title = t("model_card.objections_title")
    show(build_panel_title(title, t("model_card.objections_note")))
    n_open = int(found["answer"].isna().sum())
    if len(found):
        show(tag("p", t("model_card.objections_line", n=len(found), n_open=n_open)))
    rows = found.assign(
        about=[clean_text(name, 30) if is_known(name) else t("model_card.about_method") for name in found["place"]],
        asked=[f"{write_instant(at)} · {name_post(post)}" for at, post in zip(
            found["at"], found["post"], strict=True)],
        answered=[answer if is_known(answer) else t("model_card.not_answered") for answer in found["answer"]],
        by=["" if not is_known(at) else f"{write_instant(at)} · {name_post(post)}" for at, post in zip(
            found["answered_at"], found["answered_post"], strict=True)])
    columns = (
        Column("about", t("model_card.objects_to"), href=lambda row: (
            address("/village", place=row["place_code"]) if is_known(row["place_code"]) else None)),
        Column("text", t("model_card.objection"), muted=lambda row: row["asked"]),
        Column("answered", t("model_card.answer"), muted=lambda row: row["by"] or None))
    exported = (Column("asked", t("model_card.asked")), Column("by", t("model_card.answered")))
    draw_table(rows, columns, export_name="card_objections", note=setting.note(title, t("model_card.use_short")),
               empty=t("model_card.objections_empty"),
               prepare_export=lambda kept: kept.assign(
                   text=[f"{one} ({more})" for one, more in zip(kept["text"], kept[exported[0].key], strict=True)],
                   answered=[f"{one} ({more})" if more else one for one, more in zip(
                       kept["answered"], kept[exported[1].key], strict=True)]))



def _draw_form(setting: Setting) -> None:
    show(build_panel_title(t("model_card.object_form")))
    sent = session.find_sent(FORM)
    if isinstance(sent, ObjectionKept):
        _draw_done(sent)
        return
    key = session.form_key(FORM)
    show(tag("p", t("model_card.object_note"), class_="gd-muted gd-small"))
    # Nothing is chosen beforehand: an objection to a village must not become one to the method because nobody looked.
    names = {one: t(f"model_card.about_{one}") for one in ABOUT}
    about = st.radio(t("model_card.objects_to"), ABOUT, index=None, key=f"objection_about_{key}", horizontal=True,
                     format_func=lambda one: names.get(one, one))
    place = _choose_village(setting, f"{FORM}_{key}") if about == "village" else None
    text = st.text_area(t("model_card.objection"), key=f"objection_text_{key}", height=90, max_chars=LONGEST_SUMMARY,
                        help=t("model_card.text_help"))
    if st.button(t("model_card.object"), type="primary", key=f"objection_save_{key}"):
        run = load(read_run, setting.scope, "elevated", today())
        missing = _find_missing(about, place, text or "")
        if missing:
            draw_problems(missing, "model_card")
            return
        send(FORM, lambda: object_to_score(
            get_engine(), by=setting.scope, place_code=place, text=text or "",
            run_id=run.id if run else None), "model_card")


def _choose_village(setting: Setting, key: str) -> str | None:
    """Draw boxes from the top of the account's tree down to its villages; return the village, None above one."""
    roots = load(find_roots, setting.scope, today())
    if len(roots) == 1 and roots[0].level == Level.VILLAGE:
        show(tag("p", clean_text(roots[0].name, 40)))
        return roots[0].code
    here = roots[0].code if len(roots) == 1 else None
    options = {one.code: one.name for one in roots} if here is None else {}
    level: str = roots[0].level if roots else ""
    for column in st.columns(4):
        if here is not None:
            children = load(list_children, setting.scope, here, today())
            options = dict(zip(children["code"], children["name"], strict=True))
            level = str(children["level"].iloc[0]) if len(children) else ""
        names = {code: clean_text(name, 40) for code, name in options.items()}
        with column:
            here = st.selectbox(write_term("level", level, setting.words), list(names), index=None,
                                key=f"objection_{level}_{here}_{key}", placeholder=t("register.choose"),
                                format_func=names.__getitem__)
        if here is None or level == Level.VILLAGE:
            return here
    return None


def _find_missing(about: str | None, place: str | None, text: str) -> list[Problem]:
    """Return what was not chosen or not written, in the order of the form."""
    missing = [problem("about", "place")] if about is None else []
    missing += [problem("village", "place")] if about == "village" and place is None else []
    # Without anything else to correct the action says it.
    return [*missing, *([problem("missing", "text")] if not text.strip() else [])] if missing else []


def _draw_answer(found: pd.DataFrame) -> None:
    show(build_panel_title(t("model_card.answer_form")))
    name = "answer"
    sent = session.find_sent(name)
    if isinstance(sent, ObjectionKept):
        show(build_notice(t("model_card.answer_done")))
        st.button(t("model_card.again"), key="answer_again", on_click=session.renew_form, args=(name,))
        return
    waiting = found[found["answer"].isna()]
    if waiting.empty:
        show(tag("p", t("model_card.nothing_to_answer"), class_="gd-empty"))
        return
    key = session.form_key(name)
    texts = {int(row["id"]): clean_text(f"{row['place'] if is_known(row['place']) else '—'} · {row['text']}", 80)
             for row in waiting.to_dict("records")}
    chosen = st.selectbox(t("model_card.objection"), list(texts), format_func=lambda one: texts.get(one, str(one)),
                          key=f"answer_to_{key}", index=0)
    answer = st.text_area(t("model_card.answer"), key=f"answer_text_{key}", height=90, max_chars=LONGEST_SUMMARY,
                          help=t("model_card.text_help"))
    if st.button(t("model_card.send_answer"), type="primary", key=f"answer_save_{key}"):
        send(name, lambda: answer_objection(
            get_engine(), by=session.scope(), objection_id=int(chosen or 0), answer=answer or ""), "model_card")


def _draw_done(result: ObjectionKept) -> None:
    show(build_notice(t("model_card.object_again" if result.is_repeated else "model_card.object_done")))
    if result.is_masked:
        show(build_notice(t("model_card.masked"), is_warning=True))
    st.button(t("model_card.again"), key="objection_again", on_click=session.renew_form, args=(FORM,))
