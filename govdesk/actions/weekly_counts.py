"""Makes the weekly counts anew from the incidents, and says how many were wrong."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from govdesk.actions.acting import acting
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import rebuild, refresh_place_weeks
from govdesk.tables import WeeklyCount


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many sums there are, and how many of them were missing, too many or different before."""

    n_rows: int
    n_wrong: int


class _DryRun(Exception):  # noqa: N818 - ends a transaction, is no error
    """Leaves the transaction without a trace, with what was found."""


def rebuild_weekly_counts(engine: Engine, *, by: Scope, commit: bool) -> Rebuilt:
    """Make all weekly counts anew.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    commit : bool
        Write. Otherwise only count what differs.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    try:
        with acting(engine, by=by, action="rebuild_counts", changes=("incidents",)) as act:
            before = _read_sums(act.connection)
            refresh_place_weeks(act.connection)
            rebuild(act.connection)
            after = _read_sums(act.connection)
            done = Rebuilt(len(after), len(before ^ after))
            if not commit:
                raise _DryRun(done)
            act.audit("weekly_counts", None, rows=done.n_rows, wrong=done.n_wrong)
    except _DryRun as found:
        dry: Rebuilt = found.args[0]
        return dry
    return done


def _read_sums(connection: Connection) -> set[tuple[object, ...]]:
    return {tuple(row) for row in connection.execute(select(*WeeklyCount.__table__.columns))}
