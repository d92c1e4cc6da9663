"""What lies next door and was dispatched to a township's government: it handles it, and its figures stay its area's."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.clock import week_of
from govdesk.queries.counts import count_by_place, count_open_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.inbox_rows import describe_rows
from govdesk.queries.inboxes import BoardFilter, Inbox, count_inboxes, list_inbox
from govdesk.queries.incidents import get_incident, list_incidents, list_steps
from govdesk.queries.photos import may_see_photos
from govdesk.queries.searching import search
from govdesk.rules.access import Scope
from govdesk.rules.clock_bands import Cuts
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, Incident, Unit
from govdesk.terms import Role, StepKind
from tests.support.tiny_county import COUNTY, NOW, UNTIL

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
TOWN = Scope(account="town", role=Role.TOWNSHIP, area_code=f"{COUNTY}002", unit_code="U-TOWN")
NEXT_DOOR = f"{COUNTY}003001"
CUTS = Cuts(NOW, NOW, NOW)
YEAR = IncidentFilter(week_of(UNTIL) - 160, week_of(UNTIL) + 1)


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit), [{"code": "U-TOWN", "name": "第2镇政府", "kind": "township", "content_hash": "0",
                                           "place_code": TOWN.area_code}])
        connection.execute(insert(Account), [{"code": "town", "title": "第2镇", "role": "township", "is_active": True,
                                              "unit_code": "U-TOWN", "area_code": TOWN.area_code}])
    return tiny_engine


@pytest.fixture
def sent(engine):
    """An open incident next door, dispatched to the township's government."""
    with write_transaction(engine) as connection:
        number = connection.scalar(select(Incident.id).where(
            Incident.place_code.startswith(NEXT_DOOR), Incident.week_closed.is_(None), Incident.is_counted == 1,
            Incident.weight == 1, Incident.concerns_unit.is_(None)).order_by(Incident.id))
    step(engine, CENTRE, number, StepKind.DISPATCH, unit_code="U-TOWN")
    return number


def step(engine, by, number, kind, **more):
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(kind, **more), form_key=f"{kind}-{number:06d}")


def sights(engine, number, scope=TOWN):
    """Return by which ways an incident is seen."""
    with read_transaction(engine) as connection:
        ref = connection.scalar(select(Incident.source_ref).where(Incident.id == number))
        counts = count_inboxes(connection, scope, BoardFilter(), CUTS).counts
        listed = [number in list_inbox(connection, scope, BoardFilter(), CUTS, inbox, limit=1000).ids
                  for inbox in (Inbox.ACCEPT, Inbox.IN_HAND)]
        return {
            "inbox": any(listed), "counted": counts[Inbox.ACCEPT] + counts[Inbox.IN_HAND],
            "row": bool(describe_rows(connection, scope, (number,))), "page": get_incident(
                connection, scope, number) is not None,
            "steps": len(list_steps(connection, scope, number)) > 0, "photos": may_see_photos(connection, scope, number),
            "found": any(row[1] == str(number) for row in search(connection, scope, ref, UNTIL).itertuples(index=False))}


def test_who_handles_it_sees_and_handles_it(engine, sent):
    with read_transaction(engine) as connection:
        inside = count_inboxes(connection, replace(TOWN, unit_code=None), BoardFilter(), CUTS).counts[Inbox.IN_HAND]
    seen = sights(engine, sent)
    assert all(seen.values()), seen
    assert seen["counted"] == 1 + inside
    assert step(engine, TOWN, sent, StepKind.ACCEPT).status == "accepted"
    assert step(engine, TOWN, sent, StepKind.ANSWER, note="已处理").status == "answered"


def test_figures_of_places_stay_those_of_the_area(engine, sent):
    with read_transaction(engine) as connection:
        for level in ("township", "village"):
            assert all(code.startswith(TOWN.area_code) for code in
                       count_by_place(connection, TOWN, YEAR, level)["place_code"])
            assert all(code.startswith(TOWN.area_code) for code in
                       count_open_by_place(connection, TOWN, YEAR, level, NOW)["place_code"])
        assert sent not in set(list_incidents(connection, TOWN, YEAR, as_of=NOW, limit=5000)["id"])


@pytest.mark.parametrize("change", [{"handling_unit": "U-LAND"}, {"concerns_unit": "U-TOWN"}])
def test_what_is_in_other_hands_or_about_the_unit_itself_is_not_seen(engine, sent, change):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == sent).values(**change))
    seen = sights(engine, sent)
    assert not any(seen[name] for name in ("inbox", "row", "page", "steps", "photos", "found"))
    with pytest.raises(StepRefusedError) as error:
        step(engine, TOWN, sent, StepKind.ACCEPT)
    assert [one.key for one in error.value.problems] == ["not_found"]
