"""Puts the facts of a week into a brief of one language: which sections, in which order, under which title."""

from collections.abc import Mapping
from datetime import date, timedelta

from govdesk.clock import monday_of, zone
from govdesk.queries.brief_context import Context
from govdesk.queries.brief_facts import BriefFacts
from govdesk.queries.brief_handling import write_data, write_quality, write_stock
from govdesk.queries.brief_leader import write_leader
from govdesk.queries.brief_trends import write_changes
from govdesk.queries.brief_warning import write_outcome, write_sureness, write_warning
from govdesk.rules.brief import Brief, Edit, Section
from govdesk.rules.brief_edits import apply_edits
from govdesk.terms import DataKind
from govdesk.words import say

#: Parts of the meeting's pages, in their order; the leader's page is section 0.
PARTS = (write_changes, write_stock, write_quality, write_warning, write_outcome, write_sureness, write_data)


def write_brief(
    facts: BriefFacts, language: str, *, is_internal: bool = False, edits: Mapping[str, Edit] | None = None
) -> Brief:
    """Return the brief of a week.

    Parameters
    ----------
    is_internal : bool
        Villages are named; otherwise everything is told by township.
    edits : mapping of sentence key to Edit, optional
        What was written in place of sentences of this week, language and version.
    """
    sections: list[Section] = [write_leader(Context(facts, language, is_internal, 0))]
    sections += [write(Context(facts, language, is_internal, number)) for number, write in enumerate(PARTS, 1)]
    properties = facts.properties
    is_sample = properties.kind == DataKind.SAMPLE
    area = (properties.title_zh if language == "zh" else properties.title_en or properties.title_zh) or ""
    version = say("brief.version_internal" if is_internal else "brief.version_general", language)
    at = facts.as_of.astimezone(zone())
    return Brief(
        facts.week, language, is_internal, is_sample, area, say("brief.title", language),
        write_week(facts.week, language), version,
        say("brief.as_of", language, at=f"{at:%Y-%m-%d %H:%M}"),
        say("brief.sample_mark", language) if is_sample else "", say("brief.use", language),
        tuple(apply_edits(section, edits or {}) for section in sections))


def write_week(week: int, language: str) -> str:
    """Return a week as its number and its days."""
    first: date = monday_of(week)
    last = first + timedelta(days=6)
    year, number, _ = first.isocalendar()
    return say("brief.week", language, year=year, number=number, first=f"{first}", last=f"{last}")
