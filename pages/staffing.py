"""Staffing 力量配置: where hands are missing, by township and by groups of at least five grid posts."""

import streamlit as st

from govdesk.queries.staffing import read_staffing
from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import read_setting
from govdesk.ui.staffing_parts import draw_districts, draw_groups, draw_method, draw_picture, draw_vacancies
from govdesk.ui.staffing_view import draw_cards, draw_finding

setting = read_setting()
draw_header("staffing.title", "staffing.purpose")
found = None
if allows(setting.scope, "view_staffing") and setting.as_of is not None:
    found = load(read_staffing, setting.scope, setting.as_of)
if not allows(setting.scope, "view_staffing"):
    faults.draw_refusal(t("staffing.refused", role=t(f"term.role_{setting.scope.role}")))
elif found is None:
    faults.draw_empty(t("staffing.empty"), command="python manage.py import-incidents FILE --profile P.toml --commit")
elif found.districts.empty:
    faults.draw_empty(t("staffing.inside"))
else:
    draw_finding(found)
    draw_cards(found)
    if len(found.districts) > 1 and found.has_posts:
        left, right = st.columns([3, 2])
        with left:
            draw_picture(setting, found)
        with right:
            draw_vacancies(setting, found)
    else:
        draw_vacancies(setting, found)
    draw_districts(setting, found)
    draw_groups(setting, found)
    draw_method(setting, found)
    show(tag("p", t("staffing.use"), class_="gd-muted gd-small"))
