"""By which definition of an escalation the events were derived, and since which state of the data.

Whatever is made of escalations keeps the number of the data that it was made from (`versions.read_data_version`). When
the events are derived by another definition, the data's number of that moment is kept here: what has a smaller one was
made by the definition before, and is neither used beside the new one nor shown without saying so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from govdesk.storage.setting_changes import read_last_changes, write_change
from govdesk.storage.versions import read_data_version
from govdesk.tables import DataVersion

SUBJECT, KEY = "escalation_definition", "events"
_REASON = "find-escalations"


@dataclass(frozen=True, slots=True)
class Definition:
    """What the events were derived by.

    Attributes
    ----------
    rule_version : str
        Hash of the parts (`rules.escalation_parts.EscalationParts.version`).
    data_version : int
        What is made of data with a smaller number is of an older definition.
    at : datetime
        UTC instant since which it holds.
    """

    rule_version: str
    data_version: int
    at: datetime

    def is_older(self, data_version: object) -> bool:
        """Whether something made of a state of the data is of an older definition."""
        return isinstance(data_version, int) and data_version < self.data_version


def read_definition(connection: Connection) -> Definition | None:
    """Return the definition of the events; None: it has not changed since there is a database."""
    change = read_last_changes(connection, SUBJECT).get(KEY)
    if change is None or change.value is None:
        return None
    return Definition(str(change.value["rule_version"]), int(str(change.value["data_version"])), change.at)


def note_definition(connection: Connection, rule_version: str, *, by: str) -> None:
    """Keep that the events of this transaction are of a definition, if that is another one than before.

    The transaction bumps the data's version once when it ends.
    """
    connection.execute(select(DataVersion.version).with_for_update()).all()  # nobody bumps in between
    last = read_definition(connection)
    if last is None or last.rule_version != rule_version:
        value: dict[str, object] = {"rule_version": rule_version, "data_version": read_data_version(connection) + 1}
        write_change(connection, by=by, subject=SUBJECT, key=KEY, value=value, reason=_REASON)
