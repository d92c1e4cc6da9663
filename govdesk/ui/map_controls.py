"""What a reader chooses on the map: place, measure, window, kinds, layer. The address holds every choice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from govdesk.queries.map_request import MEASURES
from govdesk.queries.places import list_children
from govdesk.queries.surroundings import list_categories
from govdesk.rules.access import Scope
from govdesk.terms import Level, Stream
from govdesk.ui import loaders, session
from govdesk.ui.i18n import t, term
from govdesk.ui.map_drill import Drill
from govdesk.ui.map_state import DEFAULT_PERIOD, LAYERS, LEVELS, PERIODS, MapState
from govdesk.ui.markup import clean_text

Write = Callable[[Any], None]


def _bound(key: str, value: object, write: Write) -> dict[str, Any]:
    """Return what ties a widget to the address: its key, holding `value`, and the write on a change."""
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: write(st.session_state[key])}


def draw_controls(scope: Scope, state: MapState, drill: Drill, on: date, names: Mapping[str, str]) -> None:
    """Draw all choices in one row that wraps."""
    with st.container(key="gd-map-controls", horizontal=True, vertical_alignment="bottom"):
        _draw_way(scope, drill, on)
        _draw_measure(state)
        _draw_period(state)
        _draw_more(state, drill, names)


def _draw_way(scope: Scope, drill: Drill, on: date) -> None:
    """Draw the way down as one box a step: the same as clicking on the map, for slow machines and keyboards."""
    if not drill.way:
        return
    for depth, place in enumerate(drill.way[:3]):
        children = loaders.load(list_children, scope, place.code, on)
        if children.empty:
            return
        names = dict(zip(children["code"], children["name"], strict=True))
        chosen = drill.way[depth + 1].code if depth + 1 < len(drill.way) else ""
        level = str(children["level"].iloc[0])
        options = ["", *names]  # empty: all of them

        def go(code: str, above: str = place.code, is_root: bool = depth == 0) -> None:
            session.go_to_place(code or (None if is_root else above))

        def label(code: str, names: dict[str, str] = names, level: str = level) -> str:
            return clean_text(names[code], 30) if code else t("map.all_of_level", level=term("level", level))

        st.selectbox(
            t("map.choose_place", level=term("level", level)), options,
            format_func=label,
            placeholder=t("frame.choose"), width=172, **_bound(f"map_way_{depth}", chosen, go),
        )


def _draw_measure(state: MapState) -> None:
    st.selectbox(
        t("map.measure"), MEASURES, format_func=lambda one: t(f"map.measure_{one}"), width=168,
        placeholder=t("frame.choose"),
        **_bound("map_measure", state.measure,
                 lambda one: session.write_params(measure=one if one != "count" else None)),
    )


def _draw_period(state: MapState) -> None:
    st.segmented_control(
        t("map.period"), PERIODS, format_func=lambda one: t(f"map.weeks_{one}"), required=True, width="content",
        **_bound("map_period", state.period,
                 lambda one: session.write_params(weeks=one if one != DEFAULT_PERIOD else None)),
    )


def _draw_more(state: MapState, drill: Drill, names: Mapping[str, str]) -> None:
    n_chosen = bool(state.streams) + bool(state.categories)
    label = t("map.filters_on", n=n_chosen) if n_chosen else t("map.filters")
    with st.popover(label, width="content"):
        st.multiselect(
            t("map.streams"), [one.value for one in Stream], format_func=lambda one: term("stream", one),
            placeholder=t("map.all"), **_bound("map_streams", list(state.streams), _write_codes("streams")),
        )
        codes = categories_of(names, state.streams)
        st.multiselect(
            t("map.categories"), codes, format_func=names.__getitem__, placeholder=t("map.all"),
            **_bound("map_categories", [code for code in state.categories if code in codes],
                     _write_codes("categories")),
        )
        if drill.is_top and {Level.VILLAGE, Level.TOWNSHIP} <= set(drill.levels):
            st.segmented_control(
                t("map.level"), LEVELS, required=True,
                format_func=lambda one: term("level", one),
                **_bound("map_level", state.level,
                         lambda one: session.write_params(level=one if one != Level.VILLAGE else None)),
            )
        st.segmented_control(
            t("map.layer"), LAYERS, format_func=lambda one: t(f"map.layer_{one}"), required=True,
            **_bound("map_layer", state.layer, lambda one: session.write_params(layer=one if one != "areas" else None)),
        )


def _write_codes(name: str) -> Write:
    def write(codes: Sequence[str]) -> None:
        session.write_params(**{name: ",".join(codes)})

    return write


def category_names() -> dict[str, str]:
    """Return code and name of every category, with the stream before the name."""
    rows = loaders.load_common(list_categories)
    streams = {stream: term("stream", stream) for stream in rows["stream"].unique()}
    return {
        code: f"{streams[stream]} · {clean_text(name, 40)}"
        for code, stream, name in zip(rows["code"], rows["stream"], rows[f"name_{session.language()}"], strict=True)
    }


def categories_of(names: Mapping[str, str], streams: tuple[str, ...]) -> list[str]:
    """Return the codes of the categories of some streams; none means all."""
    rows = loaders.load_common(list_categories)
    return [code for code, stream in zip(rows["code"], rows["stream"], strict=True)
            if code in names and (not streams or stream in streams)]
