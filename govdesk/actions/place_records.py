"""Reads and writes the rows of places, shapes and batches, for the actions on places."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from govdesk.clock import now
from govdesk.ingest.notes import ImportReport, label
from govdesk.ingest.place_tree import Ancestor, Key, PlaceVersion, build_closure
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import refresh_place_weeks
from govdesk.tables import BeforeImage, ImportBatch, Place, PlaceAncestor, PlaceShape, RowNote

_COLUMNS = tuple(item.name for item in fields(PlaceVersion))


def read_versions(connection: Connection) -> dict[Key, PlaceVersion]:
    """Return all places at all times."""
    rows = connection.execute(select(*(getattr(Place, name) for name in _COLUMNS)))
    versions = (PlaceVersion(*row) for row in rows)
    return {version.key: version for version in versions}


def key_text(key: Key) -> str:
    """Return a version's key as the before-images name it."""
    return f"{key[0]}|{key[1].isoformat()}"


def write_versions(connection: Connection, inserted: Sequence[PlaceVersion], changed: Sequence[PlaceVersion]) -> None:
    """Insert new versions and overwrite changed ones."""
    if inserted:
        connection.execute(insert(Place), [asdict(version) for version in inserted])
    if changed:
        names = [name for name in _COLUMNS if name not in ("code", "valid_from")]
        statement = update(Place).where(Place.code == bindparam("b_code"), Place.valid_from == bindparam("b_from"))
        connection.execute(
            statement.values({name: bindparam(f"b_{name}") for name in names}),
            [{"b_from": version.valid_from, **{f"b_{name}": getattr(version, name) for name in ("code", *names)}}
             for version in changed])


def write_batch(connection: Connection, report: ImportReport, *, about: str, file_name: str, file_hash: str,
                by: Scope) -> int:
    """Write the batch with its row notes; return its number."""
    batch = connection.execute(insert(ImportBatch).values(
        about=about, profile="", file_name=label(file_name)[:200], file_hash=file_hash, by=by.account, at=now(),
        n_read=report.read, n_inserted=report.inserted, n_updated=report.updated, n_unchanged=report.unchanged,
        n_rejected=report.rejected, n_masked=0,
    ).returning(ImportBatch.id)).scalar_one()
    notes = [{"batch_id": batch, "line": item.line, "column": (item.column or "")[:80] or None, "level": level,
              "code": item.code, "message": item.message()}
             for level, items in (("error", report.errors), ("warning", report.warnings)) for item in items]
    if notes:
        connection.execute(insert(RowNote), notes)
    return batch


def write_before_images(connection: Connection, batch: int, table: str,
                        images: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep rows as they were before the batch."""
    rows = [{"batch_id": batch, "table_name": table, "row_key": key,
             "image": json.dumps(image, ensure_ascii=False, sort_keys=True, default=str)}
            for key, image in images.items()]
    if rows:
        connection.execute(insert(BeforeImage), rows)


def rebuild_closure(connection: Connection, versions: Iterable[PlaceVersion]) -> None:
    """Bring `place_ancestors`, and what is derived from it, to what the places say; only differing rows are touched."""
    names = tuple(item.name for item in fields(Ancestor))
    stored = {Ancestor(*row) for row in connection.execute(select(*(getattr(PlaceAncestor, name) for name in names)))}
    wanted = set(build_closure(versions))
    gone, new = stored - wanted, wanted - stored
    if gone:
        connection.execute(
            delete(PlaceAncestor).where(
                PlaceAncestor.code == bindparam("b_code"), PlaceAncestor.ancestor_code == bindparam("b_ancestor"),
                PlaceAncestor.week_from == bindparam("b_from")),
            [{"b_code": row.code, "b_ancestor": row.ancestor_code, "b_from": row.week_from} for row in gone])
    if new:
        connection.execute(insert(PlaceAncestor), sorted(
            (asdict(row) for row in new), key=lambda row: (row["code"], row["ancestor_code"], row["week_from"])))
    refresh_place_weeks(connection)


def read_shape_rows(connection: Connection) -> dict[Key, dict[str, Any]]:
    """Return all rows of `place_shapes`."""
    return {(row["code"], row["valid_from"]): dict(row)
            for row in connection.execute(select(*PlaceShape.__table__.columns)).mappings()}


def write_shape_rows(connection: Connection, stored: Mapping[Key, dict[str, Any]],
                     wanted: Mapping[Key, dict[str, Any]]) -> int:
    """Bring `place_shapes` from `stored` to `wanted`; return how many rows differ."""
    gone = [key for key, row in stored.items() if wanted.get(key) != row]
    new = [row for key, row in wanted.items() if stored.get(key) != row]
    if gone:
        connection.execute(
            delete(PlaceShape).where(
                PlaceShape.code == bindparam("b_code"), PlaceShape.valid_from == bindparam("b_from")),
            [{"b_code": code, "b_from": first} for code, first in gone])
    if new:
        connection.execute(insert(PlaceShape), new)
    return len(set(gone) | {(row["code"], row["valid_from"]) for row in new})


def day_before(day: date) -> date:
    """Return the last day on which what ends on `day` is valid."""
    return date.fromordinal(day.toordinal() - 1)
