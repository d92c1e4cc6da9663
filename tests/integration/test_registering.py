"""One record by hand: checked and masked like an import, written once, with its audit row."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from govdesk.actions.registering import NotRegisteredError, register_record
from govdesk.clock import today, week_of
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, ImportBatch, Incident, Mediation, NilReturn, SourceChange, WorksProject
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
VILLAGE = f"{COUNTY}001001"
KEY = "20261122-abcdefgh"


def _incident(**changed):
    return {"place_code": VILLAGE, "stream": "dispute", "category": "neighbour", "occurred_on": date(2026, 11, 20),
            "channel": "visit", "summary": None, "n_people": 2, "severity": 3, **changed}


def _register(engine, about="incidents", values=None, key=KEY, by=SYSTEM):
    return register_record(engine, by=by, about=about, values=values or _incident(), form_key=key)


def _count(engine, table):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_incident_is_written_like_an_imported_one(tiny_engine):
    result = _register(tiny_engine)
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(Incident.__table__).where(Incident.id == result.row_id)).one()
    assert (row.source, row.source_ref) == ("register", f"R{KEY}")
    assert row.week_occurred == week_of(date(2026, 11, 20))
    assert (row.status, row.is_counted, row.weight, row.place_code) == ("reported", 1, 1, VILLAGE)
    assert row.recorded_at == tiny_county.NOW
    assert not row.is_recorded_assumed


def test_audit_row_and_version_belong_to_the_same_act(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        before = read_versions(connection)["incidents"]
    _register(tiny_engine)
    with read_transaction(tiny_engine) as connection:
        event = connection.execute(select(AuditEvent.__table__).where(
            AuditEvent.action == "register_record", AuditEvent.subject == "incidents")).one()
        assert (event.by, event.subject_key) == ("system", f"R{KEY}")
        assert read_versions(connection)["incidents"] == before + 1


def test_form_sent_twice_is_one_record(tiny_engine):
    first = _register(tiny_engine)
    n = _count(tiny_engine, Incident)
    second = _register(tiny_engine, values=_incident(n_people=9))
    assert second.is_repeated
    assert second.row_id == first.row_id
    assert _count(tiny_engine, Incident) == n
    assert _count(tiny_engine, ImportBatch) == 1


def test_two_clicks_at_once_are_one_record(tiny_engine):
    n = _count(tiny_engine, Incident)
    results = []
    threads = [threading.Thread(target=lambda: results.append(_register(tiny_engine))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert sorted(result.is_repeated for result in results) == [False, True, True, True]
    assert _count(tiny_engine, Incident) == n + 1


def test_numbers_of_persons_are_masked_and_told(tiny_engine):
    result = _register(tiny_engine, values=_incident(summary="来人电话 138-0013-8000，身份证 11010519491231002X"))
    with read_transaction(tiny_engine) as connection:
        summary = connection.scalar(select(Incident.summary).where(Incident.id == result.row_id))
        detail = connection.scalars(select(AuditEvent.detail)).all()
    assert "138" not in summary
    assert "1101051949" not in summary
    assert result.n_masked == 1
    assert not any("13800138000" in text or "11010519491231002X" in text for text in detail)


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "a\x00b\u202e", "邻里争地界"])
def test_hostile_summary_is_kept_as_text_without_controls(tiny_engine, text):
    result = _register(tiny_engine, values=_incident(summary=text))
    with read_transaction(tiny_engine) as connection:
        summary = connection.scalar(select(Incident.summary).where(Incident.id == result.row_id))
    assert "\x00" not in summary
    assert "\u202e" not in summary


def _problems(engine, about="incidents", values=None, by=SYSTEM, key=KEY):
    with pytest.raises(NotRegisteredError) as caught:
        _register(engine, about, values, by=by, key=key)
    return [item.key for item in caught.value.problems] + [item.code for item in caught.value.notes]


def test_category_of_another_stream_is_refused_by_the_importers_own_check(tiny_engine):
    assert _problems(tiny_engine, values=_incident(category="hazard_fire")) == ["category_of_other_stream"]
    assert _count(tiny_engine, ImportBatch) == 0


def test_unknown_code_is_refused_by_the_importers_own_check(tiny_engine):
    assert _problems(tiny_engine, values=_incident(channel="pigeon")) == ["code_unknown"]


def test_day_in_the_future_is_refused(tiny_engine):
    assert _problems(tiny_engine, values=_incident(occurred_on=today() + timedelta(days=1))) == ["future"]


def test_place_outside_the_callers_area_is_refused(tiny_engine):
    other = Scope("t2", Role.TOWNSHIP, area_code=f"{COUNTY}002")
    assert _problems(tiny_engine, by=other) == ["place_outside"]
    assert _problems(tiny_engine, values=_incident(place_code="990101999")) == ["place_outside"]


@pytest.mark.parametrize("role", [Role.LEADER, Role.ANALYST, Role.WALL])
def test_roles_without_permission_are_refused(tiny_engine, role):
    with pytest.raises(RefusedError):
        _register(tiny_engine, by=Scope("x", role))
    assert _count(tiny_engine, AuditEvent) == 0


def test_place_of_its_day_is_taken_and_told(tiny_engine):
    # The grid was split on SPLIT_ON: before that day its successor did not exist.
    result = _register(tiny_engine, values=_incident(
        place_code=f"{VILLAGE}-01a", occurred_on=tiny_county.SPLIT_ON - timedelta(days=3)))
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(Incident.place_code).where(Incident.id == result.row_id)) == f"{VILLAGE}-01"
    assert "place_replaced" in [item.code for item in result.notes]


def test_mediation_hangs_on_its_incident(tiny_engine):
    values = {"incident_number": 7, "channel": "people", "method": "visiting", "level": "village",
              "started_on": date(2026, 11, 20), "ended_on": date(2026, 11, 21), "is_settled": True, "n_sessions": 2}
    result = _register(tiny_engine, "mediations", values)
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(Mediation.__table__)).one()
    assert result.row_id == 7
    assert (row.incident_id, row.is_settled, row.n_sessions, row.source_ref) == (7, True, 2, f"R{KEY}")
    assert _register(tiny_engine, "mediations", values).is_repeated


def test_mediation_names_its_incident_as_the_source_wrote_it(tiny_engine):
    values = {"incident_number": "T0000007", "channel": "people", "method": "visiting", "level": "village",
              "started_on": date(2026, 11, 20)}
    assert _register(tiny_engine, "mediations", values).row_id == 7
    assert _problems(tiny_engine, "mediations", values | {"incident_number": "<b>"}, key="20261122-otherkey") == [
        "incident_unknown"]


def test_mediation_of_an_incident_that_may_not_be_seen_is_refused(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
    values = {"incident_number": 7, "channel": "people", "method": "visiting", "level": "village",
              "started_on": date(2026, 11, 20)}
    about_us = Scope("land", Role.DEPARTMENT, unit_code="U-LAND")
    assert _problems(tiny_engine, "mediations", values, by=about_us) == ["incident_unknown"]
    assert _problems(tiny_engine, "mediations", values | {"incident_number": 10**12}) == ["incident_unknown"]


def test_nil_return_is_kept_with_an_exclusive_end(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.startswith(VILLAGE)).values(is_counted=0))
    values = {"place_code": VILLAGE, "stream": None, "period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}
    _register(tiny_engine, "nil_returns", values)
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(NilReturn.__table__)).one()
    assert (row.period_from, row.period_to, row.stream) == (date(2026, 10, 1), date(2026, 11, 1), None)


def test_nil_return_against_records_is_refused(tiny_engine):
    values = {"place_code": COUNTY, "stream": "dispute", "period_from": date(2026, 1, 1),
              "period_to": date(2026, 10, 31)}
    assert _problems(tiny_engine, "nil_returns", values) == ["nil_contradicts"]


def test_works_project_may_begin_next_month(tiny_engine):
    values = {"place_code": VILLAGE, "name": "村道硬化", "kind": "road", "started_on": date(2026, 12, 15)}
    _register(tiny_engine, "works", values)
    with read_transaction(tiny_engine) as connection:
        assert "村道硬化" in connection.scalars(select(WorksProject.name)).all()


def test_form_key_of_another_shape_is_our_mistake(tiny_engine):
    with pytest.raises(ValueError, match="form key"):
        _register(tiny_engine, key="x' --")


def _change(**changed):
    return {"on": date(2026, 11, 2), "kind": "new_app", "place_code": None, "stream": "hazard", "channel": "app",
            "note": "随手报上线，联系 13800138000", **changed}


def test_source_change_is_written_audited_and_masked(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        before = read_versions(connection)["incidents"]
    result = _register(tiny_engine, "source_changes", _change())
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(SourceChange.__table__)).one()
        event = connection.execute(
            select(AuditEvent.__table__).where(AuditEvent.action == "register_source_change")).one()
        assert read_versions(connection)["incidents"] == before + 1
    assert (row.id, row.on, row.kind, row.stream, row.channel, row.place_code) == (
        result.row_id, date(2026, 11, 2), "new_app", "hazard", "app", None)
    assert "13800138000" not in row.note
    assert result.n_masked == 1
    assert (event.by, event.subject, event.subject_key) == ("system", "source_changes", f"R{KEY}")
    assert "13800138000" not in event.detail


@pytest.mark.parametrize("role", [Role.TOWNSHIP, Role.DEPARTMENT, Role.ANALYST, Role.LEADER])
def test_source_change_is_refused_to_who_could_mark_away_a_rise_of_its_own(tiny_engine, role):
    with pytest.raises(RefusedError):
        _register(tiny_engine, "source_changes", _change(), by=Scope("x", role))
    assert _count(tiny_engine, SourceChange) == 0


@pytest.mark.parametrize(("changed", "keys"), [
    ({"on": None}, ["missing"]), ({"kind": None}, ["missing"]), ({"on": date(2026, 11, 23)}, ["future"]),
    ({"note": "长" * 201}, ["too_long"]), ({"place_code": "990101999"}, ["place_outside"])])
def test_source_change_with_a_mistake_is_not_written(tiny_engine, changed, keys):
    with pytest.raises(NotRegisteredError) as caught:
        _register(tiny_engine, "source_changes", _change(**changed))
    assert [one.key for one in caught.value.problems] == keys
    assert _count(tiny_engine, SourceChange) == 0


def test_account_of_one_area_cannot_change_recording_everywhere(tiny_engine):
    clerk = Scope("c", Role.CLERK, f"{COUNTY}001")
    with pytest.raises(NotRegisteredError) as caught:
        _register(tiny_engine, "source_changes", _change(), by=clerk)
    assert [one.key for one in caught.value.problems] == ["place_needed"]
    assert _register(tiny_engine, "source_changes", _change(place_code=VILLAGE), by=clerk).row_id
