"""Categories changed on screen: nothing new under one that is off, imports know old names, what is on record stays."""

from datetime import date

import pytest
from sqlalchemy import func, insert, select

from govdesk.actions.category_changes import CategoryFields, set_category, take_back_category
from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.actions.escalation_rows import read_facts
from govdesk.actions.import_context import _read_meanings
from govdesk.actions.registering import NotRegisteredError, register_record
from govdesk.actions.send_incident import send_incident
from govdesk.clock import zone
from govdesk.ingest.folding import fold
from govdesk.ingest.profiles import Profile
from govdesk.queries.category_settings import read_category_settings
from govdesk.queries.service_requests import list_known_services, list_services
from govdesk.queries.surroundings import list_categories
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.escalation_parts import EscalationParts
from govdesk.rules.service_request import RequestRefusedError, Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Category, Incident
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY

ADMIN = Scope("local_admin", Role.ADMIN)
INTAKE = Scope("intake:app", Role.INTAKE)
WHY = Reason("县综治委会议")
ROAD = CategoryFields("request_road", "request", "道路维修", "Road repair", date(2026, 11, 22))
LAMPS = CategoryFields("request_lamps", "request", "路灯照明", "Street lamps")


def _set(engine, category, reason=WHY, **options):
    return set_category(engine, by=ADMIN, category=category, reason=reason, **options)


def _problems(act, *args, **kwargs):
    with pytest.raises(SettingRefusedError) as caught:
        act(*args, **kwargs)
    return [(one.key, one.field) for one in caught.value.problems]


def _line(engine, code):
    with read_transaction(engine) as connection:
        return next(line for line in read_category_settings(connection, ADMIN).lines if line.code == code)


def _register(engine, category):
    return register_record(engine, by=SYSTEM, about="incidents", form_key="20261122-abcdefgh", values={
        "place_code": f"{COUNTY}001001", "stream": "request", "category": category, "channel": "visit",
        "occurred_on": date(2026, 11, 20)})


def test_category_that_is_off_takes_nothing_new_and_keeps_what_it_has(tiny_engine):
    before = _line(tiny_engine, "request_road")
    assert before.n > 0
    done = _set(tiny_engine, ROAD)
    line = _line(tiny_engine, "request_road")
    assert (line.n, line.n_open, line.off_on, line.is_as_file) == (before.n, before.n_open, ROAD.off_on, False)
    with pytest.raises(NotRegisteredError) as caught:
        _register(tiny_engine, "request_road")
    assert [one.key for one in caught.value.problems] == ["category_off"]
    with pytest.raises(RequestRefusedError):
        send_incident(tiny_engine, by=INTAKE, source="app", wanted=Wanted("request_road", lon=111.03, lat=27.01), key=None)
    with read_transaction(tiny_engine) as connection:
        assert "request_road" not in {one.code for one in list_services(connection)}
        assert "request_road" in {one.code for one in list_known_services(connection)}
    take_back_category(tiny_engine, by=ADMIN, code="request_road", reason=Reason("恢复", done.change_id))
    assert _register(tiny_engine, "request_road").row_id
    assert _line(tiny_engine, "request_road").is_as_file


def test_day_that_is_still_to_come_takes_nothing_away_yet(tiny_engine):
    _set(tiny_engine, CategoryFields("request_road", "request", "道路维修", "Road repair", date(2026, 11, 23)))
    assert _register(tiny_engine, "request_road").row_id


def _profile():
    return Profile.model_validate({"about": "incidents", "name": "p", "source": "p", "own_names": True, "fields": {}})


def _words(engine):
    with read_transaction(engine) as connection:
        return _read_meanings(connection, _profile(), zone()).category_words


