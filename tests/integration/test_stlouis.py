"""A slice of real records under the delivered profile: what is kept, what is named."""

from collections import Counter

import pandas as pd
import pytest
from sqlalchemy import func, select

from govdesk import settings
from govdesk.actions.importing import import_records
from govdesk.actions.places import PlaceOptions, import_places
from govdesk.clock import week_of
from govdesk.ingest.profiles import read_profile
from govdesk.rules.access import SYSTEM
from govdesk.settings import ROOT
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Incident
from govdesk.terms import DataKind

FOLDER = ROOT / "data" / "sample" / "stlouis"


@pytest.fixture
def city(monkeypatch):
    monkeypatch.setenv("GOVDESK_ZONE", "America/Chicago")
    settings.get_settings.cache_clear()
    engine = get_engine()
    create_database(engine, Properties(kind=DataKind.REAL, zone="America/Chicago", title_en="St. Louis"))
    report = import_places(engine, by=SYSTEM, csv_path=FOLDER / "places.csv", geometry_path=FOLDER / "areas.geojson",
                           options=PlaceOptions(), commit=True)
    assert (report.inserted, report.rejected) == (89, 0)
    return engine


def test_slice_of_the_real_records(city, tmp_path):
    rows = pd.read_parquet(FOLDER / "incidents.parquet")
    assert set(rows["suggested_role"]) == {"complaint", "conflict", "escalation"}
    ancient = rows[rows["occurred"].dt.year < 1990]
    rows = pd.concat([ancient, rows[rows["area_code"] == 0].head(60), rows.iloc[::200]]).drop_duplicates("event_id")
    rows.to_parquet(tmp_path / "slice.parquet")
    report = import_records(city, by=SYSTEM, path=tmp_path / "slice.parquet",
                            profile=read_profile(ROOT / "data" / "profiles" / "stlouis.toml"), commit=True)
    assert report.read == len(rows) == report.inserted + report.rejected
    reasons = Counter(item.code for item in report.errors)
    assert set(reasons) <= {"date_too_old", "place_missing", "place_not_at_point"}
    assert reasons["place_missing"] > 0
    assert reasons["date_too_old"] == len(ancient)
    with read_transaction(city) as connection:
        found = connection.execute(select(Incident.__table__)).all()
        total = connection.scalar(select(func.sum(Incident.weight)))
    kept = rows[rows["event_id"].astype(str).isin([row.source_ref for row in found])]
    assert total == kept["count"].sum()
    assert {row.stream for row in found} == {"petition", "dispute", "public_order"}
    booked = kept.set_index(kept["event_id"].astype(str))["coded_month"]
    for row in found[:50]:
        known = pd.Timestamp(booked[row.source_ref]) + pd.offsets.MonthBegin(1)
        assert row.week_known == week_of(known.date())
        assert not row.is_recorded_assumed
    unknown = set(rows[rows["area_code"] == 0]["event_id"].astype(str))
    by_point = [row for row in found if row.source_ref in unknown]
    assert all(row.place_code.startswith("STL-") for row in by_point)
