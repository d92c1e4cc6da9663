"""What a reader chooses on the page of trends; the address holds every choice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from govdesk.clock import week_label
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_places
from govdesk.queries.surroundings import list_categories
from govdesk.queries.trend_changes import read_district_kinds
from govdesk.queries.trend_periods import GRANULARITIES, Granularity
from govdesk.queries.trends import list_used_channels, read_first_full_week
from govdesk.terms import Channel, PlaceKind, Stream
from govdesk.ui import session
from govdesk.ui.i18n import t, term
from govdesk.ui.loaders import load, load_common
from govdesk.ui.map_state import parse_week
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting
from govdesk.ui.township_changes import find_level

ALL_STREAMS = "all"
#: Weeks chosen at first: a year, so that every season is in it.
DEFAULT_WEEKS = 52
#: How far back the main chart reaches, and what it puts side by side.
VIEWS = ("three", "whole", "years")
SECTIONS = ("places", "cells", "levels", "streaks", "works")
_PREFIX = "trend_"


@dataclass(frozen=True, slots=True)
class Names:
    """Words of what can be chosen, by code; `kinds` maps districts to the kind of most of their villages."""

    places: Mapping[str, str]
    categories: Mapping[str, Mapping[str, str]]
    streams: Mapping[str, str]
    channels: Mapping[str, str]
    kinds: Mapping[str, str]
    level: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One view of the page; empty text means all. `week_from` ≤ w < `week_to` is the period chosen."""

    grain: Granularity
    view: str
    stream: str
    category: str
    place: str
    kind: str
    channel: str
    week_from: int
    week_to: int
    section: str

    def filters(self, weeks: range) -> IncidentFilter:
        """Return the incidents that are meant, in some weeks."""
        return IncidentFilter(
            weeks.start, weeks.stop, () if self.stream == ALL_STREAMS else (self.stream,),
            (self.category,) if self.category else (), self.place or None, (self.channel,) if self.channel else (),
            (self.kind,) if self.kind else ())

    @property
    def span(self) -> range:
        """The period chosen."""
        return range(self.week_from, self.week_to)


def recorded_weeks(setting: Setting) -> range:
    """Return the complete weeks that are recorded, without the trickle of cases from before recording began."""
    end = setting.week + 1
    if setting.first_week is None or setting.first_week >= end:
        return range(end, end)
    return range(load(read_first_full_week, setting.scope, setting.first_week, end), end)


def read_names(setting: Setting) -> Names:
    """Return the districts of the reader's area, all categories, and the channels that were ever used."""
    level = find_level()
    places = load(list_places, setting.scope, level, setting.day) if level else None
    rows = load_common(list_categories)
    weeks = recorded_weeks(setting)
    used = load(list_used_channels, setting.scope, weeks.start, weeks.stop)
    return Names(
        {} if places is None else {code: clean_text(name, 30) for code, name in
                                   zip(places["code"], places["name"], strict=True)},
        {code: {"zh": clean_text(zh, 40), "en": clean_text(en, 40)} for code, zh, en in
         zip(rows["code"], rows["name_zh"], rows["name_en"], strict=True)},
        dict(zip(rows["code"], rows["stream"], strict=True)),
        {one.value: term("channel", one.value) for one in Channel if one.value in used},
        load_common(read_district_kinds), level)


