"""The duty list 权责清单 as the settings page shows it: what holds, what the file says, who changed what since when."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from govdesk.queries.permission import reads
from govdesk.queries.post_titles import read_post_titles
from govdesk.queries.triage import read_units
from govdesk.rules.access import Scope
from govdesk.rules.duty_list import DutyListError
from govdesk.rules.duty_list_changes import REMOVED, key_of, merge_rows, write_cells
from govdesk.rules.triage import is_named
from govdesk.storage.duty_list import DELIVERED, SUBJECT, find_duty_file, read_duty_file
from govdesk.storage.setting_changes import LastChange, read_last_changes


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One row.

    Attributes
    ----------
    key : str
        Names it (`rules.duty_list_changes.key_of`).
    line : int or None
        Its number, as proposals name it; None for one that is taken out.
    cells : mapping
        What holds; for one that is taken out, what held.
    in_file : mapping or None
        What the file says; None where it has no such row.
    change : LastChange or None
        What was set on screen; None where the file holds.
    by : str
        Title of who set it.
    units : tuple of str
        Names of the units that it names today, in the order of their codes.
    """

    key: str
    line: int | None
    cells: Mapping[str, str]
    in_file: Mapping[str, str] | None
    change: LastChange | None
    by: str = ""
    units: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Return ``file``, ``changed``, ``added`` or ``removed``."""
        if self.change is None:
            return "file"
        if self.line is None:
            return "removed"
        return "changed" if self.in_file is not None else "added"


@dataclass(frozen=True, slots=True)
class DutySettings:
    """The whole list.

    Attributes
    ----------
    lines : tuple of DutyLine
        In the order of their numbers, those taken out last.
    seen : mapping of str to int
        Number of the last change of each row that ever was changed, taken back or not: what a form says it has seen.
    is_own : bool
        Whether the file is the office's own, in the work folder.
    fault : str or None
        Why the file cannot be used; nothing is proposed then, and nothing can be changed.
    """

    lines: tuple[DutyLine, ...]
    seen: Mapping[str, int]
    is_own: bool
    fault: str | None = None


@reads("change_settings")
def read_duty_settings(connection: Connection, scope: Scope, stamp: int = 0) -> DutySettings:
    """Return the list with what differs from its file; `stamp` says which state of the file is asked for."""
    del scope, stamp  # the list is the county's, the same for all who may change it
    is_own = find_duty_file() != DELIVERED
    changes = read_last_changes(connection, SUBJECT)
    seen = {key: change.id for key, change in changes.items()}
    try:
        rows = read_duty_file(connection)
    except (DutyListError, OSError) as error:
        return DutySettings((), seen, is_own, str(error))
    titles = read_post_titles(connection) if changes else {}
    in_file = {key_of(cells): cells for cells in map(write_cells, rows)}
    held = {key: change for key, change in changes.items() if change.value is not None}
    units = read_units(connection).by_code.values()
    lines = []
    for row in merge_rows(rows, {key: change.value for key, change in changes.items()}):
        cells = write_cells(row)
        key = key_of(cells)
        change = held.get(key)
        named = tuple(unit.name for unit in units if is_named(unit, row) and not unit.is_off)
        lines.append(DutyLine(key, row.line, cells, in_file.get(key), change, _name(change, titles), named))
    for key, change in held.items():
        if change.value == REMOVED and key in in_file:
            lines.append(DutyLine(key, None, in_file[key], in_file[key], change, _name(change, titles)))
    return DutySettings(tuple(lines), seen, is_own)


def _name(change: LastChange | None, titles: Mapping[str, str]) -> str:
    return "" if change is None else titles.get(change.by, change.by)
