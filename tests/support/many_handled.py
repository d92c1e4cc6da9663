"""Gives the incidents of `many_incidents` offices, answers, re-openings, revisits and mediations, all by statements."""

from sqlalchemy import Engine, text

from govdesk.storage.engine import write_transaction
from govdesk.storage.weekly_counts import rebuild
from tests.support import many_incidents

N_UNITS = 30
#: Kind of a step, share of the time to closing after which it came.
_STEPS = (("close", 0.3), ("reopen", 0.6), ("close", 1.0))


def build(engine: Engine, n_incidents: int) -> None:
    """Create `many_incidents.build` and what became of each incident."""
    many_incidents.build(engine, n_incidents)
    with write_transaction(engine) as connection:
        for statement in list_statements():
            connection.execute(text(statement))
        rebuild(connection)


def list_statements() -> list[str]:
    """Return what is run, each statement plain enough for both engines."""
    units = [f"INSERT INTO units (code, name, kind, content_hash) VALUES ('H-{n:02d}', '第{n}所', 'department', '0')"
             for n in range(N_UNITS)]
    reopened = "closed_at IS NOT NULL AND id % 29 = 0"
    steps = [
        "INSERT INTO steps (incident_id, source, source_ref, content_hash, kind, occurred_at, recorded_at, "
        f"is_recorded_assumed, is_withdrawn) SELECT id, 'many', id || '-{number}', '0', '{kind}', reported_at + "
        f"CAST((closed_at - reported_at) * {share} AS INTEGER), reported_at, 1 = 0, 1 = 0 FROM incidents WHERE {reopened}"
        for number, (kind, share) in enumerate(_STEPS)]
    return [
        *units,
        "UPDATE incidents SET handling_unit = 'H-' || SUBSTR(CAST(100 + id % 30 AS VARCHAR), 2, 2), "
        "first_answered_at = CASE WHEN id % 10 < 9 THEN reported_at + (id % 37) * 7200 END, "
        "closed_at = CASE WHEN id % 23 = 0 AND closed_at IS NOT NULL THEN reported_at + 600 ELSE closed_at END, "
        "week_closed = CASE WHEN id % 23 = 0 AND closed_at IS NOT NULL THEN week_occurred ELSE week_closed END, "
        "outcome = CASE WHEN closed_at IS NOT NULL AND id % 13 = 0 THEN 'not_settled' ELSE outcome END, "
        "lodged_level = CASE WHEN stream = 'petition' THEN 'county' END, "
        f"n_reopened = CASE WHEN {reopened} THEN 1 ELSE 0 END",
        *steps,
        "INSERT INTO revisits (incident_id, source, source_ref, content_hash, recorded_at, revisited_on, result, "
        "satisfaction) SELECT id, 'many', 'r' || id, '0', reported_at, occurred_on, CASE WHEN id % 4 = 0 THEN "
        "'not_reached' ELSE 'settled' END, 1 + id % 5 FROM incidents WHERE closed_at IS NOT NULL AND id % 9 = 0",
        "INSERT INTO mediations (incident_id, source, source_ref, content_hash, recorded_at, channel, method, level, "
        "started_on, ended_on, is_settled) SELECT id, 'many', 'm' || id, '0', reported_at, 'people', 'sitting', 'village', "
        "occurred_on, occurred_on, id % 8 > 0 FROM incidents WHERE stream = 'dispute' AND id % 2 = 0",
    ]
