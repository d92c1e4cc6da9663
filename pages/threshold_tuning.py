"""Threshold tuning 阈值调节: what one village more a week brings, what it misses, and which setting is adopted."""

import streamlit as st

from govdesk.clock import monday_of, today
from govdesk.queries.adopted_thresholds import read_thresholds_in_force
from govdesk.queries.threshold_backtest import find_newest_backtest
from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.cards import build_notice, panel
from govdesk.ui.definition_notice import draw_definition_notice
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import Setting, read_setting
from govdesk.ui.tuning_adopt_form import draw_outcome, tell_in_force
from govdesk.ui.tuning_page import draw_tuning, draw_unjudged
from govdesk.ui.tuning_view import find_first_day, hold_view

COMMAND = "python manage.py backtest --commit"


def draw(setting: Setting) -> None:
    in_force = load_common(read_thresholds_in_force, today())
    show(tag("p", t("warning.use"), class_="gd-warning-use"))
    draw_definition_notice(setting)
    draw_outcome()
    newest = load(find_newest_backtest, setting.scope)
    view = None
    if newest is not None:
        with st.spinner(t("tuning.reading")):
            view = hold_view(setting, in_force, newest)
    if view is not None and view.has_curve:
        show(build_notice(tell_in_force(in_force), is_warning=in_force.id is None))
        draw_tuning(view)
        return
    first_day = monday_of(view.judged_on) if view is not None else find_first_day(setting)
    if first_day is not None:
        show(build_notice(t("tuning.short", day=first_day), is_warning=True))
    else:
        faults.draw_empty(t("tuning.empty"), t("tuning.empty_next"), command=COMMAND)
    with panel("tuning-unjudged"):
        draw_unjudged(setting, in_force)


setting = read_setting()
draw_header("tuning.title", "tuning.purpose")
if not allows(setting.scope, "view_thresholds"):
    faults.draw_refusal(t("tuning.refused", role=t(f"term.role_{setting.scope.role}")))
elif setting.scope.area_code is not None:
    faults.draw_refusal(t("tuning.refused_area"))
elif setting.as_of is None:
    faults.draw_empty(t("tuning.no_data"), command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    draw(setting)
