"""St. Louis by the product's own commands: a database of its 88 areas and one of cells of 0.005°, as anybody makes it.

The cells' register and squares are written from the committed list (data/reference/stlouis_cells.csv); everything else
is `manage.py`: init-db, import-places, import-incidents (point in polygon), find-escalations.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from govdesk import settings
from govdesk.actions.backtest_parts import point_panels
from govdesk.queries.risk_panel import read_risk_panel
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine, read_transaction
from models.panel import Panel

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "data" / "sample" / "stlouis"
PROFILES = ROOT / "data" / "profiles"
ROLES = ("escalation", "conflict", "complaint")
#: Side of a cell in thousandths of a degree.
CELL = 5
CITY, ZONE = "STL", "America/Chicago"
#: More than weeks there are.
_ALL_WEEKS = 10_000


@dataclass(frozen=True, slots=True)
class City:
    """What a database of a city is made from."""

    places: Path
    shapes: Path
    profile: Path


AREAS = City(SAMPLE / "places.csv", SAMPLE / "areas.geojson", PROFILES / "stlouis.toml")


def cell_code(name: str) -> str:
    """Code of the cell ``x_y``: codes are letters, digits and hyphens."""
    x, y = name.split("_")
    return f"{CITY}-W{x.removeprefix('-')}-N{y}"


def write_cells(folder: Path, cells: pd.DataFrame) -> City:
    """Write register and squares of cells: ``cell``, ``lon_thousandths``, ``lat_thousandths`` (lower left corner)."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = [cell_code(name) for name in cells["cell"]]
    register = pd.DataFrame({"code": codes, "name": cells["cell"], "level": "village", "parent_code": CITY})
    city = pd.DataFrame([{"code": CITY, "name": "City of St. Louis", "level": "county", "parent_code": ""}])
    pd.concat([city, register]).to_csv(folder / "cells.csv", index=False)
    corners = zip(codes, cells["lon_thousandths"], cells["lat_thousandths"], strict=True)
    features = [{"type": "Feature", "properties": {"code": code},
                 "geometry": {"type": "Polygon", "coordinates": [_square(int(x), int(y))]}} for code, x, y in corners]
    (folder / "cells.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return City(folder / "cells.csv", folder / "cells.geojson", PROFILES / "stlouis_cells.toml")


def _square(x: int, y: int) -> list[list[float]]:
    ring = [(x, y), (x + CELL, y), (x + CELL, y + CELL), (x, y + CELL), (x, y)]
    return [[east / 1000, north / 1000] for east, north in ring]


def manage(folder: Path, *arguments: str) -> str:
    """Run a command on the database of a folder; return what it said.

    Raises
    ------
    RuntimeError
        When it failed; with what it said.
    """
    environment = {**os.environ, "GOVDESK_VAR": str(folder), "GOVDESK_ZONE": ZONE}
    environment.pop("GOVDESK_NOW", None)
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False)
    if done.returncode:
        message = f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def make_database(folder: Path, city: City, records: Path) -> list[str]:
    """Make the database of a city from nothing; return the last line of each command."""
    folder.mkdir(parents=True, exist_ok=True)
    steps: Sequence[tuple[str, ...]] = (
        ("init-db", "--title", "圣路易斯市", "--title-en", "St. Louis", "--commit"),
        ("import-places", str(city.places), "--geometry", str(city.shapes), "--commit"),
        ("import-incidents", str(records), "--profile", str(city.profile), "--commit"),
        ("find-escalations", "--commit"))
    return [(manage(folder, *step).strip().splitlines() or [""])[-1] for step in steps]


def read_panels(folder: Path, as_of: date) -> dict[str, Panel]:
    """Read the panels of escalation, conflict and complaint from a database, as known before a Monday."""
    os.environ["GOVDESK_ZONE"] = ZONE
    settings.get_settings.cache_clear()
    with read_transaction(get_engine(f"sqlite:///{folder / 'govdesk.db'}")) as connection:
        panel = read_risk_panel(connection, SYSTEM, as_of, most_weeks=_ALL_WEEKS)
    if panel is None:
        message = f"{folder} holds no records known before {as_of}"
        raise RuntimeError(message)
    return point_panels(panel)


def run_backtest_command(folder: Path, first: date, last: date, as_of: date) -> pd.DataFrame:
    """Return the predictions of `manage.py backtest` on [first, last), known before `as_of`, at the test dates."""
    path = folder / "predictions.csv"
    manage(folder, "backtest", "--from", str(first), "--to", str(last), "--as-of", str(as_of), "--placebo", "0",
           "--predictions", str(path))
    return pd.read_csv(path, dtype={"place_code": "str"})


@dataclass(frozen=True)
class Imported:
    """What a database gave: the panels read from it, and the predictions of `manage.py backtest`."""

    panels: dict[str, Panel]
    predictions: pd.DataFrame


def import_city(
    work: Path, source: Path, cell_list: Path, first: date, last: date, as_of: date
) -> dict[str, Imported]:
    """Import ``areas`` and ``cells`` into folders of `work`, unless they are there; backtest [first, last), read them.

    Only the three roles of the file are taken, which the repository may hold.
    """
    work.mkdir(parents=True, exist_ok=True)
    records = work / "records.parquet"
    table = pd.read_parquet(source)
    table[table["suggested_role"].isin(ROLES)].to_parquet(records)
    cities = {"areas": AREAS, "cells": write_cells(work / "cell_files", pd.read_csv(cell_list))}
    found = {}
    for name, city in cities.items():
        folder, started = work / name, time.perf_counter()
        if not (folder / "govdesk.db").exists():
            said = make_database(folder, city, records)
            print(f"imported {name} in {time.perf_counter() - started:.0f} s: {said[-2]}")
        started = time.perf_counter()
        predictions = run_backtest_command(folder, first, last, as_of)
        print(f"manage.py backtest on {name}: all labels in {time.perf_counter() - started:.0f} s")
        found[name] = Imported(read_panels(folder, as_of), predictions)
    return found
