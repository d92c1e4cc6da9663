"""The panel the early warning learns from: villages × weeks by role, as known before a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.clock import floor_monday, monday_of, week_of
from govdesk.queries.panel_facts import ESCALATION, read_panel_facts
from govdesk.queries.panel_places import list_panel_places
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceChange
from govdesk.terms import Level, PlaceChangeKind
from models.panel import STALE_WEEKS, Panel, build_panel

#: Weeks back that a score looks at; more adds nothing to memories of up to three years, and costs.
MOST_WEEKS = 520
#: Of the median week's records: a week with fewer lies before the register began.
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class RiskPanel:
    """What was known before a date.

    Attributes
    ----------
    places : DataFrame
        `queries.panel_places.list_panel_places` of the date, in the order of the panels' rows.
    roles : dict
        Panels of the same places and weeks by role (``escalation``, ``dispute``, ``petition``, …).
    everything : Panel
        Records of any kind, escalation events not among them.
    first_week, end_week : int
        Weeks since the epoch Monday, [first_week, end_week); end_week is the as-of week.
    """

    places: pd.DataFrame
    roles: dict[str, Panel]
    everything: Panel
    first_week: int
    end_week: int

    @property
    def events(self) -> Panel:
        """The panel of the escalation events."""
        return self.roles[ESCALATION]


@reads("view_warnings")
def read_risk_panel(
    connection: Connection, scope: Scope, as_of: date, level: str = Level.VILLAGE, horizon_weeks: int = 4,
    most_weeks: int = MOST_WEEKS,
) -> RiskPanel | None:
    """Return the panel of the places standing on `as_of`, or None where there are no places or no records before it.

    Parameters
    ----------
    as_of : date
        A Monday. No fact that became known on or after it is in any panel.
    most_weeks : int
        The panel begins with the register, at most so many weeks before `as_of`.
    """
    end = week_of(as_of)
    places = list_panel_places(connection, scope, as_of, level)
    facts = read_panel_facts(connection, scope, week_to=end, level=level, horizon_weeks=horizon_weeks)
    facts = facts[facts["week_known"] < end]
    if places.empty or facts.empty:
        return None
    facts = facts.assign(place_code=follow_mergers(facts["place_code"], read_mergers(connection, as_of)))
    return build_risk_panel(facts, places, max(find_first_week(facts), end - most_weeks), end)


def read_mergers(connection: Connection, on: date) -> dict[str, str]:
    """Return into which place each one went as a whole up to a day: what happened there, its successor remembers.

    A place of which only a part went, or which was split, hands nothing on: nobody knows which of its records.
    """
    rows = connection.execute(
        select(PlaceChange.from_code, PlaceChange.to_code).where(
            PlaceChange.kind.in_([PlaceChangeKind.MERGE, PlaceChangeKind.RENAME]), PlaceChange.share >= 1,
            PlaceChange.on <= on)
        .order_by(PlaceChange.on))
    return {row.from_code: row.to_code for row in rows}


def follow_mergers(codes: "pd.Series[str]", mergers: Mapping[str, str]) -> pd.Categorical:
    """Return each code's successor of today, through as many mergers as there were."""
    known = codes.cat.categories
    today = []
    for code in known:
        seen = {code}
        while code in mergers and mergers[code] not in seen:
            code = mergers[code]  # noqa: PLW2901 - from one place to the next
            seen.add(code)
        today.append(code)
    labels = sorted(set(today))
    number = {code: at for at, code in enumerate(labels)}
    moved = np.array([number[code] for code in today], dtype=np.int64)
    return pd.Categorical.from_codes(moved[codes.cat.codes.to_numpy()], pd.Index(labels, dtype="str"))


def read_last_as_of(connection: Connection, on: date) -> date:
    """Return the newest Monday that records can tell of on a day: that of its week, or after the last known record.

    Where imports ended long ago, the weeks since then are not weeks without escalations.
    """
    last = connection.scalar(select(func.max(Incident.week_known)).where(Incident.is_counted == 1))
    monday = floor_monday(on)
    return monday if last is None else min(monday, monday_of(last + 1))


def find_first_week(facts: pd.DataFrame) -> int:
    """Return the week in which the register began: a few records of long ago are no weeks without escalations.

    The first week with at least a tenth of the records of a median week (of weeks with any). Records that became known
    much later than they happened do not speak: they are old files.
    """
    fresh = facts[facts["week_known"] - facts["week_occurred"] <= STALE_WEEKS]
    records = (fresh if len(fresh) else facts).groupby("week_occurred")["weight"].count()
    return int(records.index[(records >= _LEAST_SHARE * records.median()).to_numpy()][0])


def build_risk_panel(facts: pd.DataFrame, places: pd.DataFrame, first_week: int, end_week: int) -> RiskPanel:
    """Make the panels from the rows of `read_panel_facts` and `list_panel_places`."""
    rows = facts.rename(columns={"place_code": "place"})
    codes = places["code"].tolist()
    is_event = (rows["role"] == ESCALATION).to_numpy()

    def build(chosen: pd.DataFrame) -> Panel:
        return build_panel(chosen, places=codes, first_week=first_week, end_week=end_week)

    roles = {str(role): build(rows[(rows["role"] == role).to_numpy()]) for role in rows["role"].cat.categories}
    roles.setdefault(ESCALATION, build(rows[is_event]))
    return RiskPanel(places, roles, build(rows[~is_event]), first_week, end_week)
