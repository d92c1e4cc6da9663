"""The parts of an escalation 激化构成 as the settings page shows them: what holds, and what the file says.

Events are counted as they stand, of whatever definition; those of merged and withdrawn incidents are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import EscalationConfigError, EscalationParts, merge_parts
from govdesk.storage.escalation_parts import DELIVERED, SUBJECT, find_parts_file, read_parts_file
from govdesk.storage.setting_changes import LastChange, read_last_changes
from govdesk.tables import EscalationEvent, Incident, Unit


@dataclass(frozen=True, slots=True)
class EscalationSettings:
    """All parts.

    Attributes
    ----------
    parts, in_file : EscalationParts
        What holds, and what the file says.
    changes : mapping of str to LastChange
        What was set on screen and holds, by part.
    by : mapping of str to str
        Titles of who set it.
    seen : mapping of str to int
        Number of the last change of each part that ever was changed, taken back or not.
    n_events : mapping of str to int
        Events on record, by part, of whatever definition.
    versions : tuple of str
        Definitions by which they were derived; empty: none were.
    unit_kinds, sources : tuple of str
        What parts can name beside fixed codes: kinds of units, sources of records.
    is_own : bool
        Whether the file is the office's own, in the work folder.
    fault : str or None
        Why the file cannot be used; nothing can be changed then.
    """

    parts: EscalationParts
    in_file: EscalationParts
    changes: Mapping[str, LastChange]
    by: Mapping[str, str]
    seen: Mapping[str, int]
    n_events: Mapping[str, int]
    versions: tuple[str, ...]
    unit_kinds: tuple[str, ...]
    sources: tuple[str, ...]
    is_own: bool
    fault: str | None = None

    @property
    def is_derived(self) -> bool:
        """Whether all events on record are of the definition that holds."""
        return set(self.versions) <= {self.parts.version}


@reads("change_settings")
def read_escalation_settings(connection: Connection, scope: Scope, stamp: int = 0) -> EscalationSettings:
    """Return the parts with what differs from their file; `stamp` says which state of the file is asked for."""
    del scope, stamp  # a definition is the county's, the same for all who may change it
    changes = read_last_changes(connection, SUBJECT)
    fault = None
    try:
        in_file = read_parts_file()
        parts = merge_parts(in_file, {name: change.value for name, change in changes.items()})
    except (EscalationConfigError, OSError) as error:
        fault, in_file, parts = str(error), EscalationParts(), EscalationParts()
    titles = read_post_titles(connection) if changes else {}
    held = {name: change for name, change in changes.items() if change.value is not None}
    event = EscalationEvent
    n_events = {part: int(n) for part, n in connection.execute(
        select(event.part, func.sum(Incident.weight)).join(Incident, Incident.id == event.incident_id)
        .where(Incident.is_counted == 1).group_by(event.part))}
    return EscalationSettings(
        parts, in_file, held, {name: titles.get(change.by, change.by) for name, change in held.items()},
        {name: change.id for name, change in changes.items()}, n_events,
        tuple(connection.scalars(select(event.rule_version).distinct().order_by(event.rule_version))),
        tuple(connection.scalars(select(Unit.kind).distinct().order_by(Unit.kind))),
        tuple(connection.scalars(select(Incident.source).distinct().order_by(Incident.source))),
        find_parts_file() != DELIVERED, fault)
