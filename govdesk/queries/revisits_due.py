"""The inbox "to revisit" 待回访: what closings planned (`rules.revisits`), what is due, late, done and missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, literal_column, select, type_coerce

from govdesk.clock import day_start, week_of, zone
from govdesk.queries.columns import Integers, read_columns
from govdesk.queries.filters import IncidentFilter, counted
from govdesk.queries.incidents import describe_incidents
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.rules.revisits import ANSWERS, PlannedRevisit, RevisitPlan, RevisitState, plan_revisits
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.tables import Incident, Revisit, Step
from govdesk.terms import Outcome, StepKind

#: Days before the day asked for, in which the time of a planned revisit ran out: what done and missed are counted in.
ENDED_DAYS = 30
_OPEN = frozenset({RevisitState.DUE, RevisitState.LATE})


@dataclass(frozen=True, slots=True)
class RevisitsDue:
    """What is to be revisited at a day.

    Attributes
    ----------
    day : date
    n_due, n_late : int
        Closed incidents with a planned revisit whose time has come, or whose day has passed; an incident with both is
        late, and is one.
    n_ended, n_done, n_missed : int
        Planned revisits whose time ran out from `ended_from` to the day before `day`: all, done, missed. What a
        re-opening cancelled is in none of them.
    rows : DataFrame
        A page of the incidents of `n_due` and `n_late`, the longest waiting first: the columns of
        `queries.incidents.list_incidents`, and ``planned_on`` (day), ``state`` (rules.revisits.RevisitState).
    """

    day: date
    n_due: int
    n_late: int
    n_ended: int
    n_done: int
    n_missed: int
    rows: pd.DataFrame

    @property
    def ended_from(self) -> date:
        """First day of the window of `n_ended`."""
        return self.day - timedelta(days=ENDED_DAYS)


@reads("view_board")
def read_revisits_due(
    connection: Connection, scope: Scope, day: date, *, limit: int = 50, offset: int = 0
) -> RevisitsDue:
    """Return what is to be revisited at a day, as far as `scope` may see it.

    Counted are closings of the last `RevisitPlan.longest_days` days and those that reach into the window of `n_ended`;
    closings that came by a file count as those of the product do, withdrawn incidents and merged ones do not.
    """
    plan = read_flow_in_force().revisits
    first = day - timedelta(days=plan.longest_days + ENDED_DAYS)
    answers = _read_answers(connection, first, day)
    held = _judge_closed(plan, day, _read_closed(connection, scope, plan, first, day), answers)
    undone = [_sum_up(plan, day, _plan(plan, day, *closing[1:], answers.get(closing[0], ())))
              for closing in _read_undone(connection, scope, plan, first, day)]
    n_done, n_missed = (held[name].sum() + sum(one[place] for one in undone)
                        for place, name in ((1, "done"), (2, "missed")))
    waiting = held[held["waiting"] > 0]
    n_late = int((waiting["waiting"] < day.toordinal()).sum())
    page = waiting.sort_values(["waiting", "id"]).iloc[max(offset, 0):max(offset, 0) + max(limit, 0)]
    chosen = {int(number): date.fromordinal(on) for number, on in zip(page["id"], page["waiting"], strict=True)}
    return RevisitsDue(day, len(waiting) - n_late, n_late, int(n_done + n_missed), int(n_done), int(n_missed),
                       _describe(connection, scope, chosen, day))


def _describe(connection: Connection, scope: Scope, chosen: dict[int, date], day: date) -> pd.DataFrame:
    rows = describe_incidents(connection, scope, tuple(chosen), day)
    on = pd.Series([chosen[number] for number in rows["id"]], dtype="object").astype("datetime64[s]")
    state = np.where(on < pd.Timestamp(day), RevisitState.LATE.value, RevisitState.DUE.value)
    rows = rows.assign(planned_on=on, state=pd.array(state, dtype="str"))
    return rows.sort_values(["planned_on", "id"], kind="stable", ignore_index=True)


def _read_closed(connection: Connection, scope: Scope, plan: RevisitPlan, first: date, day: date) -> pd.DataFrame:
    """Return the closings that hold: ``id``, ``day``."""
    rows = select().select_from(Incident).where(
        counted(scope, IncidentFilter(0, 0, tuple(plan.streams))), Incident.weight == 1,
        Incident.week_closed >= week_of(first), Incident.week_closed <= week_of(day))
    found, _ = read_columns(connection, rows, {"id": Incident.id, "at": type_coerce(Incident.closed_at, BigInteger)})
    # Few; in the words of `ix_incidents_withdrawn`, so that it is taken.
    withdrawn = connection.scalars(select(Incident.id).where(
        Incident.outcome == literal_column(f"'{Outcome.WITHDRAWN}'"), Incident.week_closed >= week_of(first))).all()
    closed = pd.DataFrame({"id": found["id"], "day": _days(found["at"])})
    return closed[(closed["day"] <= day.toordinal()) & ~closed["id"].isin(withdrawn)].reset_index(drop=True)


def _read_undone(
    connection: Connection, scope: Scope, plan: RevisitPlan, first: date, day: date
) -> list[tuple[int, int, int]]:
    """Return the closings that a re-opening undid: what was done and missed before it stays so.

    Returns
    -------
    list of (int, int, int)
        Incident, day of the closing, day of the re-opening.
    """
    rows = connection.execute(select(
        Step.incident_id, Step.kind, type_coerce(Step.occurred_at, BigInteger), Step.outcome,
    ).join(Incident, Incident.id == Step.incident_id).where(
        counted(scope, IncidentFilter(0, 0, tuple(plan.streams))), Incident.weight == 1,
        Incident.n_reopened > literal_column("0"), Step.is_withdrawn.is_(False),
        Step.kind.in_((StepKind.CLOSE.value, StepKind.REOPEN.value)),
        Step.occurred_at >= day_start(first), Step.occurred_at < day_start(day + timedelta(days=1)),
    ).order_by(Step.incident_id, Step.occurred_at, Step.id)).all()
    pairs = [(one[0], one[2], two[2]) for one, two in pairwise(rows)
             if one[0] == two[0] and (one[1], two[1]) == (StepKind.CLOSE, StepKind.REOPEN)
             and one[3] != Outcome.WITHDRAWN]
    return list(zip([one[0] for one in pairs], _days([one[1] for one in pairs]).tolist(),
                    _days([one[2] for one in pairs]).tolist(), strict=True))


def _days(instants: Integers | list[int]) -> Integers:
    """Return the county's days of instants, as numbers of `date.toordinal`."""
    local = pd.to_datetime(np.asarray(instants, dtype="int64"), unit="s", utc=True).tz_convert(zone())
    midnight = local.tz_localize(None).to_numpy().astype("datetime64[D]").astype("int64")
    found: Integers = midnight + date(1970, 1, 1).toordinal()
    return found


