"""Visit orders: ordered once, by list and lot, changed, called off, answered; the outcome of 90 days; on both engines."""

import json
import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select

from govdesk.actions.record_outcome import OutcomeRefusedError, record_outcome
from govdesk.actions.record_visit import VisitRefusedError, record_visit
from govdesk.actions.visit_order_checks import Item, OrderRefusedError
from govdesk.actions.visit_orders import call_off, change_order, order_visits
from govdesk.clock import week_of
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.sample_misses import FEWEST, read_sample_misses
from govdesk.queries.treated import list_treated
from govdesk.queries.visit_orders import (
    find_order,
    find_owners,
    list_order_states,
    list_ordered,
    list_orders,
    list_owner_units,
    read_proposal,
)
from govdesk.queries.visits import list_visits, lot_seed, read_lot
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import read_properties
from govdesk.storage.versions import read_versions
from govdesk.tables import Account, AuditEvent, Unit, Visit, VisitOrder
from govdesk.terms import Role
from tests.support import scored_county, tiny_county

COUNTY, TODAY, NOW = tiny_county.COUNTY, tiny_county.UNTIL, tiny_county.NOW
WEEK = week_of(TODAY)
CENTRE, OTHER = Scope("local_centre", Role.CENTRE), Scope("centre2", Role.CENTRE)
TOWNSHIP = Scope("town", Role.TOWNSHIP, f"{COUNTY}001", f"{COUNTY}001-gov")


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    """The scored county; the first township has a government."""
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    scored_county.build(engine)
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit).values(
            code=f"{COUNTY}001-gov", name="第1镇人民政府", kind="township", place_code=f"{COUNTY}001", content_hash="0"))
        connection.execute(insert(Account), [
            {"code": "centre2", "title": "副班", "role": "centre", "is_active": True},
            {"code": "town", "title": "第1镇值班", "role": "township", "area_code": f"{COUNTY}001",
             "unit_code": f"{COUNTY}001-gov", "is_active": True}])
    return engine


def read(engine, query, scope=CENTRE, *args, **kwargs):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args, **kwargs)


def propose(engine, scope=CENTRE, on=TODAY):
    with read_transaction(engine) as connection:
        return read_proposal(connection, scope, on, NOW, lot_seed(read_properties(connection)))


def items(engine, reason=None):
    return [Item(one.place_code, one.reason, one.owner_unit, None, one.due_on) for one in propose(engine).items
            if reason in (None, one.reason)]


def orders(engine, scope=CENTRE, on=TODAY):
    return read(engine, list_orders, scope, on)


def refused(call, *keys):
    with pytest.raises((OrderRefusedError, OutcomeRefusedError, VisitRefusedError)) as error:
        call()
    assert [one.key for one in error.value.problems] == list(keys)
    return error.value.problems


def visit(engine, code, reason="alert", key="form-0001", on=TODAY, by=CENTRE, **values):
    return record_visit(engine, by=by, form_key=key, **{
        "place_code": code, "reason": reason, "visited_on": on, "found": "found", "note": ""} | values)


def test_week_s_list_and_lot_are_proposed_with_owner_and_day(county):
    found = propose(county)
    listed = read(county, list_in_force, CENTRE, TODAY)
    with read_transaction(county) as connection:
        lot = read_lot(connection, CENTRE, TODAY, lot_seed(read_properties(connection)))
    by_reason = {reason: [one.place_code for one in found.items if one.reason == reason] for reason in ("alert", "sample")}
    assert sorted(by_reason["alert"]) == listed
    assert by_reason["sample"] == list(lot.codes)
    assert found.list_of == scored_county.AS_OF
    assert {one.owner_unit for one in found.items if one.place_code.startswith(f"{COUNTY}001")} <= {f"{COUNTY}001-gov"}
    assert {one.owner_unit for one in found.items if not one.place_code.startswith(f"{COUNTY}001")} == {"U-CENTRE"}
    assert all(one.place_code.startswith(f"{COUNTY}001") for one in propose(county, Scope("c", Role.CENTRE, f"{COUNTY}001")).items)
    assert read(county, list_owner_units)["code"].tolist() == ["U-CENTRE", f"{COUNTY}001-gov"]  # no department
    assert read(county, find_owners, CENTRE, [f"{COUNTY}001001", f"{COUNTY}002001"], TODAY) == {
        f"{COUNTY}001001": f"{COUNTY}001-gov", f"{COUNTY}002001": "U-CENTRE"}