def test_renamed_category_is_shown_anew_and_imports_find_it_by_all_its_names(tiny_engine):
    first = _set(tiny_engine, CategoryFields("request_road", "request", "道路养护", "Road upkeep"))
    second = _set(tiny_engine, CategoryFields("request_road", "request", "道路设施", "Highways"), Reason("再改", first.change_id))
    with read_transaction(tiny_engine) as connection:
        rows = list_categories(connection).set_index("code")
    assert tuple(rows.loc["request_road", ["name_zh", "name_en"]]) == ("道路设施", "Highways")
    words = _words(tiny_engine)
    assert {words[fold(name)] for name in ("道路维修", "道路养护", "道路设施", "Road repair")} == {"request_road"}
    take_back_category(tiny_engine, by=ADMIN, code="request_road", reason=Reason("恢复", second.change_id))
    assert _words(tiny_engine)[fold("道路设施")] == "request_road"  # a file of then says so still
    assert _problems(_set, tiny_engine, CategoryFields("hazard_road", "hazard", "道路养护", "Road hazards")) == [
        ("name_taken", "name_zh")]


def test_added_category_is_registered_listed_and_no_mark_of_a_foreign_source(tiny_engine):
    _set(tiny_engine, LAMPS, is_new=True)
    number = _register(tiny_engine, "request_lamps").row_id
    line = _line(tiny_engine, "request_lamps")
    assert (line.origin, line.n, line.n_open) == ("screen", 1, 1)
    assert _words(tiny_engine)[fold("路灯照明")] == "request_lamps"
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(Incident.stream).where(Incident.id == number)) == "request"
    _set(tiny_engine, CategoryFields("order_noise", "public_order", "噪声扰民", "Noise"), is_new=True)
    with write_transaction(tiny_engine) as connection:
        row = dict(connection.execute(select(Incident.__table__).where(Incident.stream == "public_order").limit(1)).mappings().one())
        connection.execute(insert(Incident).values(**row | {
            "id": 900_001, "source": "foreign", "source_ref": "F1", "category": "order_noise"}))
        foreign = {one[0] for one in read_facts(connection, EscalationParts())["stream"]}
        connection.execute(insert(Category).values(code="x_own", stream="public_order", name_zh="他", name_en="X"))
        connection.execute(Incident.__table__.update().where(Incident.id == 900_001).values(category="x_own"))
        assert {one[0] for one in read_facts(connection, EscalationParts())["stream"]} - foreign == {900_001}
    assert 900_001 not in foreign


@pytest.mark.parametrize(("category", "is_new", "problem"), [
    (CategoryFields("request_road", "hazard", "道路", "Roads"), False, ("unknown", "stream")),
    (CategoryFields("request_road", "request", "道路维修", "Road repair"), False, ("no_change", "row")),
    (CategoryFields("request_road", "request", "张建国", "Roads"), False, ("personal", "name_zh")),
    (CategoryFields("request_road", "request", "水电供应", "Roads"), False, ("name_taken", "name_zh")),
    (CategoryFields("request_roads", "request", "道路", "Roads"), False, ("unknown", "row")),
    (CategoryFields("request_road", "request", "道路", "Roads"), True, ("taken", "category_code")),
    (CategoryFields("Road", "request", "道路", "Roads"), True, ("category_code", "category_code")),
    (CategoryFields("roads", "request", "", "Roads"), True, ("missing", "name_zh")),
    (CategoryFields("unclassified_x", "request", "未分", "None"), True, ("unclassified", "category_code")),
    (CategoryFields("unclassified_request", "request", "未分类诉求", "Unclassified requests", date(2026, 1, 1)), False,
     ("unclassified", "off_on"))])
def test_what_cannot_be_is_refused(tiny_engine, category, is_new, problem):
    assert problem in _problems(_set, tiny_engine, category, is_new=is_new)
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Category)) == 45


def test_others_are_refused_and_nobody_overwrites_unseen(tiny_engine):
    with pytest.raises(RefusedError):
        set_category(tiny_engine, by=Scope("local_clerk", Role.CLERK), category=ROAD, reason=WHY)
    _set(tiny_engine, ROAD)
    assert _set(tiny_engine, ROAD).is_repeated
    other = CategoryFields("request_road", "request", "道路", "Highways")
    with pytest.raises(SettingRefusedError) as caught:
        set_category(tiny_engine, by=Scope("admin_2", Role.ADMIN), category=other, reason=WHY)
    assert [one.key for one in caught.value.problems] == ["meanwhile"]
    _set(tiny_engine, LAMPS, is_new=True)
    assert _problems(take_back_category, tiny_engine, by=ADMIN, code="request_lamps", reason=Reason(
        "撤", 2)) == [("no_file", "row")]
