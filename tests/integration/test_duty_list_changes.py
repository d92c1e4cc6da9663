"""Rows of the duty list set on screen: held to the rules of the file, kept, honoured, audited, taken back."""

import json

import pytest
from sqlalchemy import insert, select

from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.actions.duty_list_changes import remove_duty_row, set_duty_row, take_back_duty_row
from govdesk.queries.duty_settings import read_duty_settings
from govdesk.queries.triage import list_suggestions
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.duty_list import DELIVERED, read_duty_file, read_duty_list
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, Incident, SettingChange, Unit
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY

ADMIN = Scope(account="local_admin", role=Role.ADMIN)
OTHER = Scope(account="admin_2", role=Role.ADMIN)
CENTRE = Scope(account="local_centre", role=Role.CENTRE)
WATER = {"about": "hazard_water", "place_kind": "", "place_level": "", "unit_kind": "department", "unit_words": "交通",
         "unit_code": "", "rank": "1", "township_first": "never", "source": "县综治委 2026 年第 3 次会议"}
KEY = "hazard_water|||1"
WHY = Reason("会议决定")


def _fill(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": name, "kind": "department", "place_code": COUNTY, "content_hash": "0"}
            for code, name in (("U-WATER", "水利局"), ("U-ROADS", "交通运输局"))])
        connection.execute(Incident.__table__.update().where(Incident.id == 1).values(
            status="reported", stream="hazard", category="hazard_water", severity=1, handling_unit=None))
    return engine


@pytest.fixture
def engine(tiny_engine):
    return _fill(tiny_engine)


def _proposed(engine):
    with read_transaction(engine) as connection:
        return list_suggestions(connection, CENTRE, [1])[1]


def _kept(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(SettingChange.__table__).order_by(SettingChange.id)).all()


def _problems(act, *args, **kwargs):
    with pytest.raises(SettingRefusedError) as caught:
        act(*args, **kwargs)
    return [(one.key, one.field) for one in caught.value.problems]


def test_row_set_on_screen_is_what_triage_proposes(engine):
    before = _proposed(engine)
    assert before.unit_code == "U-WATER"
    with read_transaction(engine) as connection:
        version = read_versions(connection)["organisation"]
    done = set_duty_row(engine, by=ADMIN, cells=WATER, reason=WHY)
    after = _proposed(engine)
    assert (after.unit_code, after.line, after.source) == ("U-ROADS", before.line, WATER["source"])
    with read_transaction(engine) as connection:
        audit = connection.execute(select(AuditEvent.by, AuditEvent.subject_key, AuditEvent.detail).where(
            AuditEvent.action == "change_settings")).all()
        assert read_versions(connection)["organisation"] == version + 1
    assert [(row.by, row.subject_key) for row in audit] == [("local_admin", str(done.change_id))]
    detail = json.loads(audit[0].detail)
    assert (detail["before"]["unit_words"], detail["after"]["unit_words"]) == ("水利", "交通")
    take_back_duty_row(engine, by=ADMIN, key=KEY, reason=Reason("恢复", done.change_id))
    assert _proposed(engine) == before
    assert [row.value is None for row in _kept(engine)] == [False, True]  # append-only: nothing is gone


def test_row_taken_out_proposes_no_more_and_is_shown(engine):
    done = remove_duty_row(engine, by=ADMIN, key=KEY, reason=WHY)
    assert _proposed(engine).line != 0
    assert _proposed(engine).source != "县综治委 2026 年第 3 次会议"
    with read_transaction(engine) as connection:
        assert len(read_duty_list(connection)) == len(read_duty_file(connection)) - 1
        shown = next(line for line in read_duty_settings(connection, ADMIN).lines if line.key == KEY)
    assert (shown.state, shown.line, shown.change.id) == ("removed", None, done.change_id)
    assert _problems(set_duty_row, engine, by=ADMIN, cells=WATER, reason=Reason("x", done.change_id)) == [
        ("unknown", "row")]
    set_duty_row(engine, by=ADMIN, cells=WATER, reason=Reason("又启用", done.change_id), is_new=True)
    assert _proposed(engine).unit_code == "U-ROADS"


def test_added_row_has_a_number_of_its_own_that_never_comes_to_mean_another(engine):
    last = max(row.line for row in _in_force(engine))
    for rank in ("8", "9"):
        set_duty_row(engine, by=ADMIN, cells={**WATER, "rank": rank}, reason=WHY, is_new=True)
    assert [row.line for row in _in_force(engine) if row.line > last] == [last + 1, last + 2]
    remove_duty_row(engine, by=ADMIN, key="hazard_water|||8", reason=Reason("不用了", _kept(engine)[0].id))
    assert [row.line for row in _in_force(engine) if row.line > last] == [last + 2]
    with read_transaction(engine) as connection:
        assert "hazard_water|||8" not in [line.key for line in read_duty_settings(connection, ADMIN).lines]


