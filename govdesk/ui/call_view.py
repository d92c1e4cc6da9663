"""One call as it stands: who was called, who has reported in, how long it waits; a line of hops a unit."""

from datetime import datetime, timedelta

from govdesk.queries.calls import CalledUnit, CallFacts, Hop
from govdesk.storage.call_limits import read_call_limits
from govdesk.terms import CallHop
from govdesk.ui.formats import write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting, name_categories

#: What stands on the line; the release ends it and is said in words.
LINE = (CallHop.SUMMON, CallHop.REPORT_IN, CallHop.ARRIVE, CallHop.ANSWER)


def write_wait(length: timedelta) -> str:
    """Return a length of time in the two units that matter."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return t("calls.minutes", n=minutes)
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return t("calls.hours", h=hours, m=rest) if rest else t("calls.hour", h=hours)
    days, hours = minutes // 1440, minutes % 1440 // 60
    return t("calls.days", d=days, h=hours) if hours else t("calls.day", d=days)


def name_where(call: CallFacts) -> str:
    """Return township and place of a call."""
    parts = dict.fromkeys(part for part in (call.township_name, call.place_name) if part)
    return clean_text(" ".join(parts) or call.place_code)


def build_call(call: CallFacts, setting: Setting, now: datetime) -> Html:
    """Return the head of a call: how urgent, where, what, since when, by whom."""
    category = name_categories(setting.words).get(call.category or "", call.category)
    number = None
    if call.incident_id is not None:
        number = link(t("calls.about", number=clean_text(call.incident_ref)), address("/incident", id=call.incident_id))
    joint = tag("span", t("calls.joint", n=len(call.units)), class_="gd-call-joint") if call.is_joint else None
    since = t("calls.called", at=write_instant(call.called_at), post=name_post(call.post),
              wait=write_wait(now - call.called_at))
    return tag(
        "div",
        tag("div", tag("span", t(f"calls.severity_{call.severity}"), class_=f"gd-call-s gd-call-s{call.severity}"), " ",
            tag("strong", name_where(call)), " ", tag("span", clean_text(category) if category else None), " ", joint,
            class_="gd-call-title"),
        tag("div", join([since, number], " · ") if number else since, class_="gd-muted gd-small"),
        tag("p", clean_text(call.note), class_="gd-call-note") if call.note else None,
    )


def build_unit(unit: CalledUnit, now: datetime, words: str) -> Html:
    """Return one called unit: its name, the hops taken with their times, what is waited for and how long."""
    lead = tag("span", t("calls.lead"), class_="gd-call-joint") if unit.is_lead else None
    return tag(
        "div",
        tag("div", tag("strong", clean_text(unit.name)), " ", lead, class_="gd-call-unit"),
        tag("ol", *(_build_stop(unit, hop, now, words) for hop in LINE), class_="gd-hops"),
        _build_state(unit, now, words),
        class_="gd-call-line",
    )


def build_words(unit: CalledUnit, words: str) -> Html | None:
    """Return what was said with the hops of a unit, oldest first; None when nothing was."""
    said = [tag("li", t("calls.said", hop=write_term("hop", one.hop, words), at=write_instant(one.at)[5:],
                        post=name_post(one.post)), " ", clean_text(one.note))
            for one in unit.hops if one.note]
    return tag("ul", *said, class_="gd-call-said gd-small") if said else None


def _build_stop(unit: CalledUnit, hop: CallHop, now: datetime, words: str) -> Html:
    taken, is_waited = unit.find(hop), unit.expected == hop
    is_late = is_waited and unit.due_at is not None and unit.due_at < now
    names = ["gd-hop"]
    names += ["gd-hop-done"] if taken else ["gd-hop-late"] if is_late else ["gd-hop-next"] if is_waited else []
    mark = "✓" if taken else "!" if is_late else "…" if is_waited else ""
    return tag(
        "li", tag("span", mark, class_="gd-hop-dot", aria_hidden="true"), tag("b", write_term("hop", hop, words)),
        tag("span", _time_of(unit, hop, taken), class_="gd-hop-at"), class_=" ".join(names))


def _time_of(unit: CalledUnit, hop: CallHop, taken: Hop | None) -> str:
    if taken is not None:
        if hop == CallHop.SUMMON:
            return write_instant(taken.at)[11:]
        return f"+{write_wait(taken.at - unit.hops[0].at)}"
    if hop == CallHop.ARRIVE and unit.find(CallHop.ANSWER):
        return t("calls.from_desk")
    return "—"


def _build_state(unit: CalledUnit, now: datetime, words: str) -> Html:
    expected, due = unit.expected, unit.due_at
    if unit.find(CallHop.RELEASE):
        return tag("div", write_term("hop", CallHop.RELEASE, words), class_="gd-call-state gd-muted")
    if expected is None:
        return tag("div", t("calls.answered"), class_="gd-call-state")
    waited = tag("div", t("calls.waits", hop=t(f"calls.do_{expected}"), wait=write_wait(now - unit.hops[-1].at)))
    if due is None:
        return tag("div", waited, class_="gd-call-state")
    if due < now:
        late = tag("div", t("calls.late", wait=write_wait(now - due)), class_="gd-call-late")
        return tag("div", late, waited, class_="gd-call-state")
    left = tag("div", t("calls.left", wait=write_wait(due - now)), class_="gd-muted")
    return tag("div", waited, left, class_="gd-call-state")


def list_rules() -> list[str]:
    """Return the sentences that say how calls are timed, with the limits in force."""
    limits = read_call_limits()
    amounts = {hop.value: t("calls.list_mark").join(map(write_wait, limits.after[hop])) for hop in LINE[1:]}
    return [t("calls.rule_1"), t("calls.rule_2", **amounts), t("calls.rule_3", desk=limits.desk_answer_from),
            t("calls.rule_4"), t("calls.rule_5")]
