"""The search box finds a number, a name, initials and a code, and nothing it was not asked for."""

import pytest
from sqlalchemy import text, update

from govdesk.queries.places import search
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Place
from tests.support.tiny_county import COUNTY, UNTIL


@pytest.fixture
def connection(tiny_engine):
    with write_transaction(tiny_engine) as writing:
        writing.execute(update(Place).where(Place.code == f"{COUNTY}002003").values(name="石桥_100%村", initials="SQC"))
        writing.execute(update(Incident).where(Incident.id == 5).values(source_ref="A%B_5"))
        writing.execute(update(Incident).where(Incident.id == 6).values(is_counted=0))
    with read_transaction(tiny_engine) as reading:
        yield reading


def find(connection, wanted, **more):
    found = search(connection, SYSTEM, wanted, UNTIL, **more)
    return list(zip(found["kind"], found["name"], strict=True))


def test_number_exact_and_beginning(connection):
    assert find(connection, "T0000042") == [("incident", "T0000042")]
    assert [name for _, name in find(connection, "T000004")] == [f"T000004{d}" for d in range(10)]
    found = search(connection, SYSTEM, "T0000042", UNTIL).iloc[0]
    assert found["code"] == "42"
    assert found["parent_name"]


def test_part_of_a_name_initials_and_code(connection):
    assert find(connection, "石桥") == find(connection, "sqc") == find(connection, "SQ") == [("place", "石桥_100%村")]
    assert find(connection, f"{COUNTY}002003")[0] == ("place", "石桥_100%村")
    assert search(connection, SYSTEM, "石桥", UNTIL)["parent_name"].tolist() == ["第2镇"]


def test_exact_name_comes_first(connection):
    assert find(connection, "第1镇")[0] == ("place", "第1镇")


def test_wildcards_are_letters(connection):
    assert find(connection, "%") == [("place", "石桥_100%村")]
    assert find(connection, "_") == [("place", "石桥_100%村")]
    assert find(connection, "A%") == [("incident", "A%B_5")]
    assert find(connection, "A_") == []


@pytest.mark.parametrize("wanted", ["", "   ", "\x00", "' OR 1=1 --", "<img onerror>", "z" * 5000, "\u202e"])
def test_nothing_for_nothing(connection, wanted):
    assert find(connection, wanted) == []


def test_limit_keeps_the_number_beside_many_places(connection):
    found = find(connection, "第1镇", limit=3)
    assert len(found) == 3
    assert find(connection, "T0", limit=0) == []


def test_merged_or_withdrawn_is_not_found(connection):
    assert find(connection, "T0000006") == []


def test_number_goes_by_the_index(connection):
    if connection.dialect.name != "sqlite":
        pytest.skip("reads SQLite's plan")
    plan = connection.execute(text(
        "EXPLAIN QUERY PLAN SELECT id FROM incidents WHERE source_ref >= 'T' AND source_ref <= 'Tz' AND is_counted != 0")).all()
    assert "sqlite_autoindex_incidents" in plan[0][3]
