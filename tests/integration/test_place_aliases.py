"""Aliases: accepted by a post, audited, used by the next import, counted, taken back; never against the register."""

import json
from threading import Thread

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from govdesk.actions.place_aliases import (
    AliasRefusedError,
    NewAlias,
    accept_alias,
    accept_aliases,
    withdraw_alias,
)
from govdesk.cli import app
from govdesk.clock import now
from govdesk.queries.place_aliases import list_aliases
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent, ImportBatch, PlaceAlias
from govdesk.terms import Role
from tests.support import named_county
from tests.support.importing import run
from tests.support.named_county import PROFILE, lines

EAST, QUARTER, LUOXI = "990101901001", "990101901002", "990101901003"
EAST_WEST, WENTANG = "990101902001", "990101902002"
TOWN, RURAL = "990101901", "990101902"
CLERK = Scope("clerk", Role.CLERK)


@pytest.fixture
def county():
    return named_county.build()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def everywhere(request):
    """The same on each database engine, for what touches the engine's own ways."""
    return named_county.build(None if request.param == "sqlite" else request.getfixturevalue("postgres_engine"))


def rows(engine, table):
    with read_transaction(engine) as connection:
        return connection.execute(select(table.__table__)).all()


def refused(engine, *alias):
    with pytest.raises(AliasRefusedError) as caught:
        accept_aliases(engine, by=CLERK, aliases=[NewAlias(*alias)])
    return caught.value.problems[0]


def test_accepted_proposals_bring_the_rejected_rows_in_and_leave_the_others(county, tmp_path):
    content = lines("城关镇,箩溪村", "城关镇,罗溪村", "城关镇,箩溪村", "城管镇,东门村", "城关镇,火星村")
    first = run(county, tmp_path, content, PROFILE)
    assert (first.inserted, first.rejected) == (1, 4)
    chosen = [NewAlias(one.text, one.candidates[0].code, one.parent_code) for one in first.place_proposals if one.candidates]
    kept = accept_aliases(county, by=CLERK, aliases=chosen)
    assert len(kept.ids) == 2
    second = run(county, tmp_path, content, PROFILE)
    assert (second.inserted, second.unchanged, second.rejected) == (3, 1, 1)
    told = {dict(item.values)["alias"]: dict(item.values) for item in second.warnings if item.code == "place_by_alias"}
    assert told["箩溪村"]["n"] == "2"
    with read_transaction(county) as connection:
        listed = list_aliases(connection, CLERK).set_index("alias")
    assert listed.loc["箩溪村", ["place_name", "township", "parent_name", "by", "n_rows"]].tolist() == ["罗溪村", "城关镇", "城关镇", "clerk", 2]
    assert run(county, tmp_path, content, PROFILE).unchanged == 4


def test_every_acceptance_and_withdrawal_is_audited(county):
    accept_alias(county, by=CLERK, text="老街", place_code=EAST)
    again = accept_alias(county, by=CLERK, text=" 老 街", place_code=EAST)
    assert (again.ids, again.n_repeated) == ((), 1)
    withdraw_alias(county, by=CLERK, alias_id=1)
    assert [(row.action, row.by, json.loads(row.detail).get("alias")) for row in rows(county, AuditEvent)] == [
        ("accept_alias", "clerk", "老街"), ("accept_alias", "clerk", None), ("accept_alias", "clerk", "老街")]
    kept = rows(county, PlaceAlias)
    assert [(row.alias, row.withdrawn_by) for row in kept] == [("老街", "clerk")]


def test_a_withdrawn_alias_is_read_no_more_and_may_be_given_anew(everywhere, tmp_path):
    accept_alias(everywhere, by=CLERK, text="老街", place_code=EAST)
    assert run(everywhere, tmp_path, lines(",老街"), PROFILE, commit=False).inserted == 1
    withdraw_alias(everywhere, by=CLERK, alias_id=1)
    assert run(everywhere, tmp_path, lines(",老街"), PROFILE, commit=False).rejected == 1
    with pytest.raises(AliasRefusedError):
        withdraw_alias(everywhere, by=CLERK, alias_id=1)
    accept_alias(everywhere, by=CLERK, text="老街", place_code=WENTANG)
    assert run(everywhere, tmp_path, lines(",老街"), PROFILE).inserted == 1


@pytest.mark.parametrize(("alias", "key", "names"), [
    (("东门社区", LUOXI), "is_name", "东门社区 (城关镇)"),
    (("東門社區居委會", LUOXI), "is_name", "东门社区 (城关镇)"),
    (("东门村", LUOXI), "is_name", "东门村 (城关镇) / 东门村 (河西乡)"),
    (("罗溪", LUOXI), "not_needed", "罗溪村 (城关镇)"),
    ((EAST, LUOXI), "is_name", "东门村 (城关镇)"),
    (("东门村", LUOXI, TOWN), "is_name", "东门村 (城关镇)"),
])
def test_a_name_of_the_register_is_no_alias_and_it_is_said_whose_it_is(county, alias, key, names):
    found = refused(county, *alias)
    assert (found.key, dict(found.values)["place"]) == (key, names)
    assert rows(county, PlaceAlias) == []


