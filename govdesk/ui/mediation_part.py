"""The mediation record 调解记录 of one incident: its course and sittings, and the forms that carry it on."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from govdesk.actions.mediations import MediationKept, add_session, open_mediation, record_course
from govdesk.clock import today
from govdesk.queries.incidents import IncidentFacts
from govdesk.queries.mediation_records import MediationRecord, list_mediators, may_record, read_mediation_records
from govdesk.rules.record_checks import EARLIEST, LONGEST_SUMMARY
from govdesk.rules.step_needs import LONGEST_PROMISE_DAYS
from govdesk.storage.engine import get_engine
from govdesk.terms import MediationChannel, MediationMethod, ResolutionLevel, Stream
from govdesk.ui import session
from govdesk.ui.cards import build_facts, build_notice, build_panel_title, panel
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t, term
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import Html, clean_text, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting

#: What is mediated; of other streams a record is shown where there is one.
MEDIATED = (Stream.DISPUTE, Stream.PETITION, Stream.PUBLIC_ORDER)
_RESULTS = ("going_on", "settled", "not_settled")
_SETTLED = {"going_on": None, "settled": True, "not_settled": False}
#: Days of the course after its result.
_DAYS = ("agreed_on", "performance_due_on", "performed_on", "confirmed_on")


def draw_mediation(setting: Setting, facts: IncidentFacts) -> None:
    """Draw the record of an incident; nothing where there is none and none is wanted."""
    records = load_loop(read_mediation_records, setting.scope, facts.id)
    is_ours = load_loop(may_record, setting.scope, facts.id)
    if not records and not (is_ours and facts.stream in MEDIATED):
        return
    with panel("mediation"):
        show(build_panel_title(t("mediation.title"), t("mediation.title_note")))
        for record in records:
            _draw_record(setting, facts, record, is_ours=is_ours)
        if not records:
            show(tag("p", t("mediation.none"), class_="gd-empty"))
        if is_ours:
            with st.expander(t("mediation.open")):
                _draw_opening(setting, facts)


def _draw_record(setting: Setting, facts: IncidentFacts, record: MediationRecord, *, is_ours: bool) -> None:
    heading = t("mediation.heading", channel=term("mediation", record.channel), method=term("method", record.method),
                day=write_day(pd.Timestamp(record.started_on)))
    show(tag("p", tag("strong", heading), " · ", t(f"mediation.result_{_name_result(record.is_settled)}")))
    show(build_facts(_list_facts(record)))
    show(_build_sittings(record))
    if is_ours:
        with st.expander(t("mediation.add_sitting")):
            _draw_sitting(setting, facts, record)
        with st.expander(t("mediation.record_course")):
            _draw_course(setting, record)


def _name_result(is_settled: bool | None) -> str:
    return next(name for name, value in _SETTLED.items() if value is is_settled)


def _list_facts(record: MediationRecord) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [(t("mediation.level"), term("resolution", record.level))]
    found += [(t(f"mediation.{name}"), write_day(pd.Timestamp(value))) for name in ("ended_on", *_DAYS)
              if (value := getattr(record, name)) is not None]
    if record.performed_on is None and record.performance_due_on is not None and record.performance_due_on < today():
        found.append((t("mediation.performed_on"), t("mediation.not_performed")))
    return found


def _build_sittings(record: MediationRecord) -> Html:
    rest = (record.n_sessions or 0) - len(record.sittings)
    lines = [tag("li", f"{write_day(pd.Timestamp(one.held_on))} · {term('method', one.method)} · ",
                 t("mediation.comma").join(clean_text(title, 60) for title in one.mediators),
                 tag("div", clean_text(one.note, LONGEST_SUMMARY), class_="gd-muted gd-small") if one.note else None)
             for one in record.sittings]
    title = tag("div", t("mediation.sittings", n=max(record.n_sessions or 0, len(lines))), class_="gd-small")
    more = tag("p", t("mediation.sittings_elsewhere", n=rest), class_="gd-muted gd-small") if rest > 0 else None
    return tag("div", title, tag("ul", *lines) if lines else None, more)


def _draw_opening(setting: Setting, facts: IncidentFacts) -> None:
    form = f"mediation_open_{facts.id}"
    _tell_done(form)
    key = session.form_key(form)
    left, right = st.columns(2)
    with left:
        channel = _choose("channel", "mediation", MediationChannel, key)
        level = _choose("level", "resolution", ResolutionLevel, key)
    with right:
        method = _choose("method", "method", MediationMethod, key)
        started = _day("started_on", key, today(), last=today())
    if st.button(t("mediation.save_open"), type="primary", key=f"mediation_open_save_{key}"):
        _send(form, lambda: open_mediation(
            get_engine(), by=setting.scope, incident_id=facts.id, channel=channel, method=method, level=level,
            started_on=started, form_key=key), key)


def _draw_sitting(setting: Setting, facts: IncidentFacts, record: MediationRecord) -> None:
    form = f"mediation_sitting_{record.id}"
    _tell_done(form)
    key = session.form_key(form)
    left, right = st.columns(2)
    with left:
        held = _day("held_on", key, today(), last=today())
    with right:
        method = _choose("method", "method", MediationMethod, key, record.method)
    posts = {code: f"{title} · {unit}" if unit else title
             for code, title, unit in load_loop(list_mediators, setting.scope, facts.id, held or today())}
    chosen = st.multiselect(t("mediation.mediators"), list(posts), key=f"mediators_{key}",
                            format_func=lambda code: clean_text(posts.get(code, code), 80),
                            placeholder=t("frame.choose"), help=t("mediation.mediators_help"))
    note = st.text_area(t("mediation.note"), key=f"sitting_note_{key}", max_chars=LONGEST_SUMMARY, height=80,
                        help=t("mediation.note_help"))
    if st.button(t("mediation.save_sitting"), type="primary", key=f"sitting_save_{key}"):
        _send(form, lambda: add_session(
            get_engine(), by=setting.scope, mediation_id=record.id, held_on=held, method=method, mediators=chosen,
            note=note or "", form_key=key), key)


def _draw_course(setting: Setting, record: MediationRecord) -> None:
    form = f"mediation_course_{record.id}"
    _tell_done(form)
    key = f"{session.form_key(form)}-{record.mark}"
    result = st.radio(t("mediation.result"), _RESULTS, index=_RESULTS.index(_name_result(record.is_settled)),
                      format_func=lambda name: t(f"mediation.result_{name}"), horizontal=True, key=f"result_{key}")
    values: dict[str, object] = {"is_settled": _SETTLED[str(result)]}
    columns = st.columns(len(_DAYS) + 1)
    for column, name in zip(columns, ("ended_on", *_DAYS), strict=True):
        with column:
            last = today() + timedelta(days=LONGEST_PROMISE_DAYS if name == "performance_due_on" else 0)
            values[name] = _day(name, key, getattr(record, name), last=last)
    show(tag("p", t("mediation.course_note"), class_="gd-muted gd-small"))
    if st.button(t("mediation.save_course"), type="primary", key=f"course_save_{key}"):
        _send(form, lambda: record_course(
            get_engine(), by=setting.scope, mediation_id=record.id, values=values, mark=record.mark))


def _send(form: str, act: Callable[[], MediationKept], key: str | None = None) -> None:
    send(form, act, "mediation", fields="", key=key)


def _tell_done(form: str) -> None:
    """Say what became of the form that was sent last, and give an empty one."""
    done = session.find_sent(form)
    if isinstance(done, MediationKept):
        show(build_notice(t("mediation.done_already" if done.is_repeated else "mediation.done")))
        if done.is_masked:
            show(build_notice(t("mediation.done_masked"), is_warning=True))
        session.renew_form(form)


def _choose(field: str, group: str, codes: type[MediationChannel | MediationMethod | ResolutionLevel], key: str,
            start: str | None = None) -> str | None:
    values = [one.value for one in codes]
    found = st.selectbox(t(f"mediation.{field}"), values, index=values.index(start) if start in values else None,
                         key=f"mediation_{field}_{key}", format_func=lambda code: term(group, code),
                         placeholder=t("frame.choose"))
    return None if found is None else str(found)


def _day(field: str, key: str, start: date | None, *, last: date) -> date | None:
    found = st.date_input(t(f"mediation.{field}"), value=start, min_value=min(EARLIEST, start or EARLIEST),
                          max_value=max(last, start or last), format="YYYY-MM-DD", key=f"mediation_{field}_{key}")
    return found if isinstance(found, date) else None
