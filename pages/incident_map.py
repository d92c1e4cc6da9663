"""Incident map 事件地图: the map is the page."""

from govdesk.ui.header import draw_header

draw_header("frame.page_incident_map", "map.purpose")
