"""The fields of the register: one function a kind of record, and the way down to a place."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from govdesk.actions.registering import action_of
from govdesk.clock import today
from govdesk.queries.places import find_breadcrumb, find_roots, list_children
from govdesk.queries.surroundings import list_categories, list_units
from govdesk.rules.access import Scope, allows
from govdesk.rules.record_checks import EARLIEST, LONGEST_SUMMARY, About
from govdesk.storage.category_changes import list_off_categories
from govdesk.storage.units_off import list_units_off_now
from govdesk.terms import (
    Channel,
    Level,
    MediationChannel,
    MediationMethod,
    PetitionKind,
    ResolutionLevel,
    SourceChangeKind,
    Stream,
    WorksKind,
)
from govdesk.ui import session
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.setting import Setting

Values = dict[str, Any]

#: Kind in the address → kind of record.
KINDS: dict[str, About] = {
    "incident": "incidents", "mediation": "mediations", "nil_return": "nil_returns", "works": "works",
    "source_change": "source_changes",
}

#: Words of a field where they differ from its name.
_LABELS = {
    "place_code": "place", "mediations.channel": "mediation_channel", "mediations.level": "resolution",
    "works.name": "works_name", "works.kind": "works_kind", "works.started_on": "works_started_on",
    "works.ended_on": "works_ended_on", "nil_returns.stream": "nil_stream", "incident_ref": "incident_number",
    "works.unit_code": "unit", "mediations.unit_code": "unit",
    "source_changes.on": "source_on", "source_changes.kind": "source_kind", "source_changes.stream": "source_stream",
    "source_changes.channel": "source_channel", "source_changes.note": "source_note",
}


def list_kinds(scope: Scope) -> list[str]:
    """Return the kinds of record that an account may register, as they stand in the address."""
    return [kind for kind, about in KINDS.items() if allows(scope, action_of(about))]


def name_field(about: About, field: str) -> str:
    """Return the words of a field on the form; a field that is not on it keeps its name."""
    key = _LABELS.get(f"{about}.{field}", _LABELS.get(field, field))
    try:
        return t(f"register.{key}")
    except KeyError:
        return field


def draw_fields(about: About, setting: Setting, key: str) -> Values:
    """Draw the fields of a kind of record and return what stands in them."""
    drawers: dict[About, Callable[[Setting, str], Values]] = {
        "incidents": _draw_incident, "mediations": _draw_mediation, "nil_returns": _draw_nil_return,
        "works": _draw_works, "source_changes": _draw_source_change,
    }
    return drawers[about](setting, key)


def _draw_incident(setting: Setting, key: str) -> Values:
    left, right = st.columns(2)
    with left:
        stream = _choose("stream", [one.value for one in Stream], "stream", key, setting, needed=True)
    with right:
        category = _choose_category(stream, key, setting)
    left, right = st.columns(2)
    with left:
        occurred_on = _day("occurred_on", key, default=today())
    with right:
        channel = _choose("channel", [one.value for one in Channel], "channel", key, setting, needed=True)
    place = choose_place(setting, key, occurred_on or today())
    _say_coarse(setting, place, occurred_on or today())
    left, right = st.columns(2)
    with left:
        people = st.number_input(t("register.n_people"), 1, 100_000, value=None, step=1, key=f"n_people_{key}",
                                 placeholder="")
        handling = _choose_unit("handling_unit", key)
    with right:
        severity = st.selectbox(t("register.severity"), [1, 2, 3, 4], index=None, key=f"severity_{key}",
                                placeholder=t("register.none"))
        concerns = _choose_unit("concerns_unit", key)
    kind = None
    if stream == Stream.PETITION:
        kind = _choose("petition_kind", [one.value for one in PetitionKind], "petition", key, setting)
    summary = st.text_area(t("register.summary"), key=f"summary_{key}", help=t("register.summary_help"),
                           max_chars=LONGEST_SUMMARY, height=80)
    return {
        "place_code": place, "stream": stream, "category": category, "occurred_on": occurred_on, "channel": channel,
        "petition_kind": kind, "n_people": people, "severity": severity, "handling_unit": handling,
        "concerns_unit": concerns, "summary": (summary or "").strip(),
    }


def _draw_mediation(setting: Setting, key: str) -> Values:
    left, right = st.columns(2)
    with left:
        number = st.text_input(t("register.incident_number"), value=session.read_param("incident", _short, ""),
                               key=f"incident_number_{key}", help=t("register.incident_help"), max_chars=80)
        channel = _choose("mediation_channel", [one.value for one in MediationChannel], "mediation", key, setting,
                          needed=True)
        method = _choose("method", [one.value for one in MediationMethod], "method", key, setting, needed=True)
        level = _choose("resolution", [one.value for one in ResolutionLevel], "resolution", key, setting, needed=True)
        sessions = st.number_input(t("register.n_sessions"), 1, 1000, value=1, step=1, key=f"n_sessions_{key}")
    with right:
        started = _day("started_on", key, default=today())
        ended = _day("ended_on", key)
        results = {"open": None, "yes": True, "no": False}
        result = st.selectbox(t("register.is_settled"), list(results), key=f"is_settled_{key}",
                              format_func=lambda name: t(f"register.settled_{name}"))
        agreed = _day("agreed_on", key)
        due = _day("performance_due_on", key, ahead=True)
    return {
        "incident_number": (number or "").strip(), "channel": channel, "method": method, "level": level,
        "n_sessions": sessions, "started_on": started, "ended_on": ended, "is_settled": results[result],
        "agreed_on": agreed, "performance_due_on": due,
    }


def _short(text: str) -> str:
    if len(text) > 80:
        raise ValueError(text)
    return text


def _draw_nil_return(setting: Setting, key: str) -> Values:
    left, right = st.columns(2)
    with left:
        first = _day("period_from", key, default=today().replace(day=1))
    with right:
        last = _day("period_to", key, default=today())
    code = choose_place(setting, key, last or today())
    stream = _choose("nil_stream", [one.value for one in Stream], "stream", key, setting,
                     placeholder=t("register.all_streams"))
    return {"place_code": code, "stream": stream, "period_from": first, "period_to": last}


def _draw_works(setting: Setting, key: str) -> Values:
    left, right = st.columns(2)
    with left:
        name = st.text_input(t("register.works_name"), key=f"works_name_{key}", max_chars=100)
        kind = _choose("works_kind", [one.value for one in WorksKind], "works", key, setting, needed=True)
        unit = _choose_unit("unit", key)
    with right:
        started = _day("works_started_on", key, default=today(), ahead=True)
        ended = _day("works_ended_on", key, ahead=True)
    code = choose_place(setting, key, min(started or today(), today()))
    return {"place_code": code, "name": (name or "").strip(), "kind": kind, "started_on": started, "ended_on": ended,
            "unit_code": unit}


def _draw_source_change(setting: Setting, key: str) -> Values:
    left, right = st.columns(2)
    with left:
        on = _day("source_on", key, default=today())
        kind = _choose("source_kind", [one.value for one in SourceChangeKind], "source", key, setting, needed=True)
    with right:
        stream = _choose("source_stream", [one.value for one in Stream], "stream", key, setting,
                         placeholder=t("register.all_streams"))
        channel = _choose("source_channel", [one.value for one in Channel], "channel", key, setting,
                          placeholder=t("register.all_channels"))
    st.caption(t("register.source_place"))
    code = choose_place(setting, key, on or today())
    note = st.text_area(t("register.source_note"), key=f"note_{key}", help=t("register.summary_help"),
                        max_chars=LONGEST_SUMMARY, height=80)
    return {"on": on, "kind": kind, "stream": stream, "channel": channel, "place_code": code,
            "note": (note or "").strip()}


def _pick(label: str, names: dict[str, str], key: str, placeholder: str, *, disabled: bool = False) -> str | None:
    """Draw a box of codes shown by their names."""
    found = st.selectbox(label, list(names), index=None, key=key, format_func=lambda code: names.get(code, code),
                         placeholder=placeholder, disabled=disabled)
    return None if found is None else str(found)


def choose_place(setting: Setting, key: str, on: date, start: str | None = None) -> str | None:
    """Draw boxes from the top of the account's tree down; return the finest place chosen, None above a township.

    `start` is chosen when the boxes are drawn first, where it is a place that the account may see.
    """
    way = [one.code for one in load(find_breadcrumb, setting.scope, start, on)] if start else []
    roots = load(find_roots, setting.scope, on)
    if not roots:
        return None
    here = roots[0].code
    chosen = here if len(roots) == 1 and roots[0].level != Level.COUNTY else None
    children = load(list_children, setting.scope, here, on)
    options = {root.code: root.name for root in roots} if len(roots) > 1 else dict(
        zip(children["code"], children["name"], strict=True))
    level = roots[0].level if len(roots) > 1 else (children["level"].iloc[0] if len(children) else "")
    columns = iter(st.columns(3))
    while options and (column := next(columns, None)) is not None:
        word, box = write_term("level", level, setting.words), f"place_{level}_{here}_{key}"
        if box not in st.session_state:
            st.session_state[box] = next((code for code in way if code in options), None)
        with column:
            picked = _pick(word if chosen is None else t("register.part_of", level=word), options, box,
                           t("register.choose" if chosen is None else "register.none"))
        if picked is None:
            break
        here = chosen = picked
        children = load(list_children, setting.scope, here, on)
        options = dict(zip(children["code"], children["name"], strict=True))
        level = children["level"].iloc[0] if len(children) else ""
    return chosen


def _say_coarse(setting: Setting, place: str | None, on: date) -> None:
    """Say what an incident without a village is not counted in: nobody chooses that unknowingly."""
    way = load(find_breadcrumb, setting.scope, place, on) if place else []
    if way and way[-1].level == Level.TOWNSHIP:
        st.caption(t("register.place_coarse"))


def _choose(
    field: str, codes: Sequence[str], group: str, key: str, setting: Setting, *, needed: bool = False,
    placeholder: str | None = None,
) -> str | None:
    empty = placeholder or (t("register.choose") if needed else t("register.none"))
    names = {code: write_term(group, code, setting.words) for code in codes}
    return _pick(t(f"register.{field}"), names, f"{field}_{key}", empty)


def _choose_category(stream: str | None, key: str, setting: Setting) -> str | None:
    categories = load_common(list_categories)
    fitting = categories[(categories["stream"] == stream) & ~categories["code"].isin(load_common(list_off_categories))]
    names = dict(zip(fitting["code"], fitting["name_zh" if setting.words == "zh" else "name_en"], strict=True))
    return _pick(t("register.category"), names, f"category_{stream}_{key}", t("register.choose"),
                 disabled=stream is None)


def _choose_unit(field: str, key: str) -> str | None:
    units = load_common(list_units)
    if field == "handling_unit":  # a report may be about an office that is no more; it goes to none such
        units = units[~units["code"].isin(load_common(list_units_off_now))]
    names = dict(zip(units["code"], units["name"], strict=True))
    return _pick(t(f"register.{field}"), names, f"{field}_{key}", t("register.none"))


def _day(field: str, key: str, *, default: date | None = None, ahead: bool = False) -> date | None:
    last = date(today().year + 10, 12, 31) if ahead else today()
    found = st.date_input(t(f"register.{field}"), value=default, min_value=EARLIEST, max_value=last,
                          format="YYYY-MM-DD", key=f"{field}_{key}")
    return found if isinstance(found, date) else None
