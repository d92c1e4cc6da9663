"""The tiny county with everything that case quality looks at: several closings, revisits, mediations, corrections."""

from datetime import timedelta

import numpy as np
from sqlalchemy import Engine, delete, insert, select, update

from govdesk.clock import local_day, week_of
from govdesk.storage.engine import write_transaction
from govdesk.tables import Incident, Mediation, Post, Revisit, Step, Unit
from govdesk.terms import MediationChannel, MediationMethod
from tests.support import tiny_county
from tests.support.ready import built_once
from tests.support.tiny_county import NOW, UNTIL

UNITS = ("U-LAND", "U-CENTRE", "U-TOWN", None)
CHANNELS = ("grid_worker", "hotline", "letter", None)
OUTCOMES = ("settled", "agreement", "confirmed", "referred", "not_settled", "withdrawn")
KINDS = ("first", "repeat", "group", "skip_level", None)
LODGED = ("township", "county", "beyond", None)


@built_once
def build(engine: Engine, n_incidents: int = 600, *, seed: int = 5, weeks: int = 60) -> None:
    """Create it; incidents of two weeks share hours, so that ties occur."""
    tiny_county.build(engine, n_incidents, seed=seed, weeks=weeks)
    rng = np.random.default_rng(seed)
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [{"code": "U-TOWN", "name": "第1镇政府", "kind": "township", "place_code": None,
                                           "content_hash": "0"}])
        connection.execute(insert(Post), [{"code": "P1", "title": "信访岗", "unit_code": "U-TOWN", "content_hash": "0"}])
        connection.execute(delete(Step))
        for row in connection.execute(select(Incident)).all():
            _handle(connection, rng, row)


def _handle(connection, rng, row) -> None:
    pick = lambda values: values[int(rng.integers(len(values)))]  # noqa: E731
    steps, closed_at, outcome, n_reopened, answered = [], None, None, 0, None
    at = row.reported_at
    steps.append(("report", at))
    if rng.random() < 0.4:
        at += timedelta(hours=int(rng.integers(1, 300)))
        steps.append(("answer", at))
        answered = at
    while rng.random() < 0.9:
        at += pick([timedelta(minutes=int(rng.integers(0, 20))), timedelta(hours=int(rng.integers(1, 1500)))])
        if at > NOW:
            break
        closed_at, outcome = at, pick(OUTCOMES)
        steps.append(("close", at))
        if answered is None and outcome != "withdrawn":
            answered = at
        if rng.random() < 0.2:  # a second closing without a re-opening corrects the first
            at += timedelta(days=1)
            if at < NOW:
                closed_at = at
                steps.append(("close", at))
        if rng.random() < 0.7:
            break
        at += timedelta(days=int(rng.integers(0, 200)), hours=1)
        if at > NOW:
            break
        steps.append(("reopen", at))
        closed_at, outcome, n_reopened = None, None, n_reopened + 1
    answered = None if answered is not None and answered > NOW else answered
    petition = row.stream == "petition"
    concerns = "U-LAND" if rng.random() < 0.1 else None
    connection.execute(update(Incident).where(Incident.id == row.id).values(
        channel=pick(CHANNELS), handling_unit=pick(UNITS), closed_at=closed_at, outcome=outcome,
        week_closed=None if closed_at is None else week_of(local_day(closed_at)), n_reopened=n_reopened,
        first_answered_at=answered, petition_kind=pick(KINDS) if petition else None, concerns_unit=concerns,
        lodged_level=pick(LODGED) if petition else None, weight=-1 if rng.random() < 0.04 else 1,
        is_counted=0 if rng.random() < 0.04 else 1, due_at=None if rng.random() < 0.1 else row.due_at,
        repeat_of=row.id - 7 if row.id > 7 and rng.random() < 0.1 else None, status="closed" if closed_at else "accepted"))
    connection.execute(insert(Step), [{
        "incident_id": row.id, "source": "q", "source_ref": f"{row.id}-{k}", "content_hash": "0", "kind": kind,
        "occurred_at": when, "recorded_at": when, "by_post": "P1" if rng.random() < 0.3 else None,
        "note": "已包案" if rng.random() < 0.1 else None} for k, (kind, when) in enumerate(steps)])
    known = {"source": "q", "content_hash": "0", "recorded_at": NOW - timedelta(days=1), "incident_id": row.id}
    for k in range(int(rng.integers(0, 3)) if rng.random() < 0.4 else 0):
        connection.execute(insert(Revisit), [{
            **known, "source_ref": f"r{row.id}-{k}", "revisited_on": UNTIL,
            "result": pick(["settled", "not_settled", "not_reached"]), "satisfaction": pick([1, 3, 4, 5, None])}])
    if row.stream == "dispute":
        begun = local_day(row.reported_at)
        ended = pick([begun + timedelta(days=int(rng.integers(0, 40))), None])
        settled = None if ended is None else bool(rng.random() < 0.8)
        due = ended + timedelta(days=int(rng.integers(5, 90))) if settled and rng.random() < 0.7 else None
        connection.execute(insert(Mediation), [{
            **known, "source_ref": f"m{row.id}", "channel": pick(list(MediationChannel)), "level": "village",
            "method": pick(list(MediationMethod)), "started_on": begun, "ended_on": ended, "is_settled": settled,
            "agreed_on": ended if settled else None, "performance_due_on": due,
            "performed_on": None if due is None or rng.random() < 0.3 else due + timedelta(days=int(rng.integers(-5, 6))),
            "confirmed_on": ended if settled and rng.random() < 0.2 else None}])
