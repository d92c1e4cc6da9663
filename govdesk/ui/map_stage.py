"""The stage: map, legend over it, and below it the weeks with their playback."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from govdesk.clock import day_start, monday_of, week_label
from govdesk.queries.counts import count_by_cell
from govdesk.queries.map_figures import find_map_breaks, read_map_figures
from govdesk.queries.map_request import MapRequest
from govdesk.queries.turns import count_turns
from govdesk.rules.access import Scope
from govdesk.terms import Level
from govdesk.ui import loaders, session
from govdesk.ui.formats import write_count, write_day
from govdesk.ui.i18n import t
from govdesk.ui.map_drill import Drill, next_place
from govdesk.ui.map_layers import Cell, build_deck
from govdesk.ui.map_legend import draw_legend
from govdesk.ui.map_picture import draw_first_picture
from govdesk.ui.map_state import MapState, write_week
from govdesk.ui.markup import tag
from models.quantile_classes import find_breaks

#: Seconds a frame of the playback stands.
FRAME_SECONDS = 1.6
_PLAYING, _FRAME, _CHART = "_map_playing", "_map_frame", "incident_map"
#: Days of changes named below the weeks.
MOST_TURNS = 3
#: Height in pixels where the style sheet does not stretch it to the window.
HEIGHT = 640


@dataclass(frozen=True, slots=True)
class Stage:
    """All that a frame of the map needs."""

    scope: Scope
    state: MapState
    drill: Drill
    request: MapRequest
    frames: tuple[int, ...]
    on: date
    first_week: int
    size: tuple[int, int]


def is_playing() -> bool:
    """Return whether the playback runs."""
    return bool(st.session_state.get(_PLAYING))


def draw_stage(stage: Stage) -> pd.DataFrame:
    """Draw map, legend and weeks; return the figures on the map."""
    if is_playing():
        st.fragment(_play, run_every=FRAME_SECONDS)(stage)
        return loaders.load(read_map_figures, stage.scope, stage.request)
    figures = _draw_frame(stage, stage.request)
    _draw_weeks(stage)
    return figures


def _cells(stage: Stage) -> Cell | None:
    """Return which of the stored cells fit the view, or None where places are coloured."""
    if stage.state.layer != "cells":
        return None
    return "county" if stage.drill.is_top else "township"


def with_breaks(stage: Stage) -> Stage:
    """Return the stage with the classes of its own window: all frames of a playback are painted by them."""
    cell = _cells(stage)
    if cell is not None:
        counts = loaders.load(count_by_cell, stage.scope, stage.request.filters, cell)["n_incidents"]
        breaks = tuple(float(edge) for edge in find_breaks(counts.to_numpy(dtype="float64"), 5))
    else:
        breaks = find_map_breaks(loaders.load(read_map_figures, stage.scope, stage.request))
    return replace(stage, request=replace(stage.request, breaks=breaks))


def _draw_frame(stage: Stage, request: MapRequest) -> pd.DataFrame:
    drill = stage.drill
    level = drill.place.level if drill.place else None
    points = level in (Level.VILLAGE, Level.GRID) and not drill.is_top
    cells = _cells(stage)
    figures = loaders.load(read_map_figures, stage.scope, replace(request, breaks=()))
    with st.container(key="gd-map"):
        draw_first_picture(_CHART, None if cells else request, drill, width=stage.size[0], height=stage.size[1])
        deck = build_deck(request, drill, cells=cells, points=points, visit=session.n_visits(),
                          width=stage.size[0], height=stage.size[1])
        st.pydeck_chart(deck, height=HEIGHT, on_select=lambda: _go(stage), selection_mode="single-object",
                        key=_CHART, alt=t("map.alt"))
        shown = _cell_figures(stage, request, cells) if cells else figures
        draw_legend(replace(request, measure="count") if cells else request, shown,
                    is_schematic=drill.is_schematic, points=points)
    return figures


def _cell_figures(stage: Stage, request: MapRequest, cells: Cell) -> pd.DataFrame:
    counts = loaders.load(count_by_cell, stage.scope, request.filters, cells)
    values = counts.loc[counts["n_incidents"] > 0, "n_incidents"].astype("float64")
    return pd.DataFrame({"value": values, "state": "figure"})


def _go(stage: Stage) -> None:
    """Step down to what was clicked; a click on a single incident's point leads nowhere."""
    chart = st.session_state.get(_CHART)
    objects = dict(chart.selection.objects) if chart else {}
    for layer, found in objects.items():
        if str(layer).startswith("places-") and found and isinstance(found[0], dict):
            code = str(found[0].get("properties", {}).get("code", ""))
            if code:
                session.go_to_place(next_place(stage.drill, stage.scope, session.place_code(code), stage.on))
            return


