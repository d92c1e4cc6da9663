"""The growing number of each subject, by which caches know that something changed."""

from sqlalchemy import Connection, select, update

from govdesk.tables import DataVersion

#: What surrounds incidents at work (calls, handovers, photos, visit orders): no figure is made of it, so that
#: only `ui.loaders.load_loop` looks at it, and a call does not make every page read anew.
LOOP = "loop"

#: What may change on its own. Audit bumps none.
SUBJECTS = ("places", "incidents", "organisation", "risk", "accounts", LOOP)


def bump(connection: Connection, subject: str) -> None:
    """Count one change of `subject`, within the caller's transaction."""
    done = connection.execute(
        update(DataVersion).where(DataVersion.subject == subject).values(version=DataVersion.version + 1)
    )
    if done.rowcount != 1:
        message = f"unknown subject {subject!r}"
        raise LookupError(message)


def read_versions(connection: Connection) -> dict[str, int]:
    """Return the version of every subject."""
    return {row.subject: row.version for row in connection.execute(select(DataVersion.subject, DataVersion.version))}


def read_data_version(connection: Connection) -> int:
    """Return one growing number for all that a score is made of: places and incidents (escalations among them).

    Versions only grow, so their sum is the same exactly when neither has changed.
    """
    versions = read_versions(connection)
    return versions["places"] + versions["incidents"]
