"""What helps to decide where an incident goes: the unit proposed, likely duplicates, likely repeats."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from govdesk.clock import day_start, today
from govdesk.queries.triage import REPEAT_DAYS, Decision, TriageFacts, list_decisions, may_be_told, read_triage
from govdesk.queries.triage_followed import count_followed
from govdesk.rules.access import allows
from govdesk.rules.triage import Suggestion
from govdesk.terms import RATE_MINIMUM, Role, Status
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import write_day, write_instant, write_share, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import Html, address, join, link, show, tag
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.tables import Column, draw_table

#: Who reads how often proposals were followed: it is about the duty list.
_READERS = frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.ADMIN})
#: Days of dispatches that it is counted over.
FOLLOWED_DAYS = 90


def draw_suggestion(setting: Setting, incident_id: int) -> None:
    """Draw what helps to decide where an incident goes, to those who send incidents on, while it is open."""
    if not may_be_told(setting.scope):
        return
    facts = load_loop(read_triage, setting.scope, incident_id)
    if facts is None or facts.status == Status.CLOSED or facts.suggestion is None:
        return
    with panel("triage"):
        show(build_panel_title(t("triage.title"), t("triage.title_note")))
        show(build_suggestion(facts.suggestion, facts.units))
        left, right = st.columns(2)
        with left:
            show(_build_duplicates(facts, incident_id, setting))
        with right:
            show(_build_repeats(facts, setting))
        with st.expander(t("triage.how_title")):
            show(tag("p", t("triage.how"), class_="gd-muted gd-small"))


def draw_decisions(setting: Setting, incident_id: int) -> None:
    """Draw what was decided about an incident beside what had been proposed, to those who send incidents on."""
    found = load_loop(list_decisions, setting.scope, incident_id)
    if found:
        show(tag("p", t("triage.decisions"), class_="gd-triage-sub"))
        show(tag("ul", *(tag("li", _say(one), class_="gd-small") for one in found), class_="gd-hits"))


def _say(one: Decision) -> str:
    if one.suggested is None:
        return t("triage.decided_alone", at=write_instant(one.at), chosen=one.chosen)
    key = "followed" if one.is_followed else "otherwise"
    return t(f"triage.decided_{key}", at=write_instant(one.at), chosen=one.chosen, suggested=one.suggested)


def build_suggestion(found: Suggestion, units: dict[str, str]) -> Html:
    """Return the unit proposed, why, and who was passed over; `units` names them."""
    who = t(f"triage.none_{found.why}") if found.unit_code is None else units.get(found.unit_code, found.unit_code)
    why = t(f"triage.why_{found.why}", line=found.line or "", source=found.source or "")
    return join([
        tag("p", who, class_="gd-triage-unit"), tag("p", why, class_="gd-muted gd-small"),
        _build_passed_over(found, units)])


def _build_passed_over(found: Suggestion, units: dict[str, str]) -> Html | None:
    if not found.passed_over:
        return None
    items = [t("triage.over_item", unit=units.get(code, code), reason=t(f"triage.over_{reason}"))
             for code, reason in found.passed_over]
    is_about = any(reason != "returned" for _, reason in found.passed_over)
    return join([
        tag("p", t("triage.over"), " ", join(items, " · "), class_="gd-small"),
        tag("p", t("triage.keep_quiet"), class_="gd-muted gd-small") if is_about else None])


def _build_duplicates(facts: TriageFacts, incident_id: int, setting: Setting) -> Html:
    title = tag("h3", t("triage.duplicates"), class_="gd-triage-sub")
    if not facts.duplicates:
        return join([title, tag("p", t("triage.duplicates_none"), class_="gd-muted gd-small")])
    others = [(pair.other if pair.one == incident_id else pair.one, pair) for pair in facts.duplicates]
    items = [tag("li", link(facts.refs.get(number, number), address("/incident", id=number)), tag(
        "div", join([t(f"duplicates.why_{one}") for one in pair.likeness.reasons], " · "), class_="gd-muted gd-small"))
        for number, pair in others]
    more = facts.n_duplicates - len(others)
    judge = link(t("triage.duplicates_judge"), "/duplicates") if allows(setting.scope, "merge_incidents") else None
    return join([title, tag("ul", *items, class_="gd-hits"),
                 tag("p", t("triage.duplicates_more", n=more) + " " if more > 0 else None, judge, class_="gd-small")])


def _build_repeats(facts: TriageFacts, setting: Setting) -> Html:
    words = (t("triage.recent", days=REPEAT_DAYS, n=facts.n_recent) if facts.n_recent > 0
             else t("triage.recent_none", days=REPEAT_DAYS))
    parts: list[Html | None] = [
        tag("h3", t("triage.repeats"), class_="gd-triage-sub"), tag("p", words, class_="gd-small"),
        _build_list(facts.recent, setting)]
    if len(facts.declared):
        parts += [tag("p", t("triage.declared"), class_="gd-small"), _build_list(facts.declared, setting)]
    return join(parts)


def _build_list(rows: pd.DataFrame, setting: Setting) -> Html | None:
    items = [
        tag("li", link(row["source_ref"], address("/incident", id=row["id"])), tag(
            "div", f"{write_day(row['occurred_on'])} · {write_term('status', row['status'], setting.words)}",
            class_="gd-muted gd-small"))
        for row in rows.to_dict("records")]
    return tag("ul", *items, class_="gd-hits") if items else None


def draw_followed(setting: Setting) -> None:
    """Draw how often what the duty list proposed was followed, by category, to those who judge the list."""
    if setting.scope.role not in _READERS:
        return
    until = today()  # what is done here is known at once, whatever day the newest report is of
    since = until - timedelta(days=FOLLOWED_DAYS - 1)
    found = load_loop(count_followed, setting.scope, day_start(since), day_start(until + timedelta(days=1)))
    window = t("triage.followed_note", since=write_day(since), until=write_day(until))
    with panel("triage-followed"):
        show(build_panel_title(t("triage.followed_title"), window))
        draw_table(_name(found, setting), (
            Column("what", t("triage.followed_category")),
            Column("n_suggested", t("triage.followed_n"), "count"),
            Column("share", t("triage.followed_share"), "rate",
                   muted=lambda row: None if row["n_suggested"] < RATE_MINIMUM else t(
                       "triage.followed_of", top=row["n_followed"], bottom=row["n_suggested"])),
            Column("n_without", t("triage.followed_without"), "count"),
        ), export_name="triage_followed", empty=t("triage.followed_none"),
            note=setting.note(t("triage.followed_title"), window))
        show(tag("p", t("triage.followed_how"), class_="gd-muted gd-small"))


def _name(found: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    names = name_categories(setting.words)
    rows = found.assign(what=[names.get(code, code) for code in found["category"]])
    if len(rows) > 1:
        whole = rows[["n_suggested", "n_followed", "n_without"]].sum().to_dict()
        rows = pd.concat([pd.DataFrame([{**whole, "what": t("triage.followed_whole")}]), rows], ignore_index=True)
    return rows.assign(share=[
        write_share(top, bottom) for top, bottom in zip(rows["n_followed"], rows["n_suggested"], strict=True)])
