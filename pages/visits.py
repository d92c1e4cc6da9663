"""Visits 走访: what is to be visited, who went where, what was met and what followed, what the lot shows."""

import streamlit as st

from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.ui import faults, visit_parts
from govdesk.ui.cards import build_notice, panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show
from govdesk.ui.sample_misses_part import draw_sample_misses
from govdesk.ui.setting import read_setting
from govdesk.ui.trail import note_page
from govdesk.ui.visit_orders_part import draw_orders
from govdesk.ui.visit_proposal_part import draw_proposal

setting = read_setting()
draw_header("visits.title", "visits.purpose")
if not allows(setting.scope, "view_visits"):
    faults.draw_refusal(t("visits.refused_view", role=t(f"term.role_{setting.scope.role}")))
elif not load(find_roots, setting.scope, setting.day):
    faults.draw_empty(t("visits.no_places"), command="python manage.py import-places FILE.csv --commit")
else:
    note_page("visits")
    show(build_notice(t("visits.use")))
    comes_from_order = visit_parts.is_for_order()
    if comes_from_order:  # whoever opened it to record a visit finds the form at once
        with panel("visit-form"):
            visit_parts.draw_form(setting)
    with panel("visit-orders"):
        draw_orders(setting)
    draw_proposal(setting)
    if not comes_from_order:
        left, right = st.columns([3, 2])
        with left, panel("visit-form", fills=True):
            visit_parts.draw_form(setting)
        with right, panel("visit-lot", fills=True):
            visit_parts.draw_lot(setting)
    with panel("visit-list"):
        visit_parts.draw_list(setting)
    with panel("sample-misses"):
        draw_sample_misses(setting)
