"""A merged incident counts like one that was never recorded: every read of the product is asked, on two databases.

The second database is a copy of the first in which the merged incidents and all that hangs on them were deleted by
hand. New reads are asked without being named here.
"""

import shutil

from sqlalchemy import delete, select

from govdesk.actions.merge_incidents import merge_incidents
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import DuplicateVerdict, EscalationEvent, Incident, Mediation, Revisit, Step
from tests.support import quality_county, scored_county
from tests.support.alike_answers import ask, list_queries
from tests.support.weekly_sums import check_weekly_counts

N_MERGED = 15


#: Few and quick ones, which show that what is merged is seen by reads at all.
QUICK = ("counts", "day_counts", "figures", "incidents", "trends", "weekly", "quality_sums", "panel_facts")


def _answers(engine, only=None):
    found = {}
    with read_transaction(engine) as connection:
        for module, name, function in list_queries():
            if only is not None and module not in only:
                continue
            found[f"{module}.{name}"] = ask(module, name, function, connection, SYSTEM)
    return found


def _choose(connection):
    """Return pairs of one stream: away, staying; none is repeated by, or repeats, another."""
    repeated = set(connection.scalars(select(Incident.repeat_of).where(Incident.repeat_of.is_not(None))))
    rows = connection.execute(select(Incident.id, Incident.stream).where(
        Incident.is_counted == 1, Incident.weight == 1, Incident.repeat_of.is_(None)).order_by(Incident.id)).all()
    free = [row for row in rows if row.id not in repeated]
    away = free[5:5 + 2 * N_MERGED:2]
    kept = [row for row in free if row not in away]
    return [(one.id, next(row.id for row in kept if row.stream == one.stream)) for one in away]


def test_every_figure_counts_a_merged_incident_once(empty_engine, tmp_path):
    quality_county.build(empty_engine, 200)
    scored_county.add_events(empty_engine, every=4)
    scored_county.score(empty_engine)
    with write_transaction(empty_engine) as connection:
        rebuild(connection)
        pairs = _choose(connection)
    before = _answers(empty_engine, QUICK)
    for away, into in pairs:
        merge_incidents(empty_engine, by=SYSTEM, incident_id=away, into_id=into)
    check_weekly_counts(empty_engine)
    with empty_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "without.db"
    shutil.copy(empty_engine.url.database, file)
    without = get_engine(f"sqlite:///{file}")
    gone = [away for away, _ in pairs]
    with write_transaction(without) as connection:
        connection.execute(delete(DuplicateVerdict))
        for table in (Step, Mediation, Revisit, EscalationEvent):
            connection.execute(delete(table).where(table.incident_id.in_(gone)))
        connection.execute(delete(Incident).where(Incident.id.in_(gone)))
        rebuild(connection)
    merged, expected = _answers(empty_engine), _answers(without)
    wrong = [name for name in expected if merged[name] != expected[name]]
    assert wrong == []
    assert len(expected) > 120
    # The comparison can fail: most reads see that something is gone.
    moved = [name for name in before if before[name] != expected[name]]
    assert len(moved) > len(before) / 2
