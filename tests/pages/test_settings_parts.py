"""Parts of the settings page that are forms of their own: what they show, and a change from the form to what holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from govdesk.actions.capacity_changes import set_capacity
from govdesk.actions.category_changes import CategoryFields, set_category
from govdesk.actions.change_organisation import UnitFields, set_unit
from govdesk.actions.change_setting import Reason
from govdesk.actions.find_escalations import find_escalations
from govdesk.clock import today
from govdesk.queries.adopted_thresholds import read_thresholds_in_force
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.escalation_parts import read_parts_in_force
from govdesk.storage.versions import read_data_version
from govdesk.tables import EscalationEvent, Place, RiskRun
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

ADMIN = Scope(account="local_admin", role=Role.ADMIN)


def _find(page, kind, label):
    return next(one for one in getattr(page, kind) if one.label.startswith(label))


def _of_key(page, key):
    return next(one for one in page.selectbox if one.key.startswith(key))


def _open(part, **options):
    return open_page("settings", account="local_admin", part=part, **options)


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["走访能力", "还没有人定过", "尚未采用阈值", "没有走访记录（2026-08-17 至 2026-11-15，13 个整周）"]),
    ("en", ["Visit capacity", "nobody has set it yet", "no visit on record"])])
def test_capacity_nobody_set_is_not_known(tiny_engine, lang, words):
    html = all_html(_open("capacity", lang=lang))
    for word in words:
        assert word in html
    assert "恢复" not in "".join(one.label for one in _open("capacity").button)


def test_capacity_is_set_and_taken_back_on_the_page(tiny_engine):
    page = _open("capacity")
    _find(page, "number_input", "每周最多").set_value(12)
    _find(page, "text_input", "修改理由").set_value("年初会议")
    _find(page, "button", "保存修改").click()
    page.run()
    html = all_html(page)
    assert "已保存，立即生效" in html
    assert "每周 12 个村" in html
    assert "名单每周 18 个村，比走访能力 12 个村多" in html
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week == 12
    _find(page, "text_input", "修改理由").set_value("恢复")
    _find(page, "button", "恢复采用阈值时的值（未定）").click()
    page.run()
    assert "还没有人定过" in all_html(page)
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week is None


def test_capacity_that_somebody_set_meanwhile_is_not_overwritten(tiny_engine):
    page = _open("capacity")
    set_capacity(tiny_engine, by=Scope("admin_2", Role.ADMIN), visits=9, reason=Reason("先改"))
    _find(page, "number_input", "每周最多").set_value(12)
    _find(page, "text_input", "修改理由").set_value("后改")
    _find(page, "button", "保存修改").click()
    page.run()
    assert "admin_2已于 11-22 10:00 改过" in all_html(page)
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week == 9


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["激化构成", "8 种中启用 6 种，0 种与文件不同", "打架斗殴、伤害", "自带类别、没有办理流程的来源", "哪些数字按哪个口径", "还没有"]),
    ("en", ["Escalation parts", "6 of 8 parts are on", "Fights, Injury", "none yet"])])
def test_escalation_parts_are_shown_as_their_file(tiny_engine, lang, words):
    html = all_html(_open("escalation", lang=lang))
    for word in words:
        assert word in html
    assert "重新认定激化事实" not in [one.label for one in _open("escalation").button]


def test_part_is_tried_set_and_derived_on_the_page(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        find_escalations(tiny_engine, by=SYSTEM, parts=read_parts_in_force(connection), commit=True)
    page = _open("escalation")
    _find(page, "selectbox", "哪一种").set_value("violence")
    page.run()
    _find(page, "multiselect", "事件类别").set_value(["order_theft"])
    _find(page, "button", "试算").click()
    page.run()
    assert "试算结果，没有保存" in all_html(page)
    _find(page, "text_input", "修改理由").set_value("会议决定")
    _find(page, "button", "保存修改").click()
    page.run()
    html = all_html(page)
    assert "请重新认定" in html
    assert "管理员 · 2026-11-22" in html
    _find(page, "button", "重新认定激化事实").click()
    page.run()
    html = all_html(page)
    assert "已重新认定" in html
    assert "请重新认定" not in html
    with read_transaction(tiny_engine) as connection:
        version = read_parts_in_force(connection).version
        assert set(connection.scalars(select(EscalationEvent.rule_version))) == {version}


def test_pages_of_scores_say_that_they_are_of_an_older_definition(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        version = read_data_version(connection)
        connection.execute(insert(RiskRun).values(
            as_of=tiny_county.UNTIL - timedelta(days=6), label="elevated", horizon_weeks=4, classifier="",
            data_version=version, base_rate=0.1, by="t", at=tiny_county.NOW))
    with read_transaction(tiny_engine) as connection:
        parts = read_parts_in_force(connection)
    for page, account in (("early_warning", "local_analyst"), ("model_card", "local_analyst"), ("brief", "local_leader")):
        assert "仍是旧口径" not in all_html(open_page(page, account=account))
    find_escalations(tiny_engine, by=SYSTEM, parts=parts, commit=True)
    for page, account in (("early_warning", "local_analyst"), ("model_card", "local_analyst"), ("brief", "local_leader")):
        assert "评分和名单（2026-11-22 10:00 做出）仍是旧口径" in all_html(open_page(page, account=account))


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["共 45 个类别，0 个已停用", "土地山林", "Land and forest", "在用"]), ("en", ["45 categories", "Land and forest"])])
def test_categories_are_shown_with_their_incidents(tiny_engine, lang, words):
    html = all_html(_open("categories", lang=lang))
    for word in words:
        assert word in html


def test_category_is_added_on_the_page_and_can_be_registered_and_filtered(tiny_engine):
    page = _open("categories")
    page.segmented_control[1].set_value("add")
    page.run()
    for kind, label, value in (("text_input", "代码", "dispute_wells"), ("text_input", "中文名称", "水井<b>"),
                               ("text_input", "英文名称", "Wells"), ("text_input", "修改理由", "会议")):
        _find(page, kind, label).set_value(value)
    _find(page, "selectbox", "事件大类").set_value("dispute")
    _find(page, "button", "新增").click()
    page.run()
    html = all_html(page)
    assert "屏幕新增" in html
    assert "水井&lt;b&gt;" in html
    assert "水井<b>" not in html
    form = open_page("register", account="local_admin", kind="incident")
    _of_key(form, "stream_").select("dispute").run()
    assert "水井<b>" in _of_key(form, "category_").options


def test_category_that_is_off_is_not_offered_by_the_register(tiny_engine):
    set_category(tiny_engine, by=ADMIN, reason=Reason("停用"), category=CategoryFields(
        "neighbour", "dispute", "邻里", "Neighbours", today()))
    form = open_page("register", account="local_admin", kind="incident")
    _of_key(form, "stream_").select("dispute").run()
    options = _of_key(form, "category_").options
    assert "土地山林" in options
    assert "邻里" not in options


def test_unit_that_is_off_is_not_offered_to_handle_but_may_be_what_a_report_is_about(tiny_engine):
    water = UnitFields("U-WATER", "水利局", "department", tiny_county.COUNTY)
    done = set_unit(tiny_engine, by=ADMIN, unit=water, reason=Reason("设立"), is_new=True)
    form = open_page("register", account="local_admin", kind="incident")
    assert "水利局" in _of_key(form, "handling_unit_").options
    set_unit(tiny_engine, by=ADMIN, unit=replace(water, off_on=today()), reason=Reason("撤销", done.change_id))
    form = open_page("register", account="local_admin", kind="incident")
    assert "水利局" not in _of_key(form, "handling_unit_").options
    assert "水利局" in _of_key(form, "concerns_unit_").options


def test_villages_are_merged_on_the_page_after_it_said_what_that_means(tiny_engine):
    town = f"{tiny_county.COUNTY}001"
    page = _open("places")
    assert "请选同一乡镇的两个以上的村" in all_html(page)
    _find(page, "multiselect", "原来的村").set_value([f"{town}001", f"{town}002"]).run()
    _find(page, "text_input", "之后的村：代码").set_value(f"{town}009")
    _find(page, "text_input", "之后的村：名称").set_value("合村<b>").run()
    html = all_html(page)
    assert "第1镇1村、第1镇2村自 2026-11-22 起合并为合村&lt;b&gt;" in html
    assert "仍记在原来的村" in html
    _find(page, "text_input", "修改理由").set_value("县政府批复")
    _find(page, "button", "确认合并").click()
    page.run()
    html = all_html(page)
    assert "已保存，立即生效" in html
    assert "合村<b>" not in html
    with read_transaction(tiny_engine) as connection:
        assert connection.scalars(select(Place.code).where(
            Place.parent_code == town, Place.valid_to.is_(None)).order_by(Place.code)).all() == [
            f"{town}003", f"{town}004", f"{town}009"]


def test_split_that_does_not_add_up_is_said_before_anything_can_be_confirmed(tiny_engine):
    town = f"{tiny_county.COUNTY}001"
    page = _open("places", lang="zh")
    page.segmented_control[1].set_value("split").run()
    _find(page, "multiselect", "原来的村").set_value([f"{town}003"]).run()
    for number, (code, share) in enumerate(((f"{town}008", 60), (f"{town}009", 50))):
        [one for one in page.text_input if one.label == "之后的村：代码"][number].set_value(code)
        [one for one in page.text_input if one.label == "之后的村：名称"][number].set_value(f"新{number + 1}村")
        [one for one in page.number_input if one.label.startswith("人口比例")][number].set_value(share)
    page.run()
    assert "合计 100%，现为 110%" in all_html(page)
    assert "确认拆分" not in [one.label for one in page.button]
    [one for one in page.number_input if one.label.startswith("人口比例")][1].set_value(40).run()
    assert "确认拆分" in [one.label for one in page.button]
