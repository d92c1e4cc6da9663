"""The same key twice in one file: equal rows are duplicates, differing ones an error that names both lines."""

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import note
from govdesk.ingest.records import Rows


def drop_duplicates(parts: list[Rows], key: str, notes: NoteBook, header: str | None = None) -> list[Rows]:
    """Return the rows without repeated keys; the first of a key stays.

    Parameters
    ----------
    parts : list of Rows
        All rows of the file, in its order.
    key : str
        Column of text that is the key.
    notes : NoteBook
        Counts duplicates, takes the errors.
    header : str, optional
        What the file calls the key.
    """
    suspects = _suspects(parts, key)
    if not suspects:
        return parts
    first: dict[str, tuple[int, str]] = {}
    kept: list[Rows] = []
    for rows, suspected in zip(parts, _split(suspects, parts), strict=True):
        keep = np.ones(len(rows), dtype=bool)
        for row in suspected:
            text, content = rows.values[key][row], rows.values["content_hash"][row]
            line = int(rows.lines[row])
            earlier = first.setdefault(text, (line, content))
            if earlier[0] == line:
                continue
            keep[row] = False
            if earlier[1] == content:
                notes.report.duplicates += 1
            else:
                notes.report.rejected += 1
                notes.error(note("key_twice", line, header, value=shown(text), first=notes.where(earlier[0]),
                                 second=notes.where(line)))
        kept.append(rows if keep.all() else rows.take(keep))
    return kept


def _suspects(parts: list[Rows], key: str) -> list[int]:
    """Return the positions of rows whose key occurs twice, perhaps: 8 bytes a row tell, whatever the keys' length."""
    hashes = [np.fromiter((hash(text) for text in rows.values[key]), np.int64, len(rows)) for rows in parts]
    if not hashes:
        return []
    joined: NDArray[np.int64] = np.concatenate(hashes)
    order = np.argsort(joined, kind="stable")
    ordered = joined[order]
    twice = np.zeros(len(joined), dtype=bool)
    equal = ordered[1:] == ordered[:-1]
    twice[order[1:][equal]] = True
    twice[order[:-1][equal]] = True
    found: list[int] = np.flatnonzero(twice).tolist()
    return found


def _split(positions: list[int], parts: list[Rows]) -> list[list[int]]:
    result: list[list[int]] = []
    at, start = 0, 0
    for rows in parts:
        mine: list[int] = []
        while at < len(positions) and positions[at] < start + len(rows):
            mine.append(positions[at] - start)
            at += 1
        result.append(mine)
        start += len(rows)
    return result