def test_a_list_of_an_earlier_week_is_not_ordered_but_the_lot_is(county):
    next_week = propose(county, on=TODAY + timedelta(days=1))
    assert {one.reason for one in next_week.items} == {"sample"}
    assert next_week.list_of == scored_county.AS_OF


def test_orders_are_written_once_audited_and_only_the_loop_changes(county):
    before = read(county, lambda c, _: read_versions(c))
    wanted = items(county)
    assert order_visits(county, by=CENTRE, week=WEEK, items=wanted).n_new == 9
    after = read(county, lambda c, _: read_versions(c))
    assert {name for name in after if after[name] != before[name]} == {"loop"}
    again = order_visits(county, by=OTHER, week=WEEK, items=wanted)
    assert (again.n_new, again.n_existing, again.existing_by) == (0, 9, "centre")
    rows = orders(county)
    assert len(rows) == 9
    assert set(rows["state"]) == {"open"}
    assert set(rows["ordered_by"]) == {"centre"}
    assert read(county, list_ordered, CENTRE, WEEK) == {(one.place_code, one.reason) for one in wanted}
    assert set(orders(county, TOWNSHIP)["place_code"].str[:9]) <= {f"{COUNTY}001"}
    assert len(orders(county, TOWNSHIP)) == rows["place_code"].str.startswith(f"{COUNTY}001").sum() > 0
    with read_transaction(county) as connection:
        notes = connection.scalars(select(AuditEvent.detail).where(AuditEvent.action == "order_visits")).all()
    assert [json.loads(note)["n_new"] for note in notes] == [9, 0]


def test_two_people_confirm_at_once_and_one_set_is_written(county):
    wanted, found, barrier = items(county), [], threading.Barrier(2)

    def confirm(by):
        barrier.wait()
        found.append(order_visits(county, by=by, week=WEEK, items=wanted))

    threads = [threading.Thread(target=confirm, args=(by,)) for by in (CENTRE, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one.n_new, one.n_existing) for one in found) == [(0, 9), (9, 0)]
    told = next(one.existing_by for one in found if one.n_existing)
    assert told in ("centre", "副班")
    with read_transaction(county) as connection:
        assert connection.scalar(select(func.count()).select_from(VisitOrder)) == 9


def test_what_cannot_be_ordered_is_named_and_nothing_is_written(county):
    wanted = items(county)
    alert, drawn = wanted[0], items(county, "sample")

    def order(*some, week=WEEK, by=CENTRE):
        return lambda: order_visits(county, by=by, week=week, items=some)

    def changed(one, **values):
        return Item(**{name: getattr(one, name) for name in Item.__slots__} | values)

    refused(order(*drawn[:2]), "order_lot_whole")  # nobody chooses among those drawn
    refused(order(changed(drawn[0], reason="alert")), "order_not_listed")
    refused(order(changed(alert, reason="own")), "order_not_listed")
    refused(order(changed(alert, owner_unit=None)), "order_no_owner")
    refused(order(changed(alert, owner_unit="U-LAND")), "order_owner")  # departments see no alert
    refused(order(changed(alert, owner_post="nobody")), "order_post")
    refused(order(changed(alert, due_on=TODAY - timedelta(days=1))), "order_day")
    refused(order(changed(alert, due_on=TODAY + timedelta(days=40))), "order_day")
    refused(order(alert, week=WEEK - 1), "order_week")
    for by in (TOWNSHIP, Scope("a", Role.ANALYST), Scope("d", Role.DEPARTMENT), Scope("l", Role.LEADER)):
        with pytest.raises(RefusedError):
            order(alert, by=by)()
    assert orders(county).empty
    assert order_visits(county, by=CENTRE, week=WEEK, items=[alert]).n_new == 1  # one village alone, from the list


