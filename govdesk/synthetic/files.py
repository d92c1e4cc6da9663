"""Writes the invented county as files that the public importers read; the truth goes to a folder of its own."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from govdesk.clock import week_of
from govdesk.synthetic.capacities import capacity_rows
from govdesk.synthetic.ground import Ground, lay_ground
from govdesk.synthetic.handling import Handled, handle
from govdesk.synthetic.place_files import write_place_files
from govdesk.synthetic.places import COUNTY_CODE, County, build_county
from govdesk.synthetic.plants import APP_ON, START, Plants, plant
from govdesk.synthetic.process import Happened, simulate
from govdesk.synthetic.records import (
    incident_rows,
    mediation_rows,
    nil_rows,
    post_rows,
    revisit_rows,
    source_change_rows,
    vacancy_rows,
    works_rows,
    written_until,
)
from govdesk.synthetic.reporting import report

#: Weeks for which works, vacancies and silences are planted, so that a longer county only adds.
PLANTED_WEEKS = 20 * 52

#: Folder beside the files for what is true and never read by the product.
TRUTH_SUFFIX = "-truth"

Told = Callable[[str], None]

DATES = (
    "occurred_on",
    "started_on",
    "ended_on",
    "agreed_on",
    "performance_due_on",
    "performed_on",
    "confirmed_on",
    "revisited_on",
    "period_from",
    "period_to",
    "on",
    "from_on",
    "to_on",
    "valid_from",
    "valid_to",
    "counted_on",
)
INSTANTS = ("reported_at", "recorded_at", "occurred_at", "due_at")


def _silent(stage: str) -> None:
    del stage


def make_sample(folder: Path, *, until: date, seed: int, told: Told = _silent) -> dict[str, int]:
    """Write all files of the invented county as it was known when the day `until` began.

    Parameters
    ----------
    folder : Path
        Where the files go; replaced as a whole, after everything was written beside it.
    until : date
        First day that is not known yet, so that no record lies in the future of the day it is made on.
    seed : int
        Which county. Same seed and date, same bytes.
    told : callable
        Called with the name of each stage.

    Returns
    -------
    dict of str to int
        Rows by file name.

    Raises
    ------
    ValueError
        When `until` is before the county's first full week.
    """
    if (until - START).days < 7:
        message = f"the county's records begin on {START}: --until must be a week later or more"
        raise ValueError(message)
    told("places")
    county = build_county(seed)
    ground = lay_ground(county)
    plants = plant(ground.townships, ground.villages, ground.grids, COUNTY_CODE, seed, PLANTED_WEEKS)
    told("incidents")
    happened = simulate(ground.villages, plants.works, seed, week_of(START), week_of(until) + 1)
    reported = report(happened, ground.villages, ground.grids, plants, seed)
    handled = handle(reported, ground.villages, plants, COUNTY_CODE, seed)
    told("files")
    beside = folder.with_name(folder.name + ".writing")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    counts = write_place_files(county, beside, until)
    counts |= _write_records(ground, plants, handled, beside, seed, until)
    (beside / "title.txt").write_text(f"{county.name}\t{county.name_en}\n", encoding="utf-8")
    _replace(beside, folder)
    _write_truth(folder.with_name(folder.name + TRUTH_SUFFIX), county, plants, happened)
    return counts


def count_sample(*, until: date, seed: int) -> dict[str, int]:
    """Return the rows that `make_sample` would write, by file name, without leaving a file."""
    with TemporaryDirectory() as folder:
        return make_sample(Path(folder) / "sample", until=until, seed=seed)


def _write_records(
    ground: Ground, plants: Plants, handled: Handled, folder: Path, seed: int, until: date
) -> dict[str, int]:
    frames = {
        "incidents.csv": written_until(incident_rows(handled, ground.points), until),
        "steps.csv": written_until(handled.steps, until),
        "mediations.csv": written_until(mediation_rows(handled), until),
        "revisits.csv": written_until(revisit_rows(handled), until),
        "works.csv": written_until(works_rows(plants, ground.villages), until),
        "nil_returns.csv": written_until(nil_rows(handled, ground.villages, plants, seed, until), until),
        "source_changes.csv": written_until(source_change_rows(plants), until),
        "capacities.csv": written_until(capacity_rows(ground.villages, seed, START.year + 1, until), until),
        "vacancies.csv": written_until(vacancy_rows(plants), until),
        "units.csv": plants.units,
        "posts.csv": post_rows(plants, ground.villages, ground.grids, until),
    }
    for name, frame in frames.items():
        _write(frame, folder / name)
    return {name: len(frame) for name, frame in frames.items()}


def _write(frame: pd.DataFrame, path: Path) -> None:
    texts = frame.copy()
    for name in frame.columns:
        if name in DATES:
            texts[name] = pd.to_datetime(frame[name]).dt.strftime("%Y-%m-%d")
        elif name in INSTANTS:
            texts[name] = pd.to_datetime(frame[name]).dt.strftime("%Y-%m-%d %H:%M:%S")
    texts.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _replace(beside: Path, folder: Path) -> None:
    """Put the finished folder in the place of the old one; a crash leaves one of the two."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write_truth(folder: Path, county: County, plants: Plants, happened: Happened) -> None:
    """Write what was planted. No module of the product may read it: `tests/repo` holds that."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = county.villages["code"]
    first = week_of(START)
    silent = plants.silent.assign(place_code=codes.to_numpy()[plants.silent["village"]]).drop(columns="village")
    works = plants.works.assign(place_code=codes.to_numpy()[plants.works["village"]]).drop(columns="village")
    rates = pd.DataFrame(happened.rates.round(6), columns=["dispute", "petition", "hazard", "request", "public_order"])
    rates.insert(0, "place_code", codes)
    week, village = happened.tense.nonzero()
    tense = pd.DataFrame({"week": week + first, "place_code": codes.to_numpy()[village]})
    for name, frame in (("silent", silent), ("works", works), ("rates", rates), ("tense", tense)):
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    facts = {
        "fast_units": plants.fast_units,
        "batch_units": plants.batch_units,
        "app_on": APP_ON.isoformat(),
        "app_townships": plants.app_townships,
        "start": START.isoformat(),
    }
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
