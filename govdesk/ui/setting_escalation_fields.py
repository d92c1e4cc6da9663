"""The fields of a part of an escalation 激化构成: switches, numbers, lists of codes under their words."""

from collections.abc import Sequence

import streamlit as st
from pydantic import BaseModel

from govdesk.queries.escalation_settings import EscalationSettings
from govdesk.terms import MediationChannel, ResolutionLevel, Stream
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.setting_duty_fields import KINDS

#: Most days and times that a part takes (`rules.escalation_parts`).
_MOST = {"times": 20}
_LEAST = {"times": 1}


def name_code(field: str, code: str, words: str) -> str:
    """Return the words for a code that a field of a part names; what has none stays as it is."""
    if field in ("streams", "followed_by"):
        return write_term("stream", code, words)
    if field == "categories":
        return clean_text(name_categories(words).get(code, code), 40)
    if field == "unit_kinds":
        return t(f"settings.kind_{code}") if code in KINDS else clean_text(code, 20)
    group = {"mediation_channels": "mediation", "levels": "resolution"}.get(field)
    return write_term(group, code, words) if group else clean_text(code, 40)


def write_values(part: BaseModel, words: str) -> str:
    """Return what a part counts, in words; whether it is on stands elsewhere."""
    told = []
    for field, value in part.model_dump(mode="json").items():
        if field != "is_on":
            said = str(value) if isinstance(value, int) else t("settings.and").join(
                name_code(field, code, words) for code in value) or t(f"settings.empty_{field}")
            told.append(t("settings.value", field=t(f"settings.field_{field}"), said=said))
    return t("settings.between").join(told)


def draw_values(setting: Setting, known: EscalationSettings, part: str, key: str) -> dict[str, object]:
    """Draw all fields of a part, as they hold, and return them as they were set."""
    found: dict[str, object] = {}
    for field, value in getattr(known.parts, part).model_dump(mode="json").items():
        label, widget = t(f"settings.field_{field}"), f"{field}_{key}"
        if isinstance(value, bool):
            found[field] = st.toggle(label, value, key=widget)
        elif isinstance(value, int):
            found[field] = int(st.number_input(label, _LEAST.get(field, 0), _MOST.get(field, 3660), value, width=200,
                                               key=widget))
        else:
            codes = list(dict.fromkeys([*_list_codes(field, known, setting.words), *value]))
            found[field] = st.multiselect(
                label, codes, value, key=widget, placeholder=t("frame.choose"),
                format_func=lambda code, field=field: name_code(field, code, setting.words))  # type: ignore[misc]
    return found


def _list_codes(field: str, known: EscalationSettings, words: str) -> Sequence[str]:
    return {
        "streams": [one.value for one in Stream], "followed_by": [one.value for one in Stream],
        "categories": list(name_categories(words)), "unit_kinds": [*KINDS, *known.unit_kinds],
        "mediation_channels": [one.value for one in MediationChannel],
        "levels": [one.value for one in ResolutionLevel], "sources": list(known.sources)}[field]
