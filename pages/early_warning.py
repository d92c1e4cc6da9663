"""Early warning 激化预警: which villages to visit this week, why, and what to do next."""

import streamlit as st

from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.terms import Level
from govdesk.ui import faults
from govdesk.ui.card_objections_part import draw_objections
from govdesk.ui.cards import panel
from govdesk.ui.definition_notice import draw_definition_notice
from govdesk.ui.escalation_rates import draw_base_rates
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import read_setting
from govdesk.ui.silence_part import offer_silence
from govdesk.ui.trail import note_page
from govdesk.ui.warning_list import build_list, tell_new
from govdesk.ui.warning_map import draw_map
from govdesk.ui.warning_rest import draw_rest
from govdesk.ui.warning_scoring import draw_scoring
from govdesk.ui.warning_use import build_use, draw_controls, draw_how, tell_empty
from govdesk.ui.warning_view import read_choice, read_view


def draw_nothing(setting) -> None:
    if setting.as_of is None:
        faults.draw_empty(t("warning.empty"), t("warning.empty_import"),
                          command="python manage.py import-incidents FILE --profile P.toml --commit")
        return
    faults.draw_empty(t("warning.empty"), t("warning.empty_next"), command="python manage.py score --commit")
    with panel("warning-scoring"):
        draw_scoring(setting, None)


def draw_page(view, use) -> None:
    show(use)
    left, right = st.columns([10, 3])
    with left, panel("warnings", fills=True):
        draw_controls(view.choice, tell_new(view))
        if view.listed.empty:
            show(tag("p", tell_empty(view), class_="gd-empty"))
        else:
            show(build_list(view))
        draw_how(view)
    with right, panel("warning-map", fills=True):
        draw_map(view)
    roots = load(find_roots, view.setting.scope, view.setting.day) if view.setting.scope.area_code else []
    if roots and roots[0].level == Level.VILLAGE:  # its score, the reasons and what it says to them on one page
        draw_objections(view.setting)
    with panel("warning-rest"):
        draw_rest(view)
    left, right = st.columns([3, 2])
    with left, panel("warning-rates", fills=True):
        draw_base_rates(view.setting)
    with right, panel("warning-scoring", fills=True):
        draw_scoring(view.setting, view.week.run)
    offer_silence(view.setting)


setting = read_setting()
draw_header("warning.title", "warning.purpose")
if not allows(setting.scope, "view_warnings"):
    faults.draw_refusal(t("warning.refused", role=t(f"term.role_{setting.scope.role}")))
else:
    choice = read_choice(setting)
    draw_notices()
    draw_definition_notice(setting)
    with st.spinner(t("table.loading")):  # some seconds on a busy machine, the first time after a scoring
        view = read_view(setting, choice) if choice else None
        use = build_use(view) if view else None
    if view is None:
        draw_nothing(setting)
    else:
        note_page("early_warning", run=view.week.run.id)
        draw_page(view, use)
