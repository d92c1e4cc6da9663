"""PostgreSQL and SQLite give the same numbers of case quality, old cases and reporting, to every caller."""

import random
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import insert

from govdesk.clock import week_of
from govdesk.queries import (
    closing_months,
    incidents,
    mediation_quality,
    old_cases,
    petition_quality,
    quality_recorded,
    quality_returns,
    quality_sums,
    quality_times,
    reporting_completeness,
)
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quality_cohort import BYS
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import NilReturn
from govdesk.terms import Role
from tests.support import quality_county
from tests.support.tiny_county import COUNTY, NOW, STREAMS, UNTIL

pytestmark = pytest.mark.postgres
LAST = week_of(UNTIL)
SCOPES = (SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), Scope("u", Role.DEPARTMENT, None, "U-LAND"))
NIL = {"source": "q", "source_ref": "n1", "content_hash": "0", "recorded_at": NOW, "place_code": f"{COUNTY}001002",
       "period_from": date(2026, 9, 1), "period_to": date(2026, 10, 1)}


@pytest.fixture(scope="module")
def engines(tmp_path_factory, module_postgres_engine):
    found = (get_engine(f"sqlite:///{tmp_path_factory.mktemp('quality') / 'county.db'}"), module_postgres_engine)
    for engine in found:
        quality_county.build(engine, 260)
        with write_transaction(engine) as connection:
            connection.execute(insert(NilReturn), [NIL])
    return found


def list_filters():
    """Return a year of everything, and slices by each filter."""
    dice = random.Random(11)
    wide = IncidentFilter(LAST - 51, LAST + 1)
    yield wide
    for keys in ({"streams": ("petition",)}, {"categories": tuple(STREAMS["dispute"][:2])}, {"channels": ("hotline",)},
                 {"units": ("U-LAND", "U-TOWN")}, {"place_code": f"{COUNTY}001"}, {"place_code": f"{COUNTY}001001-01"}):
        begin = LAST - dice.randint(5, 60)
        yield IncidentFilter(begin, LAST + 1, **keys)
    yield IncidentFilter(0, 10)


def answers(engine, scope, f):
    """Return every query's answer by name."""
    found = {}
    with read_transaction(engine) as c:
        for by in (None, *BYS):
            for query in (quality_sums.sum_quality, quality_sums.sum_quality_by_days, quality_returns.sum_reopenings,
                          quality_returns.sum_revisits, petition_quality.sum_petitions):
                found[query.__name__, by] = query(c, scope, f, NOW, by)
            for until in ("answered", "closed"):
                found["times", until, by] = quality_times.count_times(c, scope, f, NOW, until, by)
        for query in (quality_times.count_open_days, quality_returns.sum_recurrences, mediation_quality.sum_mediations,
                      closing_months.count_closings_by_month, old_cases.list_old_cases, incidents.list_oldest_open):
            found[query.__name__] = query(c, scope, f, NOW)
        found["course", 0], found["course", 1] = quality_sums.read_course(c, scope, f, NOW)
        found["n_old"] = pd.DataFrame({"n": [old_cases.count_old_cases(c, scope, f, NOW)]})
        found["completeness"] = reporting_completeness.read_completeness(
            c, scope, f.place_code, LAST - 12, LAST + 1, NOW)
        recorded = quality_recorded.read_quality_recorded(c, scope)
        found["recorded"] = pd.DataFrame([{name: getattr(recorded, name) for name in recorded.__slots__}])
    return found


@pytest.mark.parametrize("scope", SCOPES, ids=["all", "township", "department"])
def test_both_engines_give_the_same(engines, scope):
    n_rows = 0
    for f in list_filters():
        ours, theirs = (answers(engine, scope, f) for engine in engines)
        assert ours.keys() == theirs.keys()
        for name, frame in ours.items():
            pd.testing.assert_frame_equal(frame, theirs[name], obj=f"{name} of {f}")
            n_rows += len(frame)
    assert n_rows > 500