def test_a_visit_answers_the_order_of_its_village_and_reason(county):
    wanted = items(county)
    order_visits(county, by=CENTRE, week=WEEK, items=wanted)
    alert = next(one for one in wanted if one.reason == "alert" and one.place_code.startswith(f"{COUNTY}001"))
    number = int(orders(county).set_index(["place_code", "reason"]).loc[(alert.place_code, "alert"), "id"])
    before = read(county, lambda c, _: read_versions(c))
    visit(county, alert.place_code, "own")
    assert read(county, lambda c, _: read_versions(c))["loop"] == before["loop"]
    assert read(county, find_order, CENTRE, number, TODAY)["state"] == "open"
    visit(county, alert.place_code, key="form-0002", order=number, by=TOWNSHIP, found="nothing_found")
    row = read(county, find_order, CENTRE, number, TODAY)
    assert (row["state"], row["found"], row["visited_on"].date(), row["last_found"]) == (
        "done", "nothing_found", TODAY, "found")
    assert read(county, lambda c, _: read_versions(c))["loop"] == before["loop"] + 1
    states = read(county, list_order_states, CENTRE, WEEK, TODAY).set_index("place_code")["state"]
    assert states[alert.place_code] == "done"
    assert (states == "open").sum() == 5
    visit(county, alert.place_code, "own", "form-0009", found="already_known")  # what came after is not its last contact
    assert read(county, find_order, CENTRE, number, TODAY)["last_found"] == "found"
    # Recorded once more from the same order: refused, by whom is told; the form sent twice is not.
    (one,) = refused(lambda: visit(county, alert.place_code, key="form-0003", order=number), "order_done")
    assert dict(one.values) == {"day": str(TODAY), "by": "第1镇值班"}
    assert visit(county, alert.place_code, key="form-0002", order=number, by=TOWNSHIP).is_repeated


def test_a_visit_that_is_not_the_one_ordered_is_refused(county):
    wanted = items(county)
    order_visits(county, by=CENTRE, week=WEEK, items=wanted)
    row = orders(county).iloc[0]
    other = next(code for code in scored_county.CODES if code != row["place_code"])
    ask = {"order": int(row["id"]), "reason": row["reason"]}
    refused(lambda: visit(county, other, **ask), "order_place")
    refused(lambda: visit(county, row["place_code"], **ask | {"reason": "own"}), "order_reason")
    refused(lambda: visit(county, row["place_code"], on=scored_county.AS_OF - timedelta(days=1), **ask), "order_before")
    refused(lambda: visit(county, row["place_code"], **ask | {"order": 999}), "order_gone")
    far = orders(county)
    far = far[~far["place_code"].str.startswith(f"{COUNTY}001")].iloc[0]
    refused(lambda: visit(county, f"{COUNTY}001002", by=TOWNSHIP, reason=far["reason"], order=int(far["id"])), "order_gone")
    # A grid of the village is a visit to the village.
    visit(county, f"{row['place_code']}-02", **ask)
    assert orders(county).set_index("id").loc[row["id"], "state"] == "done"


def test_a_visit_recorded_before_it_was_ordered_answers_it(county):
    drawn = items(county, "sample")
    visit(county, drawn[0].place_code, "sample")
    visit(county, drawn[1].place_code, "sample", "form-0002", on=scored_county.AS_OF - timedelta(days=1))
    order_visits(county, by=CENTRE, week=WEEK, items=drawn)
    states = orders(county).set_index("place_code")["state"]
    assert states.to_dict() == {drawn[0].place_code: "done", drawn[1].place_code: "open", drawn[2].place_code: "open"}


