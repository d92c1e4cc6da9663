"""The invented county for tests: one long one a run, and cheap shorter ones on the same ground."""

import contextlib
import hashlib
import json
import os
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from govdesk.clock import week_of
from govdesk.synthetic import files
from tests.support.ready import find_folder

SEED, UNTIL = 1, date(2026, 11, 22)
#: Files to which a later day only appends.
EVENT_FILES = ("incidents", "steps", "mediations", "revisits", "works", "nil_returns", "source_changes", "vacancies",
               "capacities")
FIRST_WEEK, LAST_WEEK = week_of(files.START), week_of(UNTIL)  # the last one has only begun

_TEXTS = ("place_code", "code", "parent_code", "repeat_of", "handling_unit", "incident_ref", "source_ref",
          "valid_from", "valid_to")
_INSTANTS = ("reported_at", "recorded_at", "occurred_at", "occurred_on", "from_on", "to_on")
_build_county, _lay_ground = files.build_county, files.lay_ground
_counties, _grounds = {}, {}


def county(seed=SEED):
    """Return the places of a seed, laid out once a run."""
    if seed not in _counties:
        _counties[seed] = _build_county(seed)
    return _counties[seed]


def ground(seed=SEED):
    """Return what the process needs of the places."""
    if seed not in _grounds:
        _grounds[seed] = _lay_ground(county(seed))
    return _grounds[seed]


@cache
def make(until: date = UNTIL, seed: int = SEED) -> Path:
    """Return the folder of a county's files, made by the first worker of the run that asks for it."""
    folder = find_folder("counties") / f"{seed}-{until}"
    if folder.exists():
        return folder
    own = folder.with_name(f"{folder.name}-of-{os.getpid()}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "build_county", county)
        patch.setattr(files, "lay_ground", lambda county: ground(county.seed))
        files.make_sample(own, until=until, seed=seed)
    # The truth first: where the folder is, all of it is. What another worker has laid down meanwhile is the same.
    for suffix in (files.TRUTH_SUFFIX, ""):
        with contextlib.suppress(OSError):
            own.with_name(own.name + suffix).rename(folder.with_name(folder.name + suffix))
    return folder


@cache
def read(name: str, until: date = UNTIL, *, truth: bool = False) -> pd.DataFrame:
    """Return one file as a frame; callers do not change it."""
    folder = make(until)
    path = (folder.with_name(folder.name + files.TRUTH_SUFFIX) if truth else folder) / f"{name}.csv"
    header = pd.read_csv(path, nrows=0).columns
    frame = pd.read_csv(path, dtype={column: str for column in _TEXTS if column in header},
                        parse_dates=[column for column in _INSTANTS if column in header])
    if name == "incidents":
        frame["village"] = frame["place_code"].str[:12]
        frame["township"] = frame["place_code"].str[:9]
        frame["week"] = weeks(frame["occurred_on"])
    return frame


def weeks(days: pd.Series) -> pd.Series:
    """Return the week of each day."""
    known = {day: week_of(day.date()) for day in days.unique()}
    return days.map(known)


@cache
def facts() -> dict:
    """Return what the truth says about offices and the app."""
    folder = make()
    return json.loads((folder.with_name(folder.name + files.TRUTH_SUFFIX) / "facts.json").read_text(encoding="utf-8"))


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of a county, its truth included."""
    truth = folder.with_name(folder.name + files.TRUTH_SUFFIX)
    return {f"{prefix}{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
            for prefix, home in (("", folder), ("truth/", truth)) for path in sorted(home.iterdir())}