def _draw_weeks(stage: Stage) -> None:
    if len(stage.frames) < 2:
        return
    last = stage.frames[-1]

    def choose() -> None:
        write_week(st.session_state["map_week"], last)

    with st.container(key="gd-map-weeks", horizontal=True, vertical_alignment="center"):
        st.button(t("map.play"), key="map_play", on_click=_start, width="content")
        st.session_state["map_week"] = min(max(stage.state.to_week, stage.frames[0]), last)
        st.select_slider(t("map.end_week"), stage.frames, key="map_week", format_func=name_week, on_change=choose,
                         label_visibility="collapsed")
    _draw_turns(_turns(stage))


def _turns(stage: Stage) -> pd.DataFrame:
    """Return the days within the weeks of the playback on which coloured places changed, with how many."""
    if stage.state.layer == "cells":  # a cell is no place: it never changes
        return pd.DataFrame({"on": pd.Series(dtype="datetime64[s]"), "n_places": pd.Series(dtype="int64")})
    length = stage.request.week_to - stage.request.week_from
    first = monday_of(max(stage.frames[0] + 1 - length, stage.first_week))
    return loaders.load(count_turns, stage.scope, stage.request.level, stage.request.within, first, stage.on)


def describe_turns(turns: pd.DataFrame) -> str | None:
    """Return in words on which days how many places changed, the latest first; None where none did."""
    if turns.empty:
        return None
    latest = turns.iloc[::-1].head(MOST_TURNS).itertuples(index=False)
    days = [t("map.turn", day=write_day(row.on), n=write_count(row.n_places)) for row in latest]
    if len(turns) > MOST_TURNS:
        days.append(t("map.turns_more", n=write_count(len(turns) - MOST_TURNS)))
    return t("map.turns", days=t("map.comma").join(days))


def _name_frame(week: int, turns: pd.DataFrame) -> str:
    """Return the name of a frame's week, marked where places changed in it."""
    inside = turns[(turns["on"] >= pd.Timestamp(monday_of(week))) & (turns["on"] < pd.Timestamp(monday_of(week + 1)))]
    n = int(inside["n_places"].sum())
    return t("map.turn_in_frame", week=name_week(week), n=write_count(n)) if n else name_week(week)


def _draw_turns(turns: pd.DataFrame) -> None:
    sentence = describe_turns(turns)
    if sentence is not None:
        st.html(tag("p", sentence, class_="gd-muted gd-small gd-map-turns"))


def name_week(week: int) -> str:
    """Return a week with the Sunday it ends on."""
    return f"{week_label(week)} · {monday_of(week) + timedelta(days=6):%m-%d}"


def _start() -> None:
    st.session_state[_PLAYING] = True
    st.session_state[_FRAME] = 0


def _stop(week: int, last: int) -> None:
    st.session_state[_PLAYING] = False
    write_week(week, last)


def _play(stage: Stage) -> None:
    """Draw the next frame; the fragment calls again until the last week is reached or somebody pauses."""
    if not is_playing() or session.read_param("place", session.place_code, None) != stage.state.place:
        st.session_state[_PLAYING] = False
        st.rerun()
    frames = stage.frames
    number = min(st.session_state.get(_FRAME, 0), len(frames) - 1)
    week = frames[number]
    length = stage.request.week_to - stage.request.week_from
    # Places stay those of the last frame, so that the picture does not jump; what is open is that of the week.
    _draw_frame(stage, replace(
        stage.request, week_from=max(week + 1 - length, stage.first_week), week_to=week + 1,
        as_of=min(stage.request.as_of, int(day_start(monday_of(week + 1)).timestamp())),
    ))
    turns = _turns(stage)
    with st.container(key="gd-map-weeks", horizontal=True, vertical_alignment="center"):
        st.button(t("map.pause"), key="map_pause", on_click=_stop, args=(week, frames[-1]), width="content")
        st.progress((number + 1) / len(frames), text=_name_frame(week, turns))
    _draw_turns(turns)
    if number + 1 >= len(frames):
        _stop(week, frames[-1])
        st.rerun()
    st.session_state[_FRAME] = number + 1
