"""The indicators of case quality 办结质量 and trends 趋势, each registered once: what it is about, its unit, its needs.

The words stand in ``locales/<language>/indicator.toml``: name (``<key>``), ``<key>_formula``, ``<key>_denominator``,
``<key>_window`` and ``<key>_source``; those of the trends in ``trend_indicator.toml``. A page names an indicator only
through this list and shows all of it under "how this is counted"; a test holds both directions.
"""

from dataclasses import dataclass
from typing import Literal

Section = Literal[
    "times", "habits", "returns", "mediation", "petitions", "compare", "old", "reporting", "capacity", "trends",
    "brief"]
#: Parts of the page of case quality.
SECTIONS: tuple[Section, ...] = (
    "times", "habits", "returns", "mediation", "petitions", "compare", "old", "reporting", "capacity")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    Attributes
    ----------
    key : str
        Name in code and in the words.
    section : str
        Part of the page that explains it first; `HEADLINE` is explained in all.
    unit : {"share", "days", "incidents", "rank", "people", "ratio", "places"}
    needs : str
        Field of `queries.quality_recorded.QualityRecorded` without which it is "not recorded"; empty: nothing.
    """

    key: str
    section: Section
    unit: Literal["share", "days", "incidents", "rank", "people", "ratio", "places"]
    needs: str = ""


INDICATORS = (
    Indicator("closed_share", "times", "share", "closings"),
    Indicator("open_now", "times", "incidents", "closings"),
    Indicator("open_age", "times", "days", "closings"),
    Indicator("answer_days", "times", "days", "answers"),
    Indicator("closing_days", "times", "days", "closings"),
    Indicator("unresolved_share", "times", "share", "outcomes"),
    Indicator("quick_share", "habits", "share", "closings"),
    Indicator("month_end_share", "habits", "share", "closings"),
    Indicator("reopened_share", "returns", "share", "reopenings"),
    Indicator("recurrence_share", "returns", "share", "closings"),
    Indicator("revisited_share", "returns", "share", "revisits"),
    Indicator("unsettled_share", "returns", "share", "revisits"),
    Indicator("response_share", "returns", "share", "ratings"),
    Indicator("satisfied_share", "returns", "share", "ratings"),
    Indicator("mediation_settled", "mediation", "share", "mediations"),
    Indicator("mediation_performed", "mediation", "share", "mediations"),
    Indicator("mediation_confirmed", "mediation", "share", "mediations"),
    Indicator("mediation_revisited", "mediation", "share", "revisits"),
    Indicator("mediation_returned", "mediation", "share", "reopenings"),
    Indicator("petition_kinds", "petitions", "incidents", "petition_kinds"),
    Indicator("petition_levels", "petitions", "incidents", "lodged_levels"),
    Indicator("petition_in_time", "petitions", "share", "due_dates"),
    Indicator("funnel", "compare", "share", "closings"),
    Indicator("rank", "compare", "rank", "closings"),
    Indicator("old_cases", "old", "incidents", "closings"),
    Indicator("reporting_share", "reporting", "share"),
    Indicator("capacity_rate", "capacity", "people"),
    Indicator("capacity_coverage", "capacity", "share"),
)

#: Shown above all parts, and so explained in each.
HEADLINE = ("closed_share", "open_now", "open_age", "closing_days", "unresolved_share", "reopened_share", "quick_share",
            "month_end_share")

#: What the page of trends shows, in its order.
TREND_INDICATORS = (
    Indicator("flow", "trends", "incidents"),
    Indicator("stock", "trends", "incidents", "closings"),
    Indicator("on_year", "trends", "ratio"),
    Indicator("on_previous", "trends", "ratio"),
    Indicator("level", "trends", "incidents"),
    Indicator("level_change", "trends", "ratio"),
    Indicator("settled_level", "trends", "share", "closings"),
    Indicator("quiet_streak", "trends", "days"),
    Indicator("works_rate", "trends", "incidents"),
)

#: By name.
BY_KEY = {indicator.key: indicator for indicator in INDICATORS}


def list_of_section(section: str) -> tuple[Indicator, ...]:
    """Return the indicators that a part of the page explains: its own, then those above all parts."""
    return tuple(one for one in INDICATORS if one.section == section) + tuple(
        BY_KEY[key] for key in HEADLINE if BY_KEY[key].section != section)
