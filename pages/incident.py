"""Incident 事件: one incident by number, its timeline from its steps."""

import streamlit as st

from govdesk.queries.duplicate_verdicts import find_merger, list_taken_in
from govdesk.queries.incidents import get_incident, list_mediations, list_revisits, list_steps
from govdesk.queries.places import find_breadcrumb
from govdesk.queries.post_titles import read_post_titles
from govdesk.queries.related import list_related
from govdesk.rules.access import require
from govdesk.terms import Status
from govdesk.ui import faults, incident_view, merged_view, session, trail
from govdesk.ui.cards import build_facts, build_notice, build_panel_title, panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.incident_actions import draw_actions
from govdesk.ui.incident_clock import draw_clock
from govdesk.ui.incident_moments import collect_moments
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import show, tag
from govdesk.ui.mediation_part import draw_mediation
from govdesk.ui.photos_part import draw_photos
from govdesk.ui.position_map import draw_position
from govdesk.ui.setting import Setting, read_setting
from govdesk.ui.timeline import build_timeline
from govdesk.ui.triage_part import draw_decisions, draw_suggestion


def draw_timeline(setting: Setting, facts) -> None:
    with panel("timeline"):
        show(build_panel_title(t("incident.timeline"), t("incident.timeline_note")))
        moments = collect_moments(
            facts, load(list_steps, setting.scope, facts.id), load(list_mediations, setting.scope, facts.id),
            load(list_revisits, setting.scope, facts.id), setting.words, load_common(read_post_titles),
        )
        moments += merged_view.collect_merged(setting, load(list_taken_in, setting.scope, facts.id))
        show(build_timeline(moments, setting.words))
        draw_decisions(setting, facts.id)


def draw_incident(setting: Setting, facts) -> None:
    way = load(find_breadcrumb, setting.scope, facts.place_code, facts.occurred_on)
    with panel("facts"):
        show(incident_view.build_heading(facts, setting))
        staying = None if facts.merged_into is None else load(get_incident, setting.scope, facts.merged_into)
        for notice in incident_view.find_notices(facts, staying):
            show(build_notice(notice, is_warning=True))
        if facts.merged_into is not None:
            show(merged_view.build_merger(load(find_merger, setting.scope, facts.id), setting))
        show(build_facts(incident_view.list_facts(facts, way, setting)))
    if facts.status == Status.REPORTED and facts.is_counted:
        draw_suggestion(setting, facts.id)
    left, right = st.columns([5, 3])
    with left:
        draw_clock(setting, facts)
        if facts.is_counted:  # a mediation is recorded with the incident that another was merged into
            draw_mediation(setting, facts)
        draw_timeline(setting, facts)
    with right:
        draw_actions(setting, facts)
        draw_photos(setting, facts)
        with panel("position"):
            show(build_panel_title(t("incident.position")))
            show(tag("p", incident_view.describe_point(facts), class_="gd-muted gd-small"))
            draw_position(facts, way, setting)
        merged_view.draw_taken_in(setting, load(list_taken_in, setting.scope, facts.id))
        with panel("repeats"):
            show(build_panel_title(t("incident.repeats")))
            original = load(get_incident, setting.scope, facts.repeat_of) if facts.repeat_of else None
            show(incident_view.build_related(original, load(list_related, setting.scope, facts.id), setting))


setting = read_setting()
wanted = session.read_param("id", incident_view.parse_number, None)
draw_header("incident.title", "incident.purpose")
require(setting.scope, "view_incidents")
found = load(get_incident, setting.scope, wanted) if wanted is not None else None
if wanted is None:
    faults.draw_empty(t("incident.no_id"))
elif found is None:
    trail.note_missing("id", wanted)
    faults.draw_empty(t("incident.not_found", id=wanted))
else:
    draw_incident(setting, found)
