"""Pins: one row a change, the last holds, who and when is kept; on both engines."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from govdesk import clock
from govdesk.actions.wall_pin import LONGEST, pin_scene, unpin_scene
from govdesk.queries.wall_pins import list_pins, read_pin
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, WallPin
from govdesk.terms import Role
from tests.support import tiny_county

CENTRE = Scope("local_centre", Role.CENTRE)
NOW = tiny_county.NOW


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def pinned(engine, at=NOW):
    with read_transaction(engine) as connection:
        found = read_pin(connection, CENTRE, at)
    return found and found.scene


def test_last_change_holds_and_every_change_is_kept(county):
    assert pinned(county) is None
    pin_scene(county, by=CENTRE, scene="open")
    pin_scene(county, by=CENTRE, scene="trends")
    assert pinned(county) == "trends"
    unpin_scene(county, by=CENTRE)
    assert pinned(county) is None
    with read_transaction(county) as connection:
        assert [(one.scene, one.by, one.at) for one in list_pins(connection, CENTRE)] == [
            (scene, "local_centre", NOW) for scene in (None, "trends", "open")]
        audited = connection.execute(select(AuditEvent.action, AuditEvent.subject_key).order_by(AuditEvent.id)).all()
    assert [tuple(row) for row in audited] == [("pin_wall", "open"), ("pin_wall", "trends"), ("pin_wall", None)]


def test_pin_with_a_time_ends_by_itself(county):
    until = pin_scene(county, by=CENTRE, scene="open", minutes=30)
    assert until == NOW + timedelta(minutes=30)
    assert pinned(county, until - timedelta(seconds=1)) == "open"
    assert pinned(county, until) is None


def test_pin_that_ended_does_not_bring_back_the_one_before(county):
    pin_scene(county, by=CENTRE, scene="open")
    pin_scene(county, by=CENTRE, scene="trends", minutes=1)
    assert pinned(county, NOW + timedelta(minutes=2)) is None


def test_no_kept_answer_depends_on_a_pin(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        before = read_versions(connection)
    pin_scene(tiny_engine, by=CENTRE, scene="open")
    with read_transaction(tiny_engine) as connection:
        assert read_versions(connection) == before


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CENTRE, Role.ADMIN)])
def test_others_may_not_pin(tiny_engine, role):
    for act in (lambda by: pin_scene(tiny_engine, by=by, scene="open"), lambda by: unpin_scene(tiny_engine, by=by)):
        with pytest.raises(RefusedError):
            act(Scope("x", role))
    with read_transaction(tiny_engine) as connection:
        assert connection.execute(select(WallPin.id)).all() == []


@pytest.mark.parametrize(("scene", "minutes"), [
    ("", None), ("Open", None), ("a b", None), ("<img>", None), ("x" * 41, None), ("open", 0), ("open", LONGEST + 1),
])
def test_what_cannot_be_a_pin_is_refused(tiny_engine, scene, minutes):
    with pytest.raises(ValueError, match=r".*"):
        pin_scene(tiny_engine, by=CENTRE, scene=scene, minutes=minutes)
    assert pinned(tiny_engine) is None


@settings(deadline=None, max_examples=30)
@given(st.lists(st.one_of(st.none(), st.tuples(st.sampled_from(["open", "trends"]), st.integers(1, 60))), max_size=6))
def test_wall_shows_the_last_change_whatever_came_before(changes):
    """Against a plain account of what each change means, at minutes that pass between them."""
    engine = _fresh()
    held = None
    for change in changes:
        if change is None:
            unpin_scene(engine, by=CENTRE)
            held = None
        else:
            scene, minutes = change
            pin_scene(engine, by=CENTRE, scene=scene, minutes=minutes)
            held = (scene, clock.now() + timedelta(minutes=minutes))
        for passed in (0, 20, 61):
            at = clock.now() + timedelta(minutes=passed)
            assert pinned(engine, at) == (held[0] if held and at < held[1] else None)


def _fresh():
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    from govdesk.tables import Base

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    return engine
