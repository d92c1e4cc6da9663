"""The files of the invented county: same bytes, append-only, nothing from the future, places that nest."""

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from govdesk.settings import ROOT
from govdesk.synthetic.files import make_sample
from tests.support import sample_county

FROZEN = json.loads((Path(__file__).parent / "frozen.json").read_text(encoding="utf-8"))
SHORT, NEXT = date(2020, 3, 2), date(2020, 3, 3)
#: The day before the merger of two villages and the day after it: the county changes under the records.
BEFORE_MERGER = date(2023, 7, 3)


def test_short_county_is_frozen_and_the_same_in_another_process(tmp_path):
    """A change of these hashes is another county: the truth that was judged on would no longer be the same."""
    code = ("import sys; from datetime import date; from pathlib import Path; from govdesk.synthetic.files import "
            f"make_sample; make_sample(Path(sys.argv[1]), until=date.fromisoformat('{SHORT}'), seed=1)")
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "s")], cwd=ROOT, check=True,
                   env={**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/Chicago"})
    assert sample_county.digests(tmp_path / "s") == FROZEN[SHORT.isoformat()]
    assert sample_county.digests(sample_county.make(SHORT)) == FROZEN[SHORT.isoformat()]


def test_long_county_is_frozen():
    assert sample_county.digests(sample_county.make()) == FROZEN[sample_county.UNTIL.isoformat()]


def test_another_seed_is_another_county():
    from govdesk.synthetic.villages import N_VILLAGES

    one, other = sample_county.county(1), sample_county.county(2)
    assert list(one.villages["name"]) != list(other.villages["name"])
    assert len(other.villages) == N_VILLAGES + 1


@pytest.mark.parametrize("name", sample_county.EVENT_FILES)
@pytest.mark.parametrize(("earlier", "later"), [(SHORT, NEXT), (NEXT, BEFORE_MERGER), (BEFORE_MERGER, sample_county.UNTIL)])
def test_later_day_only_appends(name, earlier, later):
    old = (sample_county.make(earlier) / f"{name}.csv").read_bytes()
    new = (sample_county.make(later) / f"{name}.csv").read_bytes()
    assert old.endswith(b"\n")
    assert new[: len(old)] == old


def test_next_day_has_more():
    old, new = (sample_county.read("incidents", day) for day in (SHORT, NEXT))
    assert 10 < len(new) - len(old) < 120


@pytest.mark.parametrize("name", ["places", "posts"])
@pytest.mark.parametrize(("earlier", "later"), [(SHORT, NEXT), (NEXT, BEFORE_MERGER), (BEFORE_MERGER, sample_county.UNTIL)])
def test_places_and_posts_only_come_or_end(name, earlier, later):
    old, new = ({row["code"]: row for row in csv.DictReader((sample_county.make(day) / f"{name}.csv").open(encoding="utf-8"))}
                for day in (earlier, later))
    for code, row in old.items():
        changed = {key for key in row if row[key] != new[code][key]}
        assert changed <= {"valid_to"}
        assert not changed or (row["valid_to"] == "" and earlier.isoformat() < new[code]["valid_to"] <= later.isoformat())
    assert all(earlier.isoformat() < new[code]["valid_from"] <= later.isoformat() for code in new.keys() - old.keys())


@pytest.mark.parametrize("until", [SHORT, sample_county.UNTIL])
@pytest.mark.parametrize("name", sample_county.EVENT_FILES)
def test_nothing_is_recorded_on_or_after_the_day(name, until):
    rows = sample_county.read(name, until)
    assert (rows["recorded_at"] < pd.Timestamp(until)).all()
    assert rows["recorded_at"].is_monotonic_increasing
    assert rows["source_ref"].is_unique
    for column in ("occurred_on", "reported_at", "occurred_at"):
        if column in rows:
            assert (rows[column] <= rows["recorded_at"]).all(), column


@pytest.mark.parametrize("name", ["steps", "mediations", "revisits"])
def test_nothing_is_recorded_before_its_incident(name):
    born = sample_county.read("incidents").set_index("source_ref")["recorded_at"]
    rows = sample_county.read(name)
    assert (rows["recorded_at"] >= rows["incident_ref"].map(born)).all()  # NaT, an unknown incident, compares false


def test_repeat_points_to_an_incident_known_earlier():
    incidents = sample_county.read("incidents")
    known = incidents.set_index("source_ref")["recorded_at"]
    repeats = incidents[incidents["repeat_of"].notna()]
    assert (repeats["repeat_of"].map(known) <= repeats["recorded_at"]).all()
    assert len(repeats) > 1_000


@pytest.mark.parametrize("until", [SHORT, sample_county.UNTIL])
def test_every_row_lies_in_a_place_of_its_day(until):
    places = sample_county.read("places", until).set_index("code")
    begins, ends = places["valid_from"].fillna("1900-01-01"), places["valid_to"].fillna("2200-01-01")
    for name, column in (("incidents", "occurred_on"), ("works", "started_on"), ("vacancies", "from_on")):
        rows = sample_county.read(name, until)
        codes = rows["place_code"] if "place_code" in rows else rows["post_code"].str[:-2]
        day = rows[column].astype(str).str[:10]
        assert ((codes.map(begins) <= day) & (day < codes.map(ends))).all(), name
    posts = set(sample_county.read("posts", until)["code"])
    assert set(sample_county.read("vacancies", until)["post_code"]) <= posts


def test_codes_cannot_be_real_and_names_are_unique():
    places = sample_county.read("places")
    assert places["code"].str.startswith("99").all()
    assert places["code"].is_unique
    for level in ("county", "township", "village"):
        assert places.loc[places["level"] == level, "name"].is_unique
    for name in ("incidents", "works", "nil_returns"):
        assert sample_county.read(name)["place_code"].str.startswith("99").all()
    assert sample_county.read("units")["code"].str.startswith("99").all()


def test_county_has_the_agreed_size():
    places = sample_county.read("places")
    now = places[places["valid_to"].isna()].groupby("level").size()
    assert (now["county"], now["township"], now["village"]) == (1, 24, 364)
    assert 2_000 <= now["grid"] <= 2_400
    assert set(places.loc[places["level"] == "village", "kind"]) == {"urban", "plain", "mountain"}
    changes = sample_county.read("place_changes")
    assert set(changes["kind"]) >= {"split", "merge", "move"}


def test_no_column_is_about_a_person():
    forbidden = ("person", "phone", "mobile", "tel", "id_card", "identity", "gender", "age", "birth", "holder")
    for path in sample_county.make().glob("*.csv"):
        header = path.open(encoding="utf-8").readline().strip().split(",")
        assert not [column for column in header if column in forbidden], path.name
        assert "name" not in header or path.name in ("places.csv", "units.csv", "works.csv")


def test_places_tile_their_parents():
    places = sample_county.read("places")
    now = places[places["valid_to"].isna()]
    shapes = {item["properties"]["code"]: shapely.geometry.shape(item["geometry"])
              for item in json.loads((sample_county.make() / "places.geojson").read_text(encoding="utf-8"))["features"]}
    assert set(now["code"]) <= shapes.keys()
    for level in ("township", "village", "grid"):
        for parent, rows in now[now["level"] == level].groupby("parent_code"):
            parts = np.array([shapes[code] for code in rows["code"]])
            assert shapely.is_valid(parts).all()
            union = shapely.union_all(parts)
            assert shapely.area(parts).sum() == pytest.approx(union.area, rel=1e-6)  # no overlap
            assert shapely.symmetric_difference(union, shapes[parent]).area <= 1e-6 * union.area


def test_population_of_children_is_their_parents():
    places = sample_county.read("places")
    now = places[places["valid_to"].isna()]
    sums = now.groupby("parent_code")[["population", "households"]].sum()
    parents = now.set_index("code").loc[sums.index, ["population", "households"]]
    assert (sums == parents).all(axis=None)


def test_county_that_has_hardly_begun_is_refused(tmp_path):
    with pytest.raises(ValueError, match="2019-11-25"):
        make_sample(tmp_path / "s", until=date(2019, 12, 1), seed=1)
    assert list(tmp_path.iterdir()) == []
