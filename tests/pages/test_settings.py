"""The settings page: who may open it, the duty list with what differs from its file, a change from form to triage."""

import pytest
from sqlalchemy import delete

from govdesk.actions.change_organisation import UnitFields, set_unit
from govdesk.actions.change_setting import Reason
from govdesk.actions.duty_list_changes import set_duty_row
from govdesk.rules.access import Scope
from govdesk.storage.duty_list import read_duty_list
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Unit
from govdesk.terms import Role
from tests.support.screens import all_html, all_text, open_page
from tests.support.tiny_county import COUNTY

ADMIN = Scope(account="local_admin", role=Role.ADMIN)
LAND = {"about": "land_forest", "place_kind": "", "place_level": "", "unit_kind": "department", "unit_words": "林业",
        "unit_code": "", "rank": "1", "township_first": "never", "source": "<b>会议</b>"}


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["权责清单", "土地山林", "先乡镇", "《土地管理法》第十四条", "名册中没有这样的单位"]),
    ("en", ["Duty list", "Land and forest", "Township first", "no such unit in the register"])])
def test_duty_list_is_shown_as_its_file(tiny_engine, lang, words):
    html = all_html(open_page("settings", account="local_admin", lang=lang))
    for word in words:
        assert word in html
    assert ">nan<" not in all_html(open_page("settings", account="local_admin", lang=lang))


@pytest.mark.parametrize("account", ["local_centre", "local_leader", "local_analyst", "local_clerk"])
def test_others_are_refused(tiny_engine, account):
    text = all_text(open_page("settings", account=account))
    assert "设置只给管理员看" in text
    assert "土地山林" not in text


def _find(page, kind, label):
    return next(one for one in getattr(page, kind) if one.label == label)


def test_row_changed_on_the_page_holds_and_says_by_whom(tiny_engine):
    page = open_page("settings", account="local_admin")
    _find(page, "text_input", "名称中的字词").set_value("林业")
    _find(page, "text_input", "修改理由").set_value("县综治委会议")
    _find(page, "button", "保存修改").click()
    page.run()
    assert not page.exception
    html = all_html(page)
    assert "已保存，立即生效" in html
    assert "已修改" in html
    assert "管理员 · 2026-11-22" in html
    with read_transaction(tiny_engine) as connection:
        assert next(row for row in read_duty_list(connection) if row.line == 2).unit_words == ("林业",)


def test_form_opened_before_somebody_else_is_told_and_overwrites_nothing(tiny_engine):
    page = open_page("settings", account="local_admin")
    set_duty_row(tiny_engine, by=Scope("local_centre", Role.ADMIN), cells=LAND, reason=Reason("先改"))
    _find(page, "text_input", "名称中的字词").set_value("国土")
    _find(page, "text_input", "修改理由").set_value("后改")
    _find(page, "button", "保存修改").click()
    page.run()
    html = all_html(page)
    assert "已于 11-22 10:00 改过" in html
    assert "&lt;b&gt;会议" in html
    assert "<b>会议" not in html
    with read_transaction(tiny_engine) as connection:
        assert next(row for row in read_duty_list(connection) if row.line == 2).unit_words == ("林业",)
    _find(page, "button", "保存修改").click()
    page.run()
    assert "已保存，立即生效" in all_html(page)


def test_what_is_missing_is_said(tiny_engine):
    page = open_page("settings", account="local_admin")
    _find(page, "button", "保存修改").click()
    page.run()
    assert "修改理由：请填写" in all_html(page)


def _add_unit(engine, code="U-WATER", name="水利局"):
    set_unit(engine, by=ADMIN, unit=UnitFields(code, name, "department", COUNTY), reason=Reason("设立"), is_new=True)


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["单位和岗位", "水利局", "部门", "在用", "管理员 · 2026-11-22"]), ("en", ["Units and posts", "in use", "Department"])])
def test_units_are_shown_with_who_set_them(tiny_engine, lang, words):
    _add_unit(tiny_engine)
    html = all_html(open_page("settings", account="local_admin", part="units", lang=lang))
    for word in words:
        assert word in html
    assert ">nan<" not in html


def test_database_without_units_says_what_to_do(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(delete(Unit))
    assert "请新增一个" in all_html(open_page("settings", account="local_admin", part="units"))


def test_unit_is_renamed_on_the_page_and_a_person_is_refused(tiny_engine):
    _add_unit(tiny_engine, "A-WATER")
    page = open_page("settings", account="local_admin", part="units")
    _find(page, "text_input", "单位名称").set_value("张建国")
    _find(page, "text_input", "修改理由").set_value("改名")
    _find(page, "button", "保存修改").click()
    page.run()
    assert "像是个人姓名或号码" in all_html(page)
    _find(page, "text_input", "单位名称").set_value("水务局")
    _find(page, "button", "保存修改").click()
    page.run()
    html = all_html(page)
    assert "已保存，立即生效" in html
    assert "水务局" in html
