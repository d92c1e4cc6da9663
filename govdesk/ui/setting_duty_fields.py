"""The fields of a row of the duty list 权责清单: what names it, and what it says."""

from collections.abc import Mapping
from typing import get_args

import streamlit as st

from govdesk.actions.duty_list_changes import LONGEST_SOURCE, LONGEST_WORDS
from govdesk.queries.surroundings import list_units
from govdesk.rules.triage import LEVELS, TownshipFirst
from govdesk.terms import PlaceKind
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting
from govdesk.ui.setting_forms import choose

#: Kinds of units that have a word; the county's own kinds stay as they are.
KINDS = ("department", "township", "bureau", "police", "court", "centre")


def draw_naming(setting: Setting, key: str, names: Mapping[str, str]) -> dict[str, str]:
    """Draw what names a row: what it is about, what it is narrowed to, its rank."""
    words = setting.words
    first, second, third, fourth = st.columns([3, 2, 2, 1])
    with first:
        about = choose(t("settings.field_about"), list(names), f"about_{key}", lambda one: names.get(one, one))
    with second:
        kind = choose(t("settings.field_place_kind"), ["", *(one.value for one in PlaceKind)], f"kind_{key}",
                      lambda one: write_term("kind", one, words) if one else t("settings.any"))
    with third:
        level = choose(t("settings.field_place_level"), ["", *LEVELS], f"level_{key}",
                       lambda one: write_term("level", one, words) if one else t("settings.any"))
    with fourth:
        rank = st.number_input(t("settings.field_rank"), 1, 99, 1, step=1, key=f"rank_{key}",
                               help=t("settings.rank_help"))
    return {"about": about, "place_kind": kind, "place_level": level, "rank": str(int(rank or 0))}


def draw_rest(setting: Setting, key: str, cells: Mapping[str, str]) -> dict[str, str]:
    """Draw what a row says: its unit, by name or by code, whether the township comes first, the law."""
    del setting
    named = "code" if cells.get("unit_code") else "words"
    how = st.radio(t("settings.unit_how"), ("words", "code"), index=("words", "code").index(named), horizontal=True,
                   key=f"how_{key}", format_func=lambda one: t(f"settings.how_{one}"))
    found = {"unit_kind": "", "unit_words": "", "unit_code": ""}
    left, middle, right = st.columns([2, 3, 3])
    if how == "code":
        with left:
            found["unit_code"] = _choose_code(key, cells.get("unit_code", ""))
    else:
        own = cells.get("unit_kind", "")
        kinds = ["", *KINDS, *([own] if own and own not in KINDS else [])]
        with left:
            found["unit_kind"] = choose(t("settings.field_unit_kind"), kinds, f"unit_kind_{key}", _name, own)
        with middle:
            found["unit_words"] = st.text_input(
                t("settings.field_unit_words"), cells.get("unit_words", ""), key=f"unit_words_{key}",
                max_chars=LONGEST_WORDS, help=t("settings.words_help")) or ""
    with right:
        found["township_first"] = choose(
            t("settings.field_township_first"), list(get_args(TownshipFirst)), f"first_{key}",
            lambda one: t(f"settings.first_{one}"), cells.get("township_first"))
    found["source"] = st.text_input(
        t("settings.field_source"), cells.get("source", ""), key=f"source_{key}", max_chars=LONGEST_SOURCE,
        help=t("settings.source_help")) or ""
    return found


def _choose_code(key: str, start: str) -> str:
    units = load_common(list_units)
    names = {code: clean_text(name, 40) for code, name in zip(units["code"], units["name"], strict=True)}
    codes = [*names, *([start] if start and start not in names else [])]
    return choose(t("settings.field_unit_code"), codes, f"unit_code_{key}", lambda one: names.get(one, one), start)


def _name(kind: str) -> str:
    if not kind:
        return t("settings.any_kind")
    return t(f"settings.kind_{kind}") if kind in KINDS else clean_text(kind, 20)