def read_choice(names: Names, setting: Setting) -> Choice:
    """Return the view the address asks for; what means nothing is left out with a notice."""
    recorded = recorded_weeks(setting)

    def read(name: str, allowed: Sequence[str], default: str = "") -> str:
        return session.read_param(name, session.one_of(*allowed), default)

    def week(text: str) -> int:
        found = parse_week(text)
        if found not in recorded:
            raise ValueError(text)
        return found

    grain = read("grain", GRANULARITIES, "week")
    stream = read("stream", (ALL_STREAMS, *Stream), Stream.DISPUTE.value)
    of_stream = [code for code, one in names.streams.items() if stream in (ALL_STREAMS, one)]
    first = max(recorded.stop - DEFAULT_WEEKS, recorded.start)
    week_from, week_last = session.read_param("from", week, first), session.read_param("to", week, recorded.stop - 1)
    if week_from > week_last:
        session.note_unusable("from", week_label(week_from))
        week_from = min(first, week_last)
    return Choice(
        next(one for one in GRANULARITIES if one == grain), read("view", VIEWS, VIEWS[0]), stream,
        read("category", of_stream), read("place", list(names.places)), read("kind", [one.value for one in PlaceKind]),
        read("channel", list(Channel)), week_from, week_last + 1, read("section", SECTIONS, SECTIONS[0]))


def draw_controls(choice: Choice, names: Names, setting: Setting) -> None:
    """Draw all filters in rows that wrap."""
    with st.container(key="gd-trend-controls", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("trends.grain"), GRANULARITIES, required=True, width="content",
            format_func=lambda one: t(f"trends.grain_{one}"), **_bound("grain", choice.grain, "week"))
        streams = {ALL_STREAMS: t("trends.all")} | {one.value: term("stream", one.value) for one in Stream}
        _draw_box("stream", t("table.stream"), streams, choice.stream, Stream.DISPUTE.value)
        words = {code: found[setting.words] for code, found in names.categories.items()
                 if choice.stream in (ALL_STREAMS, names.streams[code])}
        _draw_box("category", t("table.category"), {"": t("trends.all"), **words}, choice.category)
        if len(names.places) > 1 and names.level:
            places = {"": t("trends.all"), **names.places}
            _draw_box("place", term("level", names.level), places, choice.place)
        if names.kinds or choice.kind:
            kinds = {"": t("trends.all")} | {one.value: term("kind", one.value) for one in PlaceKind}
            _draw_box("kind", t("trends.kind"), kinds, choice.kind)
        if names.channels or choice.channel:
            channels = {"": t("trends.all"), **names.channels}
            _draw_box("channel", t("trends.channel"), channels, choice.channel)
        _draw_weeks(choice, setting)


def _draw_weeks(choice: Choice, setting: Setting) -> None:
    """Draw first and last week of the period as boxes that a keyboard can type into."""
    recorded = recorded_weeks(setting)
    names = {week_label(week): week for week in reversed(recorded)}
    first = week_label(max(recorded.stop - DEFAULT_WEEKS, recorded.start))
    boxes = (("from", choice.week_from, first), ("to", choice.week_to - 1, week_label(recorded[-1])))
    for name, week, default in boxes:
        st.selectbox(t(f"trends.week_{name}"), list(names), width=110, placeholder=t("frame.choose"),
                     **_bound(name, week_label(week), default))


def _draw_box(name: str, label: str, words: Mapping[str, str], chosen: str, default: str = "") -> None:
    options = list(words) if chosen in words else [*words, chosen]
    st.selectbox(label, options, format_func=lambda code: words.get(code, code), width=116,
                 placeholder=t("frame.choose"), **_bound(name, chosen, default))


def _bound(name: str, value: str, default: str) -> dict[str, Any]:
    """Return what ties a widget to the address: its key, holding `value`, and the write on a change."""
    key = f"{_PREFIX}{name}"
    st.session_state[key] = value

    def write() -> None:
        chosen = st.session_state[key]
        session.write_params(**{name: None if chosen == default else chosen})
        if name == "stream":  # a category belongs to one stream
            session.write_params(category=None)

    found: dict[str, Any | Callable[[], None]] = {"key": key, "on_change": write}
    return found


def choose_weeks(week_from: int, week_to: int, recorded: range) -> None:
    """Put a period into the address, cut to what is recorded; nothing where nothing of it is."""
    first, last = max(week_from, recorded.start), min(week_to, recorded.stop) - 1
    if first <= last:
        session.write_params(**{"from": week_label(first), "to": week_label(last)})
