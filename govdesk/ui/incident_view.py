"""The parts of the incident page: heading, facts, notices, related incidents."""

from datetime import datetime

import pandas as pd

from govdesk.clock import now
from govdesk.queries.incidents import MAX_ID, IncidentFacts
from govdesk.queries.places import PlaceFacts
from govdesk.rules.clock_bands import cut_instants
from govdesk.storage.time_limits import read_calendar
from govdesk.terms import Status
from govdesk.ui import session
from govdesk.ui.clock_words import build_clock
from govdesk.ui.formats import is_known, write_age, write_day, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.setting import Setting, name_categories


def parse_number(text: str) -> int:
    """Parse the number of an incident in an address.

    Raises
    ------
    ValueError
        When it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError(text)
    number = int(text)
    if not 0 < number <= MAX_ID:
        raise ValueError(text)
    return number


def build_heading(facts: IncidentFacts, setting: Setting) -> Html:
    """Return what the incident is, its number and where it stands."""
    category = name_categories(setting.words).get(facts.category, facts.category)
    what = t("incident.heading", stream=write_term("stream", facts.stream, setting.words), category=category)
    return tag(
        "div", tag("h2", what, class_="gd-incident-title"),
        tag("span", facts.source_ref, class_="gd-muted"),
        tag("span", write_term("status", facts.status, setting.words), class_="gd-chip"),
        _due_chip(facts), class_="gd-heading",
    )


def _due_chip(facts: IncidentFacts) -> Html | None:
    """Say by how much it is late, or how much time is left: the words of its clock; nothing while that stands still."""
    if facts.due_at is None or not facts.is_counted or facts.status in (Status.PAUSED, Status.CLOSED):
        return None
    moment, calendar = now(), read_calendar()
    clock = build_clock(facts.due_at, facts.status, cut_instants(moment, calendar), calendar,
                        language=session.language())
    return tag("span", clock, class_="gd-chip gd-chip-late" if facts.due_at < moment else "gd-chip")


def is_open(facts: IncidentFacts, as_of: datetime | None) -> bool:
    """Return whether it was open at the instant the data is of."""
    return facts.closed_at is None or (as_of is not None and facts.closed_at > as_of)


def find_notices(facts: IncidentFacts, staying: IncidentFacts | None) -> list[object]:
    """Return what a reader must know before the facts: merged away (`staying` is into what), a correction."""
    notices: list[object] = []
    if facts.merged_into is not None:
        said = clean_text(staying.source_ref) if staying is not None else str(facts.merged_into)
        target = link(said, address("/incident", id=facts.merged_into))
        before, _, after = t("incident.merged_into", number="\n").partition("\n")
        notices.append(join([before, target, after]))
    if facts.weight < 0:
        notices.append(t("incident.correction"))
    return notices


def list_facts(facts: IncidentFacts, way: list[PlaceFacts], setting: Setting) -> list[tuple[str, object]]:
    """Return label and value of what is known; what is not known and not expected is left out."""
    words = setting.words
    ended = facts.closed_at if facts.closed_at and not is_open(facts, setting.as_of) else setting.as_of
    age = (ended - facts.reported_at).days if ended else None
    always = [
        ("incident.place", _build_way(way, facts)),
        ("incident.occurred_on", write_day(facts.occurred_on)),
        ("incident.reported_at", write_instant(facts.reported_at)),
        ("incident.recorded_at", write_instant(facts.recorded_at)),
        ("incident.handling_unit", facts.handling_unit_name or facts.handling_unit or write_day(None)),
        ("incident.due_at", write_instant(facts.due_at)),
        ("incident.age", write_age(max(0, age) if age is not None else None, words)),
    ]
    maybe = [
        ("incident.closed_at", write_instant(facts.closed_at) if facts.closed_at else None),
        ("incident.resolution_level", _worded("resolution", facts.resolution_level, words)),
        ("incident.outcome", _worded("outcome", facts.outcome, words)),
        ("incident.channel", _worded("channel", facts.channel, words)),
        ("incident.petition_kind", _worded("petition", facts.petition_kind, words)),
        ("incident.severity", facts.severity),
        ("incident.n_people", t("incident.people_value", n=facts.n_people) if facts.n_people else None),
        ("incident.n_reopened", t("incident.times_value", n=facts.n_reopened) if facts.n_reopened else None),
        ("incident.source", write_term("origin", facts.source, words)),
        ("incident.summary", facts.summary),
    ]
    return [(t(key), value) for key, value in always] + [(t(key), value) for key, value in maybe if value is not None]


def _worded(group: str, code: str | None, words: str) -> str | None:
    return write_term(group, code, words) if is_known(code) else None


def _build_way(way: list[PlaceFacts], facts: IncidentFacts) -> Html:
    """Return the places from township to grid as links; the bare name where the place is not in the register."""
    steps = [place for place in way if place.level != "county"] or way
    if not steps:
        return join([facts.place_name or facts.place_code])
    return join([link(place.name, address("/village", place=place.code)) for place in steps], " › ")


def describe_point(facts: IncidentFacts) -> str:
    """Return how exact the position is."""
    if facts.lon is None or facts.lat is None:
        return t("incident.position_none")
    return t(f"incident.position_{facts.point_kind or 'place'}")


def build_related(original: IncidentFacts | None, related: pd.DataFrame, setting: Setting) -> Html:
    """Return the earlier incident that this one repeats, and those that repeat it."""
    items = []
    if original is not None:
        items.append((t("incident.repeat_of"), original.id, original.source_ref, original.occurred_on, original.status))
    items += [
        (t("incident.repeated_by"), row["id"], row["source_ref"], row["occurred_on"], row["status"])
        for row in related.to_dict("records")
    ]
    if not items:
        return tag("p", t("incident.repeats_empty"), class_="gd-empty")
    return tag("ul", *(
        tag("li", f"{label} ", link(number, address("/incident", id=key)),
            tag("div", f"{write_day(day)} · {write_term('status', status, setting.words)}", class_="gd-muted gd-small"))
        for label, key, number, day, status in items
    ), class_="gd-hits")