def test_order_is_changed_and_called_off_once(county):
    order_visits(county, by=CENTRE, week=WEEK, items=items(county))
    first, second = (int(one) for one in orders(county)["id"].iloc[:2])
    change_order(county, by=CENTRE, order_id=first, owner_unit="U-CENTRE", owner_post=None, due_on=TODAY + timedelta(days=5))
    row = read(county, find_order, CENTRE, first, TODAY)
    assert (row["owner_unit"], row["owner"], row["due_on"].date()) == ("U-CENTRE", "综治中心", TODAY + timedelta(days=5))
    refused(lambda: change_order(county, by=CENTRE, order_id=first, owner_unit="U-LAND", owner_post=None,
                                 due_on=TODAY - timedelta(days=1)), "order_owner", "order_day")
    refused(lambda: call_off(county, by=CENTRE, order_id=second, why="  "), "missing")
    refused(lambda: call_off(county, by=CENTRE, order_id=second, why="水" * 201), "too_long")
    call_off(county, by=OTHER, order_id=second, why="道路塌方，联系 13800138000")
    row = read(county, find_order, CENTRE, second, TODAY)
    assert (row["state"], row["called_off_by"]) == ("called_off", "副班")
    assert "塌方" in row["called_off_why"]
    assert "13800138000" not in row["called_off_why"]
    (one,) = refused(lambda: call_off(county, by=CENTRE, order_id=second, why="again"), "order_called_off")
    assert dict(one.values) == {"by": "副班"}
    refused(lambda: change_order(county, by=CENTRE, order_id=second, owner_unit="U-CENTRE", owner_post=None,
                                 due_on=TODAY), "order_called_off")
    with pytest.raises(RefusedError):
        call_off(county, by=TOWNSHIP, order_id=first, why="no")


def test_late_orders_stand_first_and_stay_until_somebody_goes(county):
    order_visits(county, by=CENTRE, week=WEEK, items=items(county))
    late = int(orders(county)["id"].iloc[4])
    change_order(county, by=CENTRE, order_id=late, owner_unit="U-CENTRE", owner_post=None, due_on=TODAY)
    rows = orders(county, on=TODAY + timedelta(days=1))
    assert rows["id"].iloc[0] == late
    assert rows["state"].value_counts().to_dict() == {"open": 8, "late": 1}
    years = orders(county, on=TODAY + timedelta(days=700))
    assert set(years["state"]) == {"late"}
    assert len(years) == 9


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sets(st.integers(0, 5)), st.booleans()), min_size=1, max_size=6))
def test_however_often_orders_are_sent_each_is_one(county, sendings):
    alerts, drawn = items(county, "alert"), items(county, "sample")
    sent = set()
    for numbers, has_lot in sendings:
        some = [alerts[n] for n in sorted(numbers)] + (drawn if has_lot else [])
        done = order_visits(county, by=CENTRE, week=WEEK, items=[*some, *some])
        assert done.n_new == len({(one.place_code, one.reason) for one in some} - sent)
        sent |= {(one.place_code, one.reason) for one in some}
    rows = orders(county)
    assert sorted(zip(rows["place_code"], rows["reason"], strict=True)) == sorted(sent)
    with write_transaction(county) as connection:
        connection.execute(delete(VisitOrder))


def _outcomes(engine):
    rows = read(engine, list_visits, CENTRE, TODAY - timedelta(days=400), TODAY + timedelta(days=1), TODAY)
    return rows.set_index("id")[["derived", "outcome", "recorded_outcome", "recorded_by"]]


def test_outcome_is_recorded_once_and_somebody_else_s_is_not_written_over(county):
    old = visit(county, f"{COUNTY}001002", on=TODAY - timedelta(days=90)).visit_id
    young = visit(county, f"{COUNTY}002002", key="form-0002", on=TODAY - timedelta(days=89)).visit_id
    derived = _outcomes(county).loc[old, "derived"]
    said = "quiet" if derived == "escalated" else "escalated"
    assert record_outcome(county, by=TOWNSHIP, visit_id=old, outcome=said)
    assert not record_outcome(county, by=TOWNSHIP, visit_id=old, outcome=said)
    assert _outcomes(county).loc[old].tolist() == [derived, said, said, "第1镇值班"]
    (one,) = refused(lambda: record_outcome(county, by=CENTRE, visit_id=old, outcome=derived), "outcome_taken")
    assert dict(one.values) == {"by": "第1镇值班"}
    assert record_outcome(county, by=CENTRE, visit_id=old, outcome=derived, was=said)  # seen, and corrected
    assert _outcomes(county).loc[old, "recorded_by"] == "centre"
    refused(lambda: record_outcome(county, by=CENTRE, visit_id=young, outcome="quiet"), "not_over")
    refused(lambda: record_outcome(county, by=CENTRE, visit_id=young, outcome=None), "missing")
    refused(lambda: record_outcome(county, by=CENTRE, visit_id=young, outcome="pending"), "unknown")
    refused(lambda: record_outcome(county, by=TOWNSHIP, visit_id=young, outcome="escalated"), "visit_gone")
    assert record_outcome(county, by=CENTRE, visit_id=young, outcome="escalated")
    with pytest.raises(RefusedError):
        record_outcome(county, by=Scope("l", Role.LEADER), visit_id=old, outcome="quiet")


