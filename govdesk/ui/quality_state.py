"""What a reader chooses on the page of case quality; the address holds every choice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from govdesk.clock import monday_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_places
from govdesk.queries.surroundings import list_categories, list_units
from govdesk.rules.indicators import SECTIONS
from govdesk.terms import Channel, Level, PlaceKind, Stream
from govdesk.ui import session
from govdesk.ui.i18n import t, term
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.township_changes import find_level

PERIODS = ("13", "52", "104", "all")
DEFAULT_PERIOD = "52"
#: 矛盾纠纷, 信访, everything.
STREAMS = ("all", Stream.DISPUTE.value, Stream.PETITION.value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One view of the page; empty text means all."""

    period: str
    stream: str
    place: str
    unit: str
    channel: str
    category: str
    section: str
    kind: str = ""

    def filters(self, setting: Setting) -> IncidentFilter:
        """Return the incidents that are meant: whole weeks up to the last complete one."""
        first = setting.week + 1 if setting.first_week is None else setting.first_week
        begin = first if self.period == "all" else max(setting.week + 1 - int(self.period), first)
        return IncidentFilter(
            min(begin, setting.week + 1), setting.week + 1, () if self.stream == "all" else (self.stream,),
            (self.category,) if self.category else (), self.place or None, (self.channel,) if self.channel else (),
            (self.kind,) if self.kind else (), (self.unit,) if self.unit else ())

    def window(self, setting: Setting) -> tuple[date, date]:
        """Return the first and the last day that are meant."""
        filters = self.filters(setting)
        return monday_of(filters.week_from), monday_of(filters.week_to) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Names:
    """Words of what can be chosen, by code.

    `district` is the word for the level of the places; `kinds` is empty where no village has one.
    """

    district: str
    places: Mapping[str, str]
    units: Mapping[str, str]
    channels: Mapping[str, str]
    categories: Mapping[str, str]
    kinds: Mapping[str, str]


def read_names(setting: Setting) -> Names:
    """Return the districts of the reader's area, units, channels and categories."""
    level = find_level()
    places = load(list_places, setting.scope, level, setting.day) if level else None
    units, categories = load_common(list_units), load_common(list_categories)
    words = name_categories(setting.words)
    kinds = set(load(list_places, setting.scope, Level.VILLAGE.value, setting.day)["kind"])
    return Names(
        term("level", level) if level else t("table.place"),
        {} if places is None else {code: clean_text(name, 30) for code, name in
                                   zip(places["code"], places["name"], strict=True)},
        {code: clean_text(name, 30) for code, name in zip(units["code"], units["name"], strict=True)},
        {one.value: term("channel", one.value) for one in Channel},
        {code: clean_text(words[code], 40) for code in categories["code"]},
        {one.value: term("kind", one.value) for one in PlaceKind if one.value in kinds},
    )


def read_choice(names: Names) -> Choice:
    """Return the view the address asks for; what means nothing is left out with a notice."""
    def read(name: str, allowed: Sequence[str], default: str = "") -> str:
        return session.read_param(name, session.one_of(*allowed), default)

    return Choice(
        read("period", PERIODS, DEFAULT_PERIOD), read("stream", STREAMS, "all"), read("place", list(names.places)),
        read("unit", list(names.units)), read("channel", list(names.channels)),
        read("category", list(names.categories)), read("section", SECTIONS), read("kind", list(names.kinds)))


def draw_controls(choice: Choice, names: Names) -> None:
    """Draw all filters in one row that wraps."""
    with st.container(key="gd-quality-controls", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("quality.period"), PERIODS, required=True, width="content",
            format_func=lambda one: t(f"quality.period_{one}"),
            **_bound("period", choice.period, default=DEFAULT_PERIOD))
        st.segmented_control(
            t("table.stream"), STREAMS, required=True, width="content",
            format_func=lambda one: t(f"quality.stream_{one}"), **_bound("stream", choice.stream, default="all"))
        if len(names.places) > 1:
            _draw_box("place", names.district, names.places, choice.place)
        if names.kinds:
            _draw_box("kind", t("quality.kind"), names.kinds, choice.kind)
        if names.units:
            _draw_box("unit", t("table.unit"), names.units, choice.unit)
        _draw_box("channel", t("quality.channel"), names.channels, choice.channel)
        _draw_box("category", t("table.category"), _categories_of(names, choice.stream), choice.category)


def _categories_of(names: Names, stream: str) -> dict[str, str]:
    rows = load_common(list_categories)
    return {code: names.categories[code] for code, one in zip(rows["code"], rows["stream"], strict=True)
            if stream in ("all", one)}


def _draw_box(name: str, label: str, words: Mapping[str, str], chosen: str) -> None:
    options = ["", *words] if chosen in words or not chosen else ["", chosen, *words]
    st.selectbox(
        label, options, format_func=lambda code: words.get(code, code) if code else t("quality.all"), width=118,
        placeholder=t("frame.choose"), **_bound(name, chosen, default=""))


def _bound(name: str, value: str, *, default: str) -> dict[str, Any]:
    """Return what ties a widget to the address: its key, holding `value`, and the write on a change."""
    key = f"quality_{name}"
    st.session_state[key] = value

    def write() -> None:
        chosen = st.session_state[key]
        session.write_params(**{name: None if chosen == default else chosen})

    found: dict[str, Any | Callable[[], None]] = {"key": key, "on_change": write}
    return found


def describe(choice: Choice, names: Names, setting: Setting) -> str:
    """Say in words what is shown: for exports and for the note of each part."""
    first, last = choice.window(setting)
    parts = [t("quality.window", from_day=first, to_day=last), t(f"quality.stream_{choice.stream}"),
             names.places.get(choice.place, ""), names.kinds.get(choice.kind, ""), names.units.get(choice.unit, ""),
             names.channels.get(choice.channel, ""), names.categories.get(choice.category, "")]
    return " · ".join(part for part in parts if part)
