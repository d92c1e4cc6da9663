"""The same key twice in one file: equal rows are duplicates, differing ones an error that names both lines."""

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import note
from govdesk.ingest.row_store import RowStore


def drop_duplicates(parts: RowStore, key: str, notes: NoteBook, header: str | None = None) -> RowStore:
    """Return the rows without repeated keys; the first of a key stays.

    Parameters
    ----------
    parts : RowStore
        All rows of the file, in its order.
    key : str
        Column of text that is the key.
    notes : NoteBook
        Counts duplicates, takes the errors.
    header : str, optional
        What the file calls the key.
    """
    suspects = _suspects(parts, key)
    if not suspects.size:
        return parts
    first: dict[str, tuple[int, str]] = {}
    kept = RowStore()
    start = 0
    for rows in parts:
        low, high = np.searchsorted(suspects, [start, start + len(rows)])
        suspected = (suspects[low:high] - start).tolist()
        start += len(rows)
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


def _suspects(parts: RowStore, key: str) -> NDArray[np.int64]:
    """Return the positions of rows whose key occurs twice, perhaps: 8 bytes a row tell, whatever the keys' length."""
    hashes = [np.fromiter((hash(text) for text in rows.values[key]), np.int64, len(rows)) for rows in parts]
    if not hashes:
        return np.zeros(0, dtype=np.int64)
    joined: NDArray[np.int64] = np.concatenate(hashes)
    order = np.argsort(joined, kind="stable")
    ordered = joined[order]
    twice = np.zeros(len(joined), dtype=bool)
    equal = ordered[1:] == ordered[:-1]
    twice[order[1:][equal]] = True
    twice[order[:-1][equal]] = True
    return np.flatnonzero(twice)
