"""Calls 乡呼县应: how many wait and which; whoever is called answers here, a township calls from here."""

import streamlit as st

from govdesk.clock import now
from govdesk.queries.calls import list_calls
from govdesk.queries.places import find_roots
from govdesk.rules.access import allows
from govdesk.ui import call_acts, call_form, call_lists, call_view, faults, loaders, session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_loop
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import Setting, read_setting

#: Seconds after which the calls are looked at again: a called unit sees its call without doing anything.
TICK = 20


@st.fragment(run_every=TICK)
def draw_open(setting: Setting) -> None:
    session.go_on()
    if not loaders.is_current():
        st.rerun()  # a call came, or a hop: the whole page is of one state of the data
    with faults.calm():
        instant = now()
        calls = load_loop(list_calls, setting.scope, is_open=True)
        waiting = [unit for call in calls for unit in call.units if unit.expected]
        n_late = sum(unit.due_at is not None and unit.due_at < instant for unit in waiting)
        with panel("calls-count"):
            late = [tag("b", n_late), tag("span", t("calls.n_late"))] if n_late else []
            counts = [tag("b", len(waiting)), tag("span", t("calls.n_waiting", n=len(calls)))]
            show(tag("div", *(tag("div", *pair, class_="gd-waiting-late" if pair is late else None)
                              for pair in (late, counts) if pair), class_="gd-waiting"))
            show(tag("p", t("calls.count_how", seconds=TICK), class_="gd-muted gd-small"))
        if not calls:
            with panel("calls-none"):
                show(tag("p", t("calls.none"), class_="gd-empty"))
        for call in calls:
            with panel(f"call-{call.id}"):
                show(call_view.build_call(call, setting, instant))
                for unit in call.units:
                    show(call_view.build_unit(unit, instant, setting.words))
                    said = call_view.build_words(unit, setting.words)
                    if said is not None:
                        show(said)
                    call_acts.draw_unit_acts(call, unit, setting)
                call_acts.draw_caller_acts(call, setting)


def draw_page(setting: Setting) -> None:
    call_acts.draw_done()
    if allows(setting.scope, "call_units"):
        left, right = st.columns([7, 4])
        with left:
            draw_open(setting)
        with right, panel("call-form"):
            call_form.draw_form(setting)
    else:
        draw_open(setting)
    with panel("call-times"):
        call_lists.draw_times(setting)
    with panel("calls-ended"):
        call_lists.draw_ended(setting)
    with panel("calls-rules"):
        show(build_panel_title(t("calls.rules")))
        show(tag("ul", *(tag("li", rule) for rule in call_view.list_rules())))


setting = read_setting()
draw_header("calls.title", "calls.purpose")
if not allows(setting.scope, "view_calls") or setting.scope.role == "wall":
    faults.draw_refusal(t("calls.refused", role=t(f"term.role_{setting.scope.role}")))
elif not load(find_roots, setting.scope, setting.day):
    faults.draw_empty(t("calls.no_places"), command="python manage.py import-places FILE.csv --commit")
else:
    draw_page(setting)
