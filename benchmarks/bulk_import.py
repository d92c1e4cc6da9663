"""How fast checked rows get into the indexed table of incidents: govdesk.storage.bulk against pandas.to_sql.

Both fill the same table, with the same indexes and constraints, in one transaction on a database of its own; then the
two tables are compared row by row. Beside it: the whole command, from the CSV file to the committed batch.

    python benchmarks/bulk_import.py                     # 2,000,000 and 60,000 rows
    python benchmarks/bulk_import.py --rows 60000 --whole
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import text  # noqa: E402

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.actions.import_context import read_surroundings  # noqa: E402
from govdesk.actions.importing import import_records  # noqa: E402
from govdesk.actions.record_columns import Stamp, add_first_values, fill_recorded, to_columns  # noqa: E402
from govdesk.actions.record_storing import table_of  # noqa: E402
from govdesk.ingest.drafts import NoteBook  # noqa: E402
from govdesk.ingest.notes import ImportReport  # noqa: E402
from govdesk.ingest.profiles import parse_profile  # noqa: E402
from govdesk.ingest.readers import open_table  # noqa: E402
from govdesk.ingest.records import RecordReader  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.bulk import insert_rows  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction, write_transaction  # noqa: E402
from govdesk.storage.index_rebuild import many_new_rows  # noqa: E402
from tests.support import tiny_county  # noqa: E402

PROFILE = 'about = "incidents"\nname = "bench"\nsample = true\nown_names = true\n'
STREAMS = [("dispute", "land_forest"), ("petition", "petition_land"), ("hazard", "hazard_fire"),
           ("request", "request_road"), ("public_order", "order_theft")]


def write_file(path: Path, n_rows: int) -> None:
    """Write a file of incidents of the tiny county: numbers, instants and points differ from row to row."""
    rng = np.random.default_rng(7)
    stream = rng.integers(0, 5, n_rows)
    town, village, grid = rng.integers(1, 4, n_rows), rng.integers(1, 5, n_rows), rng.integers(1, 3, n_rows)
    minutes = rng.integers(0, 150 * 7 * 1440, n_rows)
    lon, lat = rng.uniform(111.0, 111.36, n_rows), rng.uniform(27.0, 27.12, n_rows)
    start = datetime(2023, 12, 1)  # noqa: DTZ001 - local text
    with path.open("w", encoding="utf-8") as file:
        file.write("source_ref,stream,category,place_code,lon,lat,occurred_on,reported_at,channel,n_people\n")
        for i in range(n_rows):
            at = start + timedelta(minutes=int(minutes[i]))
            kind, category = STREAMS[stream[i]]
            code = f"990101{town[i]:03d}{village[i]:03d}-{grid[i]:02d}"
            if code == "990101001001-01":
                code = "990101001001-02"
            file.write(f"B{i:08d},{kind},{category},{code},{lon[i]:.5f},{lat[i]:.5f},{at.date()},{at},hotline,"
                       f"{1 + i % 9}\n")


def new_database(folder: Path, name: str):
    engine = get_engine(f"sqlite:///{folder / name}")
    tiny_county.build(engine, n_incidents=0)
    return engine


def checked_rows(engine, path: Path):
    """Return the rows of the file as the importer would store them."""
    profile = parse_profile(PROFILE)
    with read_transaction(engine) as connection:
        around = read_surroundings(connection, profile)
    table = open_table(path, profile.file)
    reader = RecordReader(profile, table.headers, around, NoteBook(ImportReport()))
    parts = [reader.read(piece) for piece in table.pieces]
    stamp = Stamp("bench", around.now, around.meanings.county, is_first_load=True)
    for rows in parts:
        fill_recorded(rows, profile.kind, stamp)
    return parts, profile, stamp


def columns_of(parts, profile, stamp):
    for rows in parts:
        columns = to_columns(rows, profile.kind, table_of("incidents"), stamp)
        add_first_values(columns, "incidents")
        yield columns


def fill_by_bulk(engine, parts, profile, stamp, n_rows, clock=time.perf_counter):
    """Return seconds from checked rows to the commit, conversion included."""
    table = table_of("incidents")
    began = clock()
    with write_transaction(engine) as connection, many_new_rows(connection, table, n_rows):
        for columns in columns_of(parts, profile, stamp):
            names = list(columns.lists)
            insert_rows(connection, table, names, columns.rows(names))
    return clock() - began


def fill_by_pandas(engine, parts, profile, stamp, clock=time.perf_counter):
    """Return seconds of to_sql alone: its frames are made before, at no cost to it."""
    frames = [pd.DataFrame(columns.lists, dtype=object) for columns in columns_of(parts, profile, stamp)]
    began = clock()
    with write_transaction(engine) as connection:
        for frame in frames:
            frame.to_sql("incidents", connection, if_exists="append", index=False)
    return clock() - began


def content(engine) -> tuple[int, str]:
    """Return the number of rows and a digest of all of them, by their key."""
    digest, count = hashlib.sha256(), 0
    with read_transaction(engine) as connection:
        names = [row[1] for row in connection.execute(text("PRAGMA table_info(incidents)")) if row[1] != "id"]
        for row in connection.execute(text(f"SELECT {', '.join(names)} FROM incidents ORDER BY source, source_ref")):
            digest.update(repr(tuple(row)).encode())
            count += 1
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        indexes = connection.execute(text("SELECT COUNT(*) FROM sqlite_master WHERE tbl_name = 'incidents'"
                                          " AND type = 'index'"))
        digest.update(str(indexes.scalar()).encode())
    return count, digest.hexdigest()


def compare(folder: Path, n_rows: int, clock=time.perf_counter) -> float:
    """Fill both ways, compare the tables, print and return how many times faster ours is."""
    path = folder / f"{n_rows}.csv"
    write_file(path, n_rows)
    ours, theirs = new_database(folder, f"bulk{n_rows}.db"), new_database(folder, f"pandas{n_rows}.db")
    began = time.perf_counter()
    parts, profile, stamp = checked_rows(ours, path)
    read = time.perf_counter() - began
    kept = sum(len(rows) for rows in parts)
    bulk = fill_by_bulk(ours, parts, profile, stamp, kept, clock)
    pandas = fill_by_pandas(theirs, parts, profile, stamp, clock)
    assert content(ours) == content(theirs), "the two tables differ"
    print(f"{kept:>10,} rows   checked in {read:6.1f} s   bulk {bulk:6.1f} s   to_sql {pandas:6.1f} s   "
          f"ratio {pandas / bulk:4.1f}   equal contents: yes")
    return pandas / bulk


def whole(folder: Path, n_rows: int) -> None:
    """Print the whole import from file to commit, and the memory it took; in a process of its own."""
    path = folder / f"whole{n_rows}.csv"
    write_file(path, n_rows)
    engine = new_database(folder, f"whole{n_rows}.db")
    began = time.perf_counter()
    report = import_records(engine, by=SYSTEM, path=path, profile=parse_profile(PROFILE), commit=True)
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.inserted:>10,} rows   file to commit {seconds:6.1f} s   {report.inserted / seconds:,.0f} rows/s   "
          f"peak memory {memory:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--whole", action="store_true", help="the whole import instead of the comparison")
    options = parser.parse_args()
    os.environ.setdefault("GOVDESK_NOW", "2026-11-22T02:00:00+00:00")
    if not options.whole:
        print(describe_machine())
    for n_rows in options.rows or [60_000, 2_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            if options.whole:
                whole(Path(folder), n_rows)
                continue
            compare(Path(folder), n_rows)
        subprocess.run([sys.executable, __file__, "--whole", "--rows", str(n_rows)], check=True)


if __name__ == "__main__":
    main()
