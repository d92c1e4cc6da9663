"""Cells of 0.005° made by the product's import hold the very records that whole-number arithmetic gives them."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from benchmarks import escalation
from benchmarks.support.stlouis_import import SAMPLE, cell_code, write_cells
from govdesk import settings
from govdesk.actions.importing import import_records
from govdesk.actions.places import PlaceOptions, import_places
from govdesk.ingest.profiles import read_profile
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Incident
from govdesk.terms import DataKind


@pytest.fixture
def engine(monkeypatch, tmp_path):
    monkeypatch.setenv("GOVDESK_ZONE", "America/Chicago")
    settings.get_settings.cache_clear()
    engine = get_engine()
    create_database(engine, Properties(kind=DataKind.REAL, zone="America/Chicago", title_en="St. Louis"))
    return engine


def test_every_record_lies_in_the_cell_to_its_upper_right(engine, tmp_path):
    cells = pd.read_csv(escalation.CELL_LIST)
    city = write_cells(tmp_path, cells)
    report = import_places(engine, by=SYSTEM, csv_path=city.places, geometry_path=city.shapes, options=PlaceOptions(), commit=True)
    assert (report.inserted, report.rejected) == (590, 0)
    records = tmp_path / "slice.parquet"
    rows = pd.read_parquet(SAMPLE / "incidents.parquet").iloc[::40]
    rows.to_parquet(records)
    done = import_records(engine, by=SYSTEM, path=records, profile=read_profile(city.profile), commit=True)
    assert done.rejected == (rows["occurred"].dt.year < 1990).sum()

    facts = escalation.read_facts(records).assign(source_ref=rows["event_id"].astype(str).to_numpy())
    known = set(cells["cell"])
    expected = {row.source_ref: cell_code(row.cell) if row.cell in known else "STL" for row in facts.itertuples()}
    with read_transaction(engine) as connection:
        found = dict(connection.execute(select(Incident.source_ref, Incident.place_code)).all())
    assert found == {ref: code for ref, code in expected.items() if ref in found}
    assert len(found) == done.inserted > 3000
    thousandths = np.rint(rows[["lon", "lat"]].dropna() * 1000).astype(int)
    on_edge = (thousandths % 5 == 0).any(axis=1).mean()
    assert on_edge > 0.3  # a third would be elsewhere, were edges not decided as in whole numbers
