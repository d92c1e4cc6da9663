"""Users who take steps at the same time, and what must hold of the table when they are done."""

import random
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import BigInteger, Engine, func, insert, select, type_coerce

from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.queries.standing import find_taker, read_standing
from govdesk.rules.access import Scope
from govdesk.rules.case_flow import list_allowed
from govdesk.rules.step_cache import LOOP_SOURCE, StepFact, derive_cache
from govdesk.rules.step_needs import Wanted
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, Incident, Step, Unit
from govdesk.terms import PauseReason, Role, StepKind
from tests.support import tiny_county


@dataclass
class Tally:
    """What the users of one run did; seconds in `took`."""

    took: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    refused: int = 0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


UNITS = ("U-LAND", "U-WATER", "U-ROADS")


def prepare(engine: Engine, *, n_incidents: int, n_users: int) -> tuple[list[Scope], list[int]]:
    """Build a county and the accounts of its users; return their scopes, and the incidents that are open."""
    tiny_county.build(engine, n_incidents)
    people = [Scope(account=f"user{n:02d}", role=Role.CENTRE if n % 3 == 0 else Role.DEPARTMENT,
                    unit_code=None if n % 3 == 0 else UNITS[n % len(UNITS)]) for n in range(n_users)]
    with write_transaction(engine) as connection:
        known = set(connection.scalars(select(Unit.code)))
        connection.execute(insert(Unit), [{"code": code, "name": code, "kind": "department", "content_hash": "0"}
                                          for code in UNITS if code not in known])
        connection.execute(insert(Account), [
            {"code": one.account, "title": one.account, "role": one.role.value, "unit_code": one.unit_code,
             "is_active": True} for one in people])
        numbers = list(connection.scalars(select(Incident.id).where(
            Incident.week_closed.is_(None), Incident.is_counted == 1, Incident.weight == 1,
            Incident.concerns_unit.is_(None))))
    return people, numbers


def act_as(engine: Engine, by: Scope, numbers: list[int], until: float, think: float, tally: Tally,
           rng: random.Random) -> None:
    """Take steps until the time is over; what was acknowledged, refused and how long it took goes into the tally."""
    flow = read_flow_in_force()
    crowd = numbers[:40]  # incidents that several users meet on
    while time.monotonic() < until:
        number = rng.choice(crowd if rng.random() < 0.3 else numbers)
        try:
            began = time.perf_counter()
            with read_transaction(engine) as connection:
                held = read_standing(connection, by, number)
                taker = None if held is None else find_taker(connection, by, held)
            tally.looked.append(time.perf_counter() - began)
            kinds = [] if held is None or taker is None else list_allowed(flow, held.standing, taker)
            kinds = [kind for kind in kinds if kind is not StepKind.REVISIT]
            if not kinds:
                time.sleep(0.05)  # nothing for this user here: the next one of the list
                continue
            wanted = make_step(rng.choice(kinds), rng)
            began = time.perf_counter()
            done = take_step(engine, by=by, incident_id=number, wanted=wanted, form_key=uuid4().hex,
                             seen=held.standing.n_steps)
            took = time.perf_counter() - began
            with tally.lock:
                tally.took.append(took)
                tally.acknowledged[done.step_id] = number
        except StepRefusedError:
            with tally.lock:
                tally.refused += 1
        except Exception as error:  # whatever it is: an error of ours
            with tally.lock:
                tally.errors.append(repr(error)[:300])
        time.sleep(rng.expovariate(1 / think) if think else 0)


def make_step(kind: StepKind, rng: random.Random) -> Wanted:
    """Return a step with all that it needs."""
    note = rng.choice(("已到现场查看", "材料已收齐", "与村里商量过"))
    if kind is StepKind.DISPATCH:
        return Wanted(kind, note, unit_code=rng.choice(UNITS))
    if kind is StepKind.PAUSE:
        return Wanted(kind, note, reason=PauseReason.APPRAISAL.value)
    if kind is StepKind.CLOSE:
        return Wanted(kind, note, outcome="settled", level="village")
    if kind is StepKind.REFER_UP:
        return Wanted(kind, note, level="county")
    return Wanted(kind, note)


def check_kept(engine: Engine, acknowledged: dict[int, int]) -> list[str]:
    """Return what is wrong: a step that was acknowledged and is not there, one more than that, a cache unlike a replay."""
    with read_transaction(engine) as connection:
        stored = {row.id: row.incident_id for row in connection.execute(
            select(Step.id, Step.incident_id).where(Step.source == LOOP_SOURCE))}
        wrong = [f"step {one} lost" for one in acknowledged if stored.get(one) != acknowledged[one]]
        wrong += [f"step {one} was never acknowledged" for one in stored if one not in acknowledged]
        touched = sorted(set(acknowledged.values()))
        for start in range(0, len(touched), 500):
            part = touched[start:start + 500]
            steps: dict[int, list[StepFact]] = {}
            for row in connection.execute(select(
                    Step.incident_id, Step.kind, type_coerce(Step.occurred_at, BigInteger), Step.outcome, Step.level,
                    type_coerce(Step.due_at, BigInteger), Step.is_withdrawn, Step.unit_code, Step.id, Step.source,
                    ).where(Step.incident_id.in_(part)).order_by(Step.id)):
                steps.setdefault(row[0], []).append(StepFact(*row[1:7], unit=row[7],
                                                             taken=row[8] if row[9] == LOOP_SOURCE else 0))
            for row in connection.execute(select(
                    Incident.id, Incident.status, Incident.n_steps, Incident.n_reopened, Incident.handling_unit,
                    type_coerce(Incident.due_given_at, BigInteger).label("given"),
                    type_coerce(Incident.due_at, BigInteger).label("due"),
                    ).where(Incident.id.in_(part))):
                cache = derive_cache(steps[row.id], row.given)
                expected = (cache.status, cache.n_steps, cache.n_reopened, cache.due_at)
                if (row.status, row.n_steps, row.n_reopened, row.due) != expected:
                    wrong.append(f"incident {row.id}: {tuple(row)} is not {expected}")
                if cache.dispatched_to not in (None, row.handling_unit):
                    wrong.append(f"incident {row.id}: handled by {row.handling_unit}, not {cache.dispatched_to}")
        total = connection.scalar(select(func.count()).select_from(Step).where(Step.source == LOOP_SOURCE))
    return wrong if total == len(acknowledged) else [*wrong, f"{total} steps, {len(acknowledged)} acknowledged"]