@pytest.mark.parametrize(("alias", "key"), [
    ((" （） ", LUOXI), "missing"), (("x" * 101, LUOXI), "too_long"), (("张三13800138000", LUOXI), "personal"),
    (("老街", "nowhere"), "place_unknown"), (("老街", LUOXI, "nowhere"), "place_unknown")])
def test_unusable_aliases_are_refused(county, alias, key):
    assert refused(county, *alias).key == key


def test_rows_of_an_undone_batch_count_for_no_alias(everywhere, tmp_path):
    accept_alias(everywhere, by=CLERK, text="老街", place_code=EAST)
    run(everywhere, tmp_path, lines(",老街"), PROFILE)
    with write_transaction(everywhere) as connection:
        assert list_aliases(connection, CLERK)["n_rows"].tolist() == [1]
        connection.execute(update(ImportBatch).values(withdrawn_at=now(), withdrawn_by="x"))
        assert list_aliases(connection, CLERK)["n_rows"].tolist() == [0]


def test_an_alias_points_to_one_place(county):
    accept_alias(county, by=CLERK, text="老街", place_code=EAST)
    found = refused(county, "老街", WENTANG)
    assert (found.key, dict(found.values)["place"]) == ("elsewhere", "东门村 (城关镇)")
    accept_alias(county, by=CLERK, text="老街", place_code=WENTANG, parent_code=RURAL)  # under one township it may


def test_the_same_name_of_another_township_may_be_accepted_under_the_one_that_files_name(county, tmp_path):
    accept_alias(county, by=CLERK, text="温塘村", place_code=WENTANG, parent_code=TOWN)
    assert run(county, tmp_path, lines("城关镇,温塘村"), PROFILE).inserted == 1


def test_several_are_accepted_together_or_none(county):
    with pytest.raises(AliasRefusedError) as caught:
        accept_aliases(county, by=CLERK, aliases=[NewAlias("老街", EAST), NewAlias("老街", WENTANG), NewAlias("东门社区", EAST)])
    assert [one.key for one in caught.value.problems] == ["elsewhere", "is_name"]
    assert rows(county, PlaceAlias) == rows(county, AuditEvent) == []
    with pytest.raises(AliasRefusedError):
        accept_aliases(county, by=CLERK, aliases=[])


def test_roles_and_areas_are_kept_to(county):
    with pytest.raises(RefusedError):
        accept_alias(county, by=Scope("boss", Role.LEADER), text="老街", place_code=EAST)
    local = Scope("local", Role.CLERK, area_code=RURAL)
    with pytest.raises(AliasRefusedError):
        accept_alias(county, by=local, text="老街", place_code=EAST)
    accept_alias(county, by=CLERK, text="老街", place_code=EAST)
    with pytest.raises(AliasRefusedError):
        withdraw_alias(county, by=local, alias_id=1)
    with read_transaction(county) as connection:
        assert list_aliases(connection, local).empty
        with pytest.raises(RefusedError):
            list_aliases(connection, Scope("boss", Role.LEADER))


def test_of_two_clerks_at_once_one_is_told(everywhere):
    outcomes = []

    def accept(place):
        try:
            accept_alias(everywhere, by=CLERK, text="老街", place_code=place)
            outcomes.append("kept")
        except AliasRefusedError as error:
            outcomes.append(error.problems[0].key)

    threads = [Thread(target=accept, args=(place,)) for place in (EAST, WENTANG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["elsewhere", "kept"]
    assert len(rows(everywhere, PlaceAlias)) == 1


def test_commands_list_add_and_withdraw(county, tmp_path):
    report = tmp_path / "r.json"

    def call(*words):
        result = CliRunner().invoke(app, ["place-aliases", *words, "--report", str(report)])
        return result.exit_code, result.output, json.loads(report.read_text(encoding="utf-8"))

    assert call("add", "老街", EAST)[::2] == (0, {"committed": False, "accepted": 1, "repeated": 0, "ids": []})
    assert rows(county, PlaceAlias) == []
    assert call("add", "老街", EAST, "--parent", TOWN, "--commit")[2]["ids"] == [1]
    status, output, _ = call("add", "东门社区", EAST, "--commit")
    assert (status, "东门社区 (城关镇)" in output) == (3, True)
    status, output, found = call("list")
    assert found["aliases"][0]["place_name"] == "东门村"
    assert "1: 老街 below 城关镇 = 东门村" in output
    assert call("withdraw", "1")[2] == {"committed": False, "withdrawn": 1}
    assert call("withdraw", "1", "--commit")[0] == 0
    assert call("withdraw", "1", "--commit")[0] == 3
    assert call("list")[2]["aliases"] == []
    assert call("list", "--withdrawn")[2]["aliases"][0]["withdrawn_by"] == "system"
