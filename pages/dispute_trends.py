"""Dispute trends 矛盾纠纷趋势: what changed, where, since when, and how sure that is."""

import streamlit as st

from govdesk.rules.access import require
from govdesk.ui import faults
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.redrawing import redraw_alone
from govdesk.ui.setting import Setting, read_setting
from govdesk.ui.trend_main_part import (
    draw_cards,
    draw_course,
    draw_finding,
    draw_more,
    read_course,
    wants_stock_by_channel,
)
from govdesk.ui.trend_method import draw_method
from govdesk.ui.trend_parts import draw_parts, read_ahead
from govdesk.ui.trend_state import draw_controls, read_choice, read_names, recorded_weeks
from govdesk.ui.trend_view import find_in_view, make_view, read_stock


@redraw_alone
def draw_trends(setting: Setting) -> None:
    """Draw all below the header: a choice redraws this much."""
    names = read_names(setting)
    choice = read_choice(names, setting)
    read_ahead(setting, choice)
    draw_notices()
    draw_controls(choice, names, setting)
    view = make_view(setting, choice, names)
    findings = find_in_view(view)
    draw_finding(view, findings)
    stock = read_stock(view, by_channel=wants_stock_by_channel())
    periods = read_course(view, stock)
    draw_course(view, stock, periods)
    left, right = st.columns([5, 6])
    with left:
        draw_cards(view, stock, periods)
    with right:
        draw_more(view, findings)
    draw_parts(view, findings)
    draw_method(view)


setting = read_setting()
draw_header("trends.title", "trends.purpose")
require(setting.scope, "view_overview")
if setting.as_of is None or not len(recorded_weeks(setting)):
    faults.draw_empty(t("trends.empty"), command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    draw_trends(setting)
