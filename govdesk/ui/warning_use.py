"""What the list is for and how good it is: the sentence that is always in view, and what was adopted."""

from math import isnan

import streamlit as st

from govdesk.clock import monday_of, today, week_of
from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.queries.risk_caught import Caught, read_caught
from govdesk.queries.risk_list import NEW_WEEKS, REST_WEEKS
from govdesk.queries.risk_panel import read_last_as_of
from govdesk.rules.access import allows
from govdesk.ui import session
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_count, write_day, write_share
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import Html, address, join, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.warning_view import Choice, View
from govdesk.ui.warning_words import write_percent
from models.escalation import LEAST_RECORDS, LEAST_WEEKS


def build_use(view: View) -> Html:
    """Return the sentence on use with the workload and the backtest's figures, and what is out of the ordinary."""
    made = view.week.made_with
    workload = tag("strong", t("warning.workload", k=view.week.n_listed))
    lines = [tag("div", tag("strong", t("warning.use")), " ", workload, class_="gd-warning-use"),
             tag("div", _tell_caught(view, made), class_="gd-small"),
             tag("div", t(f"warning.scope_note{'_own' if view.week.is_own_only else ''}"), class_="gd-small")
             if view.setting.scope.area_code else None,
             *(tag("div", tag("strong", "! ", aria_hidden="true"), sentence, class_="gd-small gd-warning-state")
               for sentence in _tell_state(view))]
    return build_notice(join(lines))


def _tell_caught(view: View, made: Thresholds) -> Html:
    """Say what such lists caught on the backtest, beside the clerk's habit; or that nobody knows."""
    caught = load(read_caught, view.setting.scope, made.visits_per_week, made.share_quiet)
    card = [" ", link(t("warning.to_card"), address("/model_card"))] if allows(
        view.setting.scope, "view_model_card") else []
    if caught is None:
        return join([t("warning.caught_area" if view.week.is_own_only else "warning.caught_none"), *card])
    band = "" if isnan(caught.low) else t(
        "warning.caught_band", low=f"{100 * caught.low:.0f}", high=f"{100 * caught.high:.0f} %")
    apart = t("warning.caught_treated", n=write_count(caught.n_treated),
              caught=write_count(caught.n_caught - caught.n_caught_treated), share=write_share(
                  caught.n_caught - caught.n_caught_treated, caught.n_events - caught.n_treated),
              rest=write_count(caught.n_events - caught.n_treated)) if caught.n_treated else ""
    return join([t(
        "warning.caught", first=caught.first, last=caught.last, weeks=caught.n_weeks, n=write_count(caught.n_events),
        h=caught.horizon_weeks, share=write_share(caught.n_caught, caught.n_events), band=band,
        caught=write_count(caught.n_caught), habit=write_share(caught.n_by_habit, caught.n_events),
        n_habit=write_count(caught.n_by_habit)), apart, " ", tag("strong", _compare(caught)), *card])


def _compare(caught: Caught) -> str:
    """Say in words whether the list does better than the habit; a difference that may be none is called none."""
    if isnan(caught.gain_low):
        return t("warning.caught_unsure")
    ends = sorted((caught.gain_low, caught.gain_high), key=abs if caught.gain_low * caught.gain_high > 0 else None)
    key = "caught_better" if caught.gain_low > 0 else "caught_worse" if caught.gain_high < 0 else "caught_same"
    low, high = (f"{100 * (end if key == 'caught_same' else abs(end)):.1f}".replace("-", "−") for end in ends)
    gain = 100 * (caught.gain if key == "caught_same" else abs(caught.gain))
    return t(f"warning.{key}", gain=f"{gain:.1f}".replace("-", "−"), low=low, high=high)


def _tell_state(view: View) -> list[Html]:
    """Say which of the usual conditions does not hold."""
    week, setting = view.week, view.setting
    found: list[Html] = []
    if week.in_force.id is None:
        found.append(_tell_not_adopted(setting, week.made_with))
    elif week.in_force.id != week.made_with.id:
        found.append(join([t("warning.newer_adoption", k=week.in_force.visits_per_week,
                             day=write_day(week.in_force.at))]))
    if week.run.ranked_by == "eb52":
        found.append(join([t("warning.by_baseline")]))
    if not view.choice.is_newest:
        found.append(join([t("warning.earlier", as_of=write_day(week.run.as_of))]))
        return found
    monday = load_common(read_last_as_of, today())
    if monday > week.run.as_of:
        found.append(join([t("warning.stale", as_of=week.run.as_of, monday=monday)]))
    return found


def _tell_not_adopted(setting: Setting, made: Thresholds) -> Html:
    red, orange, yellow = (write_percent(edge) for edge in made.band_edges)
    words = t("warning.not_adopted", k=made.visits_per_week, share=write_percent(made.share_quiet), red=red,
              orange=orange, yellow=yellow)
    may = allows(setting.scope, "view_thresholds")
    return join([words, " ", link(t("warning.to_tuning"), address("/threshold_tuning")) if may else None])


def tell_empty(view: View) -> str:
    """Say why no village is on the list here, and what to do or from when on there is one."""
    if view.week.n_listed:
        return t("warning.empty_here", n=view.week.n_listed)
    first = view.setting.first_week
    if view.week.is_own_only:
        return t("warning.empty_area")
    if first is not None and first + LEAST_WEEKS > week_of(view.week.run.as_of):
        return t("warning.empty_short", weeks=LEAST_WEEKS, day=monday_of(first + LEAST_WEEKS))
    return t("warning.empty_few", records=LEAST_RECORDS)


def draw_controls(choice: Choice, beside: str = "") -> None:
    """Draw which Monday's list is shown, and of which township; `beside` them a sentence."""
    with st.container(key="gd-warning-controls", horizontal=True, vertical_alignment="center"):
        _draw_box("on", t("warning.week_of"), {day.isoformat(): day.isoformat() for day in choice.days},
                  choice.on.isoformat(), choice.days[0].isoformat())
        if len(choice.towns) > 1:
            _draw_box("town", t("term.level_township"), {"": t("warning.all"), **choice.towns}, choice.town, "")
        if beside:
            show(tag("p", beside, class_="gd-warning-beside"))


def _draw_box(name: str, label: str, names: dict[str, str], value: str, default: str) -> None:
    key = f"warning_{name}"
    st.session_state[key] = value

    def keep() -> None:
        chosen = str(st.session_state[key])
        session.write_params(**{name: None if chosen == default else chosen}, page=None)

    st.selectbox(label, list(names), key=key, on_change=keep, width=210, label_visibility="collapsed",
                 format_func=lambda code: f"{label}: {names.get(code, code)}")


def draw_how(view: View) -> None:
    """Draw how every number of the page is counted."""
    made, weeks = view.week.made_with, view.week.run.horizon_weeks
    red, orange, yellow = (write_percent(edge) for edge in made.band_edges)
    lines = [
        t("warning.how_probability", h=weeks), t("warning.how_usual"),
        t("warning.how_bands", red=red, orange=orange, yellow=yellow),
        t("warning.how_list", k=made.visits_per_week, share=write_percent(made.share_quiet),
          rest=REST_WEEKS),
        t("warning.how_new", weeks=NEW_WEEKS, rest=REST_WEEKS), t("warning.how_escalation"), t("warning.how_change"),
    ]
    show(tag("details", tag("summary", t("warning.how_title")), tag("ul", *(tag("li", line) for line in lines)),
             class_="gd-small gd-how"))