def _read_answers(connection: Connection, first: date, day: date) -> dict[int, list[date]]:
    """Return the days on which somebody was asked and answered, by incident."""
    found: dict[int, list[date]] = {}
    for number, on in connection.execute(select(Revisit.incident_id, Revisit.revisited_on).where(
            Revisit.revisited_on >= first, Revisit.revisited_on <= day, Revisit.result.in_(sorted(ANSWERS)))):
        found.setdefault(number, []).append(on)
    return found


def _judge_closed(
    plan: RevisitPlan, day: date, closed: pd.DataFrame, answers: dict[int, list[date]]
) -> pd.DataFrame:
    """Return of each closing what `_sum_up` says: ``id``, ``waiting``, ``done``, ``missed``."""
    # Most were never asked: one judgement for all that were closed on the same day.
    days, place = np.unique(closed["day"].to_numpy(), return_inverse=True)
    plain = [_sum_up(plan, day, _plan(plan, day, int(one), 0, ())) for one in days]
    judged = np.array(plain, dtype="int64").reshape(-1, 3)[place]
    asked = np.flatnonzero(closed["id"].isin(list(answers)).to_numpy())
    for row, number, on in zip(asked, closed["id"].to_numpy()[asked], closed["day"].to_numpy()[asked], strict=True):
        judged[row] = _sum_up(plan, day, _plan(plan, day, int(on), 0, answers[int(number)]))
    return pd.DataFrame({"id": closed["id"], "waiting": judged[:, 0], "done": judged[:, 1], "missed": judged[:, 2]})


def _plan(
    plan: RevisitPlan, day: date, closed_on: int, reopened_on: int, answers: Sequence[date]
) -> tuple[PlannedRevisit, ...]:
    return plan_revisits(plan, date.fromordinal(closed_on), answers, day,
                         date.fromordinal(reopened_on) if reopened_on else None)


def _sum_up(plan: RevisitPlan, day: date, planned: tuple[PlannedRevisit, ...]) -> tuple[int, int, int]:
    """Return the oldest open planned revisit (0: none), and how many of those that ended lately were done, missed."""
    waiting = done = missed = 0
    for one in planned:
        if one.state in _OPEN:
            waiting = waiting or one.on.toordinal()
        elif -ENDED_DAYS <= (one.on - day).days + plan.lapse_days < 0:
            done += one.state is RevisitState.DONE
            missed += one.state is RevisitState.MISSED
    return waiting, done, missed
