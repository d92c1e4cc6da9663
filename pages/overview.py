"""Overview 总览: what changed last week, six figures, the county, the places that changed most."""

import streamlit as st

from govdesk.queries.figures import read_figures
from govdesk.rules.access import require
from govdesk.ui.cards import build_cards, build_panel_title, panel
from govdesk.ui.county_map import draw_county_map
from govdesk.ui.figure_cards import build_figure_card
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show
from govdesk.ui.rows_behind import draw_rows, read_request
from govdesk.ui.sentences import draw_changes
from govdesk.ui.setting import read_setting
from govdesk.ui.township_changes import draw_township_changes, find_level

setting = read_setting()
request = read_request(setting.words)
draw_header("overview.title", "overview.purpose")
require(setting.scope, "view_overview")

with panel("changes"):
    monday, sunday = setting.week_days
    window = t("overview.changes_window", from_day=monday, to_day=sunday) if setting.as_of else None
    show(build_panel_title(t("overview.changes_title"), window))
    with st.spinner(t("table.loading")):
        draw_changes(setting)

if request is not None:
    draw_rows(request, setting)

with st.spinner(t("table.loading")):
    figures = load(read_figures, setting.scope, setting.as_of or setting.day)
show(build_cards(build_figure_card(figure, setting) for figure in figures))

left, right = st.columns([6, 5])
with left, panel("map", fills=True):
    draw_county_map(setting)
level = find_level()
if level is not None:
    with right, panel("places", fills=True):
        title = t("overview.townships_title", level=t(f"term.level_{level}"))
        show(build_panel_title(title, t("overview.townships_note")))
        draw_township_changes(setting, level)
