"""What the list misses, told by the weekly lot of unlisted villages: a share without bias, with those not reached.

Every unlisted village has the same chance (`rules.visit_sample`), so the share of drawn and visited villages in which
the visit found something new estimates that share of all unlisted villages: times their number, how many the list
misses in a week. What nobody visited is not nothing: the share is given also as if all of those had had something, and
as if none had (the bounds of Manski (1989), "Anatomy of the selection problem", J. Human Resources 24(3)).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

from sqlalchemy import Connection, func, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, Visit, VisitOrder
from govdesk.terms import Level, VisitFinding, VisitReason
from models.share_interval import wilson_interval

#: Weeks that are looked at.
WEEKS = 52
#: Visited villages under which only counts are given.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class SampleMisses:
    """What the lot shows.

    Attributes
    ----------
    first, last : date
        First and last day of the weeks looked at.
    n_weeks : int
        Weeks since the first lot that was ordered, within the window; `n_weeks_drawn` of them had a lot ordered.
    n_drawn : int
        Villages drawn and ordered to be visited: `n_visited` were, `n_waiting` may still be (not due yet), `n_missed`
        were not (late or called off).
    n_found, n_known, n_nothing : int
        Of the visited: something new, in hand already, nothing.
    n_aside : int
        Visits for the lot that no order stands behind: nobody can say that they were drawn, so they do not count.
    n_unlisted : int
        Villages that are not on the list in force now.
    share, low, high : float
        `n_found` / `n_visited` with Wilson's 95 % interval; NaN under `FEWEST` visited.
    bound_low, bound_high : float
        Share of all that were due, if none of those not visited had something, and if all had; NaN likewise.
    """

    first: date
    last: date
    n_weeks: int
    n_weeks_drawn: int
    n_drawn: int
    n_visited: int
    n_waiting: int
    n_missed: int
    n_found: int
    n_known: int
    n_nothing: int
    n_aside: int
    n_unlisted: int
    share: float
    low: float
    high: float
    bound_low: float
    bound_high: float

    @property
    def is_few(self) -> bool:
        """Whether too few villages were visited to tell a share."""
        return self.n_visited < FEWEST


@reads("view_visits", "view_model_card")
def read_sample_misses(connection: Connection, scope: Scope, on: date) -> SampleMisses:
    """Return what the lots of the last `WEEKS` weeks show, the week of `on` included."""
    week_to = week_of(on) + 1
    rows = connection.execute(
        select(VisitOrder.week, VisitOrder.due_on, VisitOrder.called_off_at, VisitOrder.visit_id, Visit.found)
        .outerjoin(Visit, Visit.id == VisitOrder.visit_id)
        .where(VisitOrder.reason == VisitReason.SAMPLE, VisitOrder.week >= week_to - WEEKS, VisitOrder.week < week_to,
               within_area(scope, VisitOrder.place_code))).all()
    # That a lot was ordered is no secret; which village it fell on is.
    weeks = set(connection.scalars(select(VisitOrder.week).where(
        VisitOrder.reason == VisitReason.SAMPLE, VisitOrder.week >= week_to - WEEKS, VisitOrder.week < week_to)))
    first = min(weeks, default=week_to - WEEKS)
    found = [row.found for row in rows if row.visit_id is not None]
    n_found, n_known = found.count(VisitFinding.FOUND), found.count(VisitFinding.ALREADY_KNOWN)
    waiting = sum(row.visit_id is None and row.called_off_at is None and row.due_on >= on for row in rows)
    missed = len(rows) - len(found) - waiting
    share, low, high = _tell_share(n_found, len(found))
    due = len(found) + missed
    bounds = (n_found / due, (n_found + missed) / due) if len(found) >= FEWEST else (nan, nan)
    return SampleMisses(
        monday_of(first), monday_of(week_to) - timedelta(days=1), week_to - first if weeks else 0, len(weeks),
        len(rows), len(found), waiting, missed, n_found, n_known, len(found) - n_found - n_known,
        _count_aside(connection, scope, first, on), _count_unlisted(connection, scope, on), share, low, high, *bounds)


def _tell_share(part: int, whole: int) -> tuple[float, float, float]:
    if whole < FEWEST:
        return nan, nan, nan
    ends = wilson_interval([part], [whole]).iloc[0]
    return float(ends["share"]), float(ends["low"]), float(ends["high"])


def _count_aside(connection: Connection, scope: Scope, first: int, on: date) -> int:
    """Return the visits for the lot since its first week that answer no order."""
    ordered = select(VisitOrder.visit_id).where(VisitOrder.visit_id.is_not(None),
                                                VisitOrder.reason == VisitReason.SAMPLE)
    return int(connection.scalar(
        select(func.count()).select_from(Visit)
        .where(Visit.reason == VisitReason.SAMPLE, Visit.visited_on >= monday_of(first), Visit.visited_on <= on,
               Visit.id.not_in(ordered), within_area(scope, Visit.place_code))) or 0)


def _count_unlisted(connection: Connection, scope: Scope, on: date) -> int:
    villages = set(connection.scalars(select(Place.code).where(
        Place.level == Level.VILLAGE, valid_on(on), within_area(scope, Place.code))))
    return len(villages - set(list_in_force(connection, scope, on)))
