"""Categories 类别 as the settings page shows them: what holds, what the file says, how many incidents each has."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.access import Scope
from govdesk.storage.category_changes import SUBJECT, list_added_categories
from govdesk.storage.reference import read_delivered_categories
from govdesk.storage.setting_changes import LastChange, read_last_changes
from govdesk.tables import Category, Incident


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category.

    Attributes
    ----------
    off_on : date or None
        From when nothing new is registered under it.
    origin : str
        ``file``, ``screen`` (added there), or ``import`` (came with an import profile).
    is_as_file : bool
        Whether names and use are those of the file; False for what is in no file.
    n, n_open : int
        Incidents of all time that count, and those of them that are open.
    change : LastChange or None
        What was set on screen and holds.
    by : str
        Title of who set it.
    """

    code: str
    stream: str
    name_zh: str
    name_en: str
    off_on: date | None
    origin: str
    is_as_file: bool
    n: int
    n_open: int
    change: LastChange | None
    by: str


@dataclass(frozen=True, slots=True)
class CategorySettings:
    """All categories, by stream and code, and the last change of each that ever was changed."""

    lines: tuple[CategoryLine, ...]
    seen: dict[str, int]


@reads("change_settings")
def read_category_settings(connection: Connection, scope: Scope) -> CategorySettings:
    """Return the categories with what differs from their file."""
    del scope  # who may change settings sees the whole
    changes = read_last_changes(connection, SUBJECT)
    titles = read_post_titles(connection) if changes else {}
    in_file, added = read_delivered_categories(), list_added_categories(connection)
    n = _count(connection)
    n_open = _count(connection, is_open=True)
    lines = []
    for row in connection.execute(select(Category.code, Category.stream, Category.name_zh, Category.name_en).order_by(
            Category.stream, Category.code)):
        change = changes.get(row.code)
        held = change if change is not None and change.value is not None else None
        day = (held.value or {}).get("off_on") if held else None
        file_row = in_file.get(row.code)
        lines.append(CategoryLine(
            row.code, row.stream, row.name_zh, row.name_en, date.fromisoformat(str(day)) if day else None,
            "file" if file_row else "screen" if row.code in added else "import",
            file_row is not None and not day and (file_row["name_zh"], file_row["name_en"]) == (
                row.name_zh, row.name_en), n.get(row.code, 0), n_open.get(row.code, 0), held,
            titles.get(held.by, held.by) if held else ""))
    return CategorySettings(tuple(lines), {code: change.id for code, change in changes.items()})


def _count(connection: Connection, *, is_open: bool = False) -> dict[str, int]:
    """Return the incidents that count by category, corrections netted."""
    conditions = [Incident.week_closed.is_(None)] if is_open else []
    return {code: int(n or 0) for code, n in connection.execute(select(Incident.category, func.sum(
        Incident.weight)).where(Incident.is_counted == 1, *conditions).group_by(Incident.category))}
