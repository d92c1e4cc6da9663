"""The mediation record: opened once, carried on by who handles it, its corrections kept, its promises followed up."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.mediations import MediationRefusedError, add_session, open_mediation, record_course
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.mediation_quality import sum_mediations
from govdesk.queries.mediation_records import list_mediators, read_mediation_records
from govdesk.queries.performance_due import read_performance_due
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent, Incident, Mediation, MediationSession, Post, Unit
from govdesk.tables.places import FIRST_WEEK, OPEN_WEEK
from govdesk.terms import Role, StepKind
from tests.support.only_reported import add_accounts, make_fresh
from tests.support.tiny_county import NOW, UNTIL

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")
WATER = Scope(account="water", role=Role.DEPARTMENT, unit_code="U-WATER")
TOWN = Scope(account="town", role=Role.TOWNSHIP, area_code="990101001")
LEADER = Scope(account="leader", role=Role.LEADER)
OPENED = {"channel": "people", "method": "sitting", "level": "village", "started_on": UNTIL - timedelta(days=20)}


@pytest.fixture
def engine(tiny_engine):
    add_accounts(tiny_engine, LAND, WATER, TOWN)
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit).values(code="U-WATER", name="水利局", kind="department", content_hash="0"))
        connection.execute(insert(Post), [
            {"code": code, "title": title, "unit_code": unit, "place_code": place, "content_hash": "0", "valid_to": end}
            for code, title, unit, place, end in (
                ("P1", "调解委员", "U-CENTRE", None, None), ("P2", "土地调解员", "U-LAND", None, None),
                ("P3", "一镇人民调解员", None, "990101001", None), ("P4", "三镇人民调解员", None, "990101003", None),
                ("P5", "已撤岗位", None, None, UNTIL - timedelta(days=300)))])
    return tiny_engine


@pytest.fixture
def incident(engine):
    """An open dispute of the first township with the land bureau."""
    return make_fresh(engine, inside="990101001", stream="dispute", category="land_forest", handling_unit="U-LAND",
                      reported_at=NOW - timedelta(days=30))


def begin(engine, number, key="form-0001", by=CENTRE, **more):
    return open_mediation(engine, by=by, incident_id=number, form_key=key, **{**OPENED, **more}).mediation_id


def sit(engine, number, key="form-0002", by=CENTRE, **more):
    values = {"held_on": UNTIL - timedelta(days=3), "method": "joint", "mediators": ["P1"], "note": ""} | more
    return add_session(engine, by=by, mediation_id=number, form_key=key, **values)


def read(engine, number, by=CENTRE):
    with read_transaction(engine) as connection:
        return read_mediation_records(connection, by, number)


def keep(engine, number, incident, by=CENTRE, mark=None, **values):
    mark = mark or next(one.mark for one in read(engine, incident) if one.id == number)
    return record_course(engine, by=by, mediation_id=number, values=values, mark=mark)


def keys(error):
    return [(one.key, one.field) for one in error.value.problems]


def test_from_opening_to_confirmation(engine, incident):
    number = begin(engine, incident)
    assert open_mediation(engine, by=CENTRE, incident_id=incident, form_key="form-0001", **OPENED).is_repeated
    assert sit(engine, number, mediators=["P1", "P3", "P1"], note="电话13812345678，愿各让一步").is_masked
    assert sit(engine, number, mediators=["P1"]).is_repeated
    sit(engine, number, "form-0003", by=TOWN)
    keep(engine, number, incident, is_settled=True, ended_on=UNTIL - timedelta(days=2), agreed_on=UNTIL - timedelta(days=2),
         performance_due_on=UNTIL + timedelta(days=10))
    keep(engine, number, incident, by=LAND, performed_on=UNTIL - timedelta(days=1), confirmed_on=UNTIL)
    record, = read(engine, incident)
    assert (record.n_sessions, record.by_post, record.confirmed_on) == (2, "local_centre", UNTIL)
    assert [one.mediators for one in record.sittings] == [("调解委员", "一镇人民调解员"), ("调解委员",)]
    assert "13812345678" not in record.sittings[0].note
    with read_transaction(engine) as connection:
        mediated = sum_mediations(connection, CENTRE, IncidentFilter(FIRST_WEEK, OPEN_WEEK), NOW)
        assert connection.scalar(select(func.count()).select_from(MediationSession)) == 2
    assert mediated[["n", "n_settled", "n_agreed", "n_confirmed"]].to_numpy().tolist() == [[1, 1, 1, 1]]


def test_a_correction_keeps_what_stood_there_before(engine, incident):
    number = begin(engine, incident)
    keep(engine, number, incident, level="township")
    with read_transaction(engine) as connection:
        detail = connection.scalar(select(AuditEvent.detail).where(AuditEvent.subject == "mediations").order_by(
            AuditEvent.id.desc()).limit(1))
    assert json.loads(detail)["changed"] == {"level": ["village", "township"]}
    assert keep(engine, number, incident, level="township").is_repeated


def test_who_saw_an_older_record_is_told(engine, incident):
    number = begin(engine, incident)
    seen = read(engine, incident)[0].mark
    keep(engine, number, incident, level="township")
    with pytest.raises(MediationRefusedError) as error:
        keep(engine, number, incident, mark=seen, level="county")
    assert keys(error) == [("moved_on", "mediation")]
    assert read(engine, incident)[0].level == "township"


@pytest.mark.parametrize(("values", "expected"), [
    ({"channel": None}, [("missing", "channel")]), ({"method": "shouting"}, [("unknown", "method")]),
    ({"started_on": UNTIL + timedelta(days=1)}, [("future", "started_on")])])
def test_refused_openings_write_nothing(engine, incident, values, expected):
    with pytest.raises(MediationRefusedError) as error:
        begin(engine, incident, **values)
    assert keys(error) == expected
    assert read(engine, incident) == ()


@pytest.mark.parametrize(("values", "expected"), [
    ({"is_settled": True}, [("open_ended", "is_settled")]),
    ({"ended_on": UNTIL}, [("settled_open", "is_settled")]),
    ({"agreed_on": UNTIL}, [("not_agreed", "agreed_on")]),
    ({"performed_on": UNTIL}, [("no_agreement", "performed_on")]),
    ({"is_settled": True, "ended_on": UNTIL, "agreed_on": UNTIL, "performed_on": UNTIL - timedelta(days=1)},
     [("order", "performed_on")]),
    ({"is_settled": True, "ended_on": UNTIL, "agreed_on": UNTIL, "confirmed_on": UNTIL + timedelta(days=1)},
     [("future", "confirmed_on")])])
def test_a_course_that_cannot_be_is_refused(engine, incident, values, expected):
    number = begin(engine, incident)
    with pytest.raises(MediationRefusedError) as error:
        keep(engine, number, incident, **values)
    assert keys(error) == expected


@pytest.mark.parametrize(("values", "expected"), [
    ({"mediators": []}, [("missing", "mediators")]), ({"mediators": ["P4"]}, [("unknown", "mediators")]),
    ({"mediators": ["P5"]}, [("unknown", "mediators")]), ({"mediators": ["nobody"]}, [("unknown", "mediators")]),
    ({"held_on": UNTIL + timedelta(days=1)}, [("day", "held_on")]), ({"note": "长" * 201}, [("too_long", "note")])])
def test_refused_sittings(engine, incident, values, expected):
    number = begin(engine, incident)
    with pytest.raises(MediationRefusedError) as error:
        sit(engine, number, **values)
    assert keys(error) == expected


def test_only_who_handles_it_writes_and_whom_it_concerns_neither_reads_nor_mediates(engine, incident):
    number = begin(engine, incident)
    for by, expected in ((WATER, "not_yours"), (Scope("t2", Role.TOWNSHIP, area_code="990101002"), "not_found")):
        with pytest.raises(MediationRefusedError) as error:
            begin(engine, incident, "form-0009", by=by)
        assert keys(error) == [(expected, "incident")]
    with pytest.raises(RefusedError):
        begin(engine, incident, "form-0009", by=LEADER)
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(concerns_unit="U-LAND"))
    assert read(engine, incident, LAND) == ()
    with read_transaction(engine) as connection:
        codes = {code for code, *_ in list_mediators(connection, CENTRE, incident, UNTIL)}
        assert list_mediators(connection, LAND, incident, UNTIL) == []
    assert codes == {"P1", "P3"}
    with pytest.raises(MediationRefusedError) as error:
        sit(engine, number, by=LAND)
    assert keys(error) == [("not_found", "incident")]


def test_an_office_of_whom_it_concerns_does_not_mediate(engine, incident):
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit).values(
            code="U-LAND-1", name="自然资源所", kind="department", parent_code="U-LAND", content_hash="0"))
        connection.execute(insert(Post).values(code="P6", title="所里调解员", unit_code="U-LAND-1", content_hash="0"))
    number = begin(engine, incident)
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(concerns_unit="U-LAND"))
    with read_transaction(engine) as connection:
        assert {code for code, *_ in list_mediators(connection, CENTRE, incident, UNTIL)} == {"P1", "P3"}
    with pytest.raises(MediationRefusedError) as error:
        sit(engine, number, mediators=["P6"])
    assert keys(error) == [("unknown", "mediators")]


def test_to_close_as_confirmed_needs_the_day_of_the_court(engine, incident):
    def close(key):
        return take_step(engine, by=CENTRE, incident_id=incident, form_key=key, wanted=Wanted(
            StepKind.CLOSE, outcome="confirmed", level="village"))
    number = begin(engine, incident)
    with pytest.raises(StepRefusedError) as error:
        close("form-0005")
    assert keys(error) == [("no_confirmation", "outcome")]
    keep(engine, number, incident, is_settled=True, ended_on=UNTIL, agreed_on=UNTIL, confirmed_on=UNTIL)
    assert close("form-0006").status == "closed"


def test_agreements_past_their_day_are_counted_kept_late_or_open(engine, incident):
    with write_transaction(engine) as connection:
        ids = connection.scalars(select(Incident.id).where(Incident.id != incident).order_by(Incident.id).limit(6)).all()
        base = {"source": "t", "content_hash": "0", "recorded_at": NOW, "channel": "people", "method": "sitting",
                "level": "village", "started_on": UNTIL - timedelta(days=60), "is_settled": True,
                "agreed_on": UNTIL - timedelta(days=50)}
        for n, (due, done) in enumerate(((10, 12), (10, 5), (10, None), (400, None), (0, None), (5, None))):
            connection.execute(insert(Mediation).values(
                **base, source_ref=f"m{n}", incident_id=ids[n], performance_due_on=UNTIL - timedelta(days=due),
                performed_on=None if done is None else UNTIL - timedelta(days=done)))
        connection.execute(update(Incident).where(Incident.id == ids[5]).values(is_counted=0))
    take_step(engine, by=CENTRE, incident_id=incident, form_key="form-0007", wanted=Wanted(
        StepKind.CLOSE, outcome="agreement", level="village", promised_on=UNTIL + timedelta(days=3)))
    with read_transaction(engine) as connection:
        now = read_performance_due(connection, CENTRE, UNTIL)
        later = read_performance_due(connection, CENTRE, UNTIL + timedelta(days=4))
        elsewhere = read_performance_due(connection, Scope("t", Role.TOWNSHIP, area_code="990101999"), UNTIL)
    assert (now.n_due, now.n_kept, now.n_kept_late, now.n_open) == (3, 1, 1, 1)
    assert list(now.rows["id"]) == [ids[2]]
    assert (later.n_due, later.n_open) == (5, 3)
    assert list(later.rows["id"]) == [ids[2], ids[4], incident]
    assert elsewhere.n_due == 0
