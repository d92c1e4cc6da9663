"""How often each part of an escalation occurs: the base rates that stand beside whatever is said about them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import Connection, and_, case, func, select
from sqlalchemy.orm import aliased

from govdesk.clock import monday_of
from govdesk.queries.filters import at_level
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.tables import EscalationEvent, Incident, PlaceAncestor
from govdesk.terms import Level


@reads("view_overview", "view_wall")
def base_rates(
    connection: Connection, scope: Scope, parts: Sequence[str], week_from: int, week_to: int
) -> pd.DataFrame:
    """Return how often each part occurred in a window of weeks.

    Parameters
    ----------
    parts : sequence of str
        Parts that are on: one without an event is a zero, not missing.
    week_from, week_to : int
        Weeks in which the facts happened, `week_to` exclusive.

    Returns
    -------
    DataFrame
        One row a part, in the order given: ``part``; ``n_events`` (int64, corrections netted; only what is known by
        village); ``n_villages`` (int64) in which it happened; ``n_village_weeks`` (int64), the villages that stood
        times the weeks they stood; ``per_1000_village_weeks`` (float64, NaN without village-weeks); ``is_of_office``
        (bool): charged to the office that did not answer, so that villages and rate are left out (0 and NaN).
    """
    village = aliased(PlaceAncestor, name="village")
    event = EscalationEvent
    rows = at_level(
        select(event.part, village.ancestor_code, func.sum(Incident.weight)).select_from(event)
        .join(Incident, Incident.id == event.incident_id), Level.VILLAGE, village,
    ).where(Incident.is_counted == 1, visible_incidents(scope), event.occurred_on >= monday_of(week_from),
            event.occurred_on < monday_of(week_to)).group_by(event.part, village.ancestor_code)
    by_village = read_frame(connection, rows, {"part": TEXT, "code": TEXT, "n_events": COUNT})
    by_village["n_villages"] = (by_village["n_events"] > 0).astype(COUNT)
    found = by_village.groupby("part")[["n_events", "n_villages"]].sum()
    rates = found.reindex(list(parts), fill_value=0).rename_axis("part").reset_index()
    weeks = count_village_weeks(connection, scope, week_from, week_to)
    is_office = rates["part"].isin(OFFICE_PARTS)
    rates.loc[is_office, "n_villages"] = 0
    rates["n_village_weeks"] = weeks
    rates["per_1000_village_weeks"] = np.where(
        is_office | (weeks == 0), np.nan, 1000 * rates["n_events"] / max(weeks, 1))
    rates["is_of_office"] = is_office
    return rates


@reads("view_overview", "view_wall")
def count_village_weeks(connection: Connection, scope: Scope, week_from: int, week_to: int) -> int:
    """Return the villages times the weeks of the window in which each stood."""
    closure = PlaceAncestor
    begin = case((closure.week_from > week_from, closure.week_from), else_=week_from)
    end = case((closure.week_to < week_to, closure.week_to), else_=week_to)
    n = connection.scalar(select(func.sum(end - begin)).where(and_(
        closure.depth == 0, closure.ancestor_level == Level.VILLAGE, closure.week_from < week_to,
        closure.week_to > week_from, within_area(scope, closure.code))))
    return int(n or 0)
