"""Incident map 事件地图: the map is the page, and its address is the view."""

from datetime import timedelta

import streamlit as st

from govdesk.clock import day_start, local_day, monday_of, now
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import require
from govdesk.ui import faults, loaders, map_controls, map_drill, map_panel, map_stage, map_state, session
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.markup import tag
from govdesk.ui.viewport import MAP_SIZES, find_window


def draw() -> None:
    draw_header("frame.page_incident_map", "map.purpose")
    scope = session.scope()
    require(scope, "view_overview")
    freshness = loaders.load_freshness(scope)
    data_as_of = freshness.data_as_of or now()
    today = local_day(data_as_of)
    names = map_controls.category_names()
    state = map_state.read_state(freshness, tuple(names), today)
    draw_notices()
    last = map_state.find_last_week(freshness, today)
    week_from, week_to = state.window(freshness)
    # Places as they stood on the last day of the window; what is open is counted at the end of that day, too.
    on = map_drill.settle_day(today if state.to_week >= last else monday_of(state.to_week + 1) - timedelta(days=1))
    as_of = data_as_of if state.to_week >= last else day_start(monday_of(state.to_week + 1))

    drill = map_drill.find_drill(scope, state, on)
    if drill.is_missing:
        key = "map.place_missing_or_refused" if scope.area_code else "map.place_missing"
        st.html(tag("div", t(key, code=state.place), class_="gd-notice gd-warn", role="alert"))
    if drill.box is None:
        if scope.area_code is not None:
            faults.draw_refusal(t("map.area_without_places"))
        else:
            faults.draw_empty(t("map.no_places"), command=t("map.no_places_command"))
        return
    if freshness.data_as_of is None:
        st.html(tag("div", t("map.no_incidents"), class_="gd-notice", role="status"))

    request = MapRequest(
        measure=state.measure, level=drill.level, within=drill.within, week_from=week_from, week_to=week_to,
        on=on.isoformat(), as_of=int(as_of.timestamp()), streams=state.streams, categories=state.categories,
        language=session.language(),
    )
    map_controls.draw_controls(scope, state, drill, on, names)
    # Read while the map is made: both engines answer two questions at once.
    map_panel.begin_panel(scope, request, freshness)
    frames = tuple(map_state.list_frames(freshness, last))
    first_week, size = freshness.first_week or 0, MAP_SIZES[find_window()]
    stage = map_stage.with_breaks(map_stage.Stage(scope, state, drill, request, frames, on, first_week, size))
    left, right = st.columns([3.3, 1], gap="small")
    with left:
        figures = map_stage.draw_stage(stage)
    with right, st.container(key="gd-map-panel"):
        n_on_map = int(figures["n"].sum()) if state.measure in ("count", "per_1000") else None
        map_panel.draw_panel(scope, stage.request, drill, freshness, n_on_map, names)


draw()