def test_a_village_is_treated_for_90_days_also_by_a_visit_to_its_grid(county):
    visit(county, f"{COUNTY}001001-02", on=date(2026, 9, 9))
    visit(county, f"{COUNTY}002001", "own", "form-0002", on=date(2026, 9, 9))
    rows = read(county, list_treated, CENTRE, date(2026, 9, 1), TODAY)
    # 90 days after Wednesday 09-09 is Tuesday 12-08.
    assert rows[["place_code", "week_from", "week_to"]].to_numpy().tolist() == [
        [f"{COUNTY}001001", week_of(date(2026, 9, 9)), week_of(date(2026, 12, 8)) + 1]]
    assert read(county, list_treated, TOWNSHIP, date(2026, 9, 10), TODAY).empty
    assert read(county, list_treated, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), date(2026, 9, 1), TODAY).empty


def _add_sample_orders(engine, n_found, n_known, n_nothing, n_missed=0, n_waiting=0, weeks_back=1):
    """Write orders of the lot straight into the tables, three a week, back from last week."""
    kinds = ["found"] * n_found + ["already_known"] * n_known + ["nothing_found"] * n_nothing + ["missed"] * n_missed
    with write_transaction(engine) as connection:
        for number, kind in enumerate(kinds + ["waiting"] * n_waiting):
            week = WEEK if kind == "waiting" else WEEK - weeks_back - number // 3
            code, key = scored_county.CODES[number % 12], None
            if kind not in ("missed", "waiting"):
                key = connection.execute(insert(Visit).values(
                    source="t", source_ref=f"S{number}", content_hash="0", recorded_at=NOW, place_code=code, found=kind,
                    reason="sample", visited_on=TODAY - timedelta(weeks=WEEK - week))).inserted_primary_key[0]
            due = TODAY - timedelta(weeks=WEEK - week)
            connection.execute(insert(VisitOrder).values(
                place_code=code, week=week, reason="sample", owner_unit="U-CENTRE", due_on=due, ordered_by="p",
                ordered_at=NOW, visit_id=key))


def test_misses_are_told_from_the_lot_with_those_not_reached(county):
    assert read(county, read_sample_misses, CENTRE, TODAY).n_drawn == 0
    _add_sample_orders(county, 4, 3, 13, n_missed=4, n_waiting=2)
    visit(county, f"{COUNTY}001001", "sample", on=TODAY - timedelta(weeks=2))  # nobody drew it
    found = read(county, read_sample_misses, CENTRE, TODAY)
    assert (found.n_drawn, found.n_visited, found.n_missed, found.n_waiting) == (26, 20, 4, 2)
    assert (found.n_found, found.n_known, found.n_nothing, found.n_aside) == (4, 3, 13, 1)
    assert (found.n_unlisted, found.n_weeks, found.n_weeks_drawn) == (6, 9, 9)
    assert not found.is_few
    # Wilson, 4 of 20: 8.1 % to 41.6 % (Brown, Cai and DasGupta 2001, formula 4).
    assert (round(found.share, 3), round(found.low, 3), round(found.high, 3)) == (0.2, 0.081, 0.416)
    assert (round(found.bound_low, 3), round(found.bound_high, 3)) == (0.167, 0.333)  # 4/24, 8/24


def test_under_ten_visits_there_is_no_share(county):
    _add_sample_orders(county, 4, 2, FEWEST - 7, n_missed=1)
    found = read(county, read_sample_misses, CENTRE, TODAY)
    assert (found.n_visited, found.is_few, found.share == found.share) == (FEWEST - 1, True, False)
    town = read(county, read_sample_misses, TOWNSHIP, TODAY)
    assert 0 < town.n_drawn < found.n_drawn
    assert town.n_unlisted < found.n_unlisted