def _in_force(engine):
    with read_transaction(engine) as connection:
        return read_duty_list(connection)


def test_second_of_two_people_is_told_by_whom(engine):
    first = set_duty_row(engine, by=ADMIN, cells=WATER, reason=WHY)
    with pytest.raises(SettingRefusedError) as caught:
        set_duty_row(engine, by=OTHER, cells={**WATER, "unit_words": "水务"}, reason=WHY)
    told, = caught.value.problems
    assert (told.key, dict(told.values)["by"]) == ("meanwhile", "local_admin")
    assert _problems(remove_duty_row, engine, by=OTHER, key=KEY, reason=WHY) == [("meanwhile", "row")]
    assert len(_kept(engine)) == 1
    set_duty_row(engine, by=OTHER, cells={**WATER, "unit_words": "水务"}, reason=Reason("看过了", first.change_id))
    assert len(_kept(engine)) == 2


def test_form_sent_twice_is_written_once(engine):
    first = set_duty_row(engine, by=ADMIN, cells=WATER, reason=WHY)
    again = set_duty_row(engine, by=ADMIN, cells=WATER, reason=WHY)
    assert (again.change_id, again.is_repeated, len(_kept(engine))) == (first.change_id, True, 1)


@pytest.mark.parametrize(("changed", "said"), [
    ({"source": " "}, ("missing", "source")),
    ({"unit_kind": "", "unit_words": ""}, ("no_unit", "unit_words")),
    ({"unit_code": "U-WATER"}, ("unit_twice", "unit_code")),
    ({"unit_kind": "", "unit_words": "", "unit_code": "U-NONE"}, ("unknown", "unit_code")),
    ({"township_first": "perhaps"}, ("refused", "row")),
    ({"source": "找联系人张建国，电话13800138000"}, ("personal", "source")),
    ({"unit_words": "水利\n局"}, ("hidden", "unit_words")),
    ({"source": "法" * 301}, ("too_long", "source"))])
def test_what_the_file_may_not_say_is_refused(engine, changed, said):
    assert said in _problems(set_duty_row, engine, by=ADMIN, cells={**WATER, **changed}, reason=WHY)
    assert _kept(engine) == []


def test_new_row_at_a_rank_that_is_taken_or_of_an_unknown_subject_is_refused(engine):
    assert _problems(set_duty_row, engine, by=ADMIN, cells=WATER, reason=WHY, is_new=True) == [("same_rank", "rank")]
    assert _problems(set_duty_row, engine, by=ADMIN, cells={**WATER, "about": "dragons"}, reason=WHY,
                     is_new=True) == [("refused", "row")]
    assert _problems(take_back_duty_row, engine, by=ADMIN, key=KEY, reason=WHY) == [("as_file", "row")]
    assert ("missing", "reason") in _problems(set_duty_row, engine, by=ADMIN, cells=WATER, reason=Reason("  "))


def test_reason_is_masked_before_it_is_kept(engine):
    done = set_duty_row(engine, by=ADMIN, cells=WATER, reason=Reason("打 13800138000 问过"))
    assert done.is_masked
    assert "13800138000" not in _kept(engine)[0].reason


def test_last_row_stays(engine, tmp_path):
    own = DELIVERED.read_text(encoding="utf-8").splitlines()[0] + "\nhazard_water,,,department,水利,,1,never,法\n"
    (tmp_path / "var" / "duty_list.csv").write_text(own, encoding="utf-8")
    assert _problems(remove_duty_row, engine, by=ADMIN, key=KEY, reason=WHY) == [("last_row", "row")]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_may(engine, role):
    with pytest.raises(RefusedError):
        set_duty_row(engine, by=Scope("x", role), cells=WATER, reason=WHY)
    with read_transaction(engine) as connection, pytest.raises(RefusedError):
        read_duty_settings(connection, Scope("x", role))


def test_administrator_of_a_part_may_not(engine):
    with pytest.raises(RefusedError):
        remove_duty_row(engine, by=Scope("x", Role.ADMIN, f"{COUNTY}001"), key=KEY, reason=WHY)


@pytest.mark.postgres
def test_duty_list_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    engine = _fill(postgres_engine)
    set_duty_row(engine, by=ADMIN, cells=WATER, reason=WHY)
    assert _proposed(engine).unit_code == "U-ROADS"
    assert _problems(remove_duty_row, engine, by=OTHER, key=KEY, reason=WHY) == [("meanwhile", "row")]
