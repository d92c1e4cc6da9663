"""What was set on screen beside the file of the duty list 权责清单: rows changed, added, taken out; pure.

A row is known by what it is about, the village type and level it is narrowed to, and its rank: no two rows of a list
share these (`rules.duty_list`), and they stay the same when the file is sorted anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from govdesk.rules.duty_list import make_row
from govdesk.rules.triage import DutyRow

#: Between the parts of a key; stands in none of them.
_BETWEEN = "|"
#: What names a row; the other columns may be set on screen.
NAMING = ("about", "place_kind", "place_level", "rank")
#: Value of a row that is taken out of the list.
REMOVED: Mapping[str, object] = {"removed": True}


def key_of(cells: Mapping[str, str]) -> str:
    """Return the key of a row.

    Examples
    --------
    >>> key_of({"about": "family", "place_kind": "", "place_level": "village", "rank": "1"})
    'family||village|1'
    """
    return _BETWEEN.join(cells[name] for name in NAMING)


def write_cells(row: DutyRow) -> dict[str, str]:
    """Return a row as the cells of its line."""
    return {
        "about": row.about, "place_kind": row.place_kind or "", "place_level": row.place_level or "",
        "unit_kind": row.unit_kind or "", "unit_words": _BETWEEN.join(row.unit_words),
        "unit_code": row.unit_code or "", "rank": str(row.rank), "township_first": row.township_first,
        "source": row.source}


def merge_rows(rows: Sequence[DutyRow], changes: Mapping[str, Mapping[str, object] | None]) -> tuple[DutyRow, ...]:
    """Return the rows in force.

    Parameters
    ----------
    rows : sequence of DutyRow
        Of the file.
    changes : mapping
        The last change of each row by key, in the order in which the keys were first set: cells, `REMOVED`, or None
        where the file holds again.

    Returns
    -------
    tuple of DutyRow
        A changed row keeps its line. Added rows are numbered on behind the file's last line in the order in which they
        were added, whether or not an earlier one was taken back: a number never comes to mean another row.
    """
    by_key = {key_of(write_cells(row)): row for row in rows}
    line = max((row.line for row in rows), default=1)
    for key, value in changes.items():
        known = by_key.get(key)
        if known is None:
            line += 1
        if value is None:
            continue
        by_key.pop(key, None)
        if value != REMOVED:
            cells = {name: str(text) for name, text in value.items()}
            by_key[key] = replace(make_row(0, cells), line=line if known is None else known.line)
    return tuple(sorted(by_key.values(), key=lambda row: row.line))
