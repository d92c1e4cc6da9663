"""The form: full, refused, errors that keep what was typed, two clicks one record."""

import pytest
from sqlalchemy import func, insert, select

from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, Incident, NilReturn, SourceChange, WorksProject
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _fill(page):
    _widget(page, "selectbox", "stream_").select("dispute").run()
    _widget(page, "selectbox", "category_").select("neighbour").run()
    _widget(page, "selectbox", "channel_").select("visit").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    _widget(page, "selectbox", "place_village_").select(f"{COUNTY}001001").run()


def _save(page):
    _widget(page, "button", "save_").click().run()
    assert not page.exception
    return all_html(page)


def _n_incidents(engine):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(Incident))


def test_incident_is_registered_and_can_be_opened(tiny_engine):
    page = open_page("register")
    n = _n_incidents(tiny_engine)
    _fill(page)
    _widget(page, "text_area", "summary_").input("邻里争地界，电话 13800138000").run()
    html = _save(page)
    assert "已登记事件 R" in html
    assert 'href="/incident?id=' in html
    assert "已遮盖后保存" in html
    assert _n_incidents(tiny_engine) == n + 1


def test_what_a_missing_village_costs_is_said_until_one_is_chosen(tiny_engine):
    page = open_page("register")
    _widget(page, "selectbox", "stream_").select("dispute").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    assert [one.value for one in page.caption if "不计入任何村" in one.value]
    _widget(page, "selectbox", "place_village_").select(f"{COUNTY}001001").run()
    assert not [one.value for one in page.caption if "不计入任何村" in one.value]


def test_errors_name_the_fields_and_keep_what_was_typed(tiny_engine):
    page = open_page("register")
    n = _n_incidents(tiny_engine)
    _widget(page, "text_area", "summary_").input("水渠堵了").run()
    html = _save(page)
    assert "没有保存" in html
    assert "类别：请填写" in html
    assert "地点：请填写" in html
    assert _widget(page, "text_area", "summary_").value == "水渠堵了"
    assert _n_incidents(tiny_engine) == n


def test_second_click_on_the_same_form_writes_nothing(tiny_engine):
    page = open_page("register")
    _fill(page)
    key = _widget(page, "button", "save_").key.removeprefix("save_")
    _save(page)
    n = _n_incidents(tiny_engine)
    again = open_page("register")
    again.session_state["_form_keys"] = {"incident": key}
    again.run()
    _fill(again)
    assert "没有重复写入" in _save(again)
    assert _n_incidents(tiny_engine) == n


def test_another_record_starts_with_an_empty_form(tiny_engine):
    page = open_page("register")
    _fill(page)
    _save(page)
    _widget(page, "button", "again_").click().run()
    assert _widget(page, "selectbox", "stream_").value is None


@pytest.mark.parametrize("role", ["leader", "analyst"])
def test_roles_without_permission_see_why(tiny_engine, role):
    page = open_page("register", account=f"local_{role}")
    assert "不能登记" in all_html(page)
    assert not [one for one in page.button if one.key.startswith("save_")]


def test_nil_return_by_link(tiny_engine):
    page = open_page("register", kind="nil_return")
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    html = _save(page)
    with read_transaction(tiny_engine) as connection:
        n = connection.scalar(select(func.count()).select_from(NilReturn))
    assert ("不能报零" in html) == (n == 0)


def test_works_project_by_link_in_english(tiny_engine):
    page = open_page("register", kind="works", lang="en")
    _widget(page, "text_input", "works_name_").input("Village road").run()
    _widget(page, "selectbox", "works_kind_").select("road").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    assert "The works project is registered: Village road" in _save(page)
    with read_transaction(tiny_engine) as connection:
        assert "Village road" in connection.scalars(select(WorksProject.name)).all()


def test_mediation_by_link_from_its_incident(tiny_engine):
    page = open_page("register", kind="mediation", incident="T0000007")
    for prefix, code in (("mediation_channel_", "people"), ("method_", "visiting"), ("resolution_", "village")):
        _widget(page, "selectbox", prefix).select(code).run()
    assert "已登记事件 7 的调解" in _save(page)


def test_mediation_without_incident_says_what_is_missing(tiny_engine):
    page = open_page("register", kind="mediation")
    assert "事件编号：请填写" in _save(page)


@pytest.mark.parametrize("kind", ["<img src=x onerror=1>", "resident"])
def test_junk_kind_is_left_out(tiny_engine, kind):
    html = all_html(open_page("register", kind=kind))
    assert "只记事，不记人" in html
    assert "<img src=x" not in html


def test_hostile_project_name_is_text(tiny_engine):
    page = open_page("register", kind="works")
    _widget(page, "text_input", "works_name_").input("<img src=x onerror=alert(1)>").run()
    _widget(page, "selectbox", "works_kind_").select("road").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    assert "<img src=x" not in _save(page)


def test_database_without_places_says_how_to_import(empty_engine):
    from govdesk.storage.properties import Properties
    from govdesk.storage.schema import create_database
    from govdesk.terms import DataKind
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("register"))


def test_database_without_incidents_takes_the_first_one(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    page = open_page("register")
    _fill(page)
    assert "已登记事件" in _save(page)
    assert _n_incidents(empty_engine) == 1


def test_page_is_short():
    assert len((ROOT / "pages" / "register.py").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize(("lang", "words"), [("zh", "已登记口径变化（R"), ("en", "The change of recording is registered (R")])
def test_source_change_by_link(tiny_engine, lang, words):
    page = open_page("register", kind="source_change", lang=lang)
    _widget(page, "selectbox", "source_kind_").select("new_app").run()
    _widget(page, "selectbox", "source_channel_").select("app").run()
    assert words in _save(page)
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(SourceChange.__table__)).one()
    assert (row.kind, row.channel, row.stream, row.place_code) == ("new_app", "app", None, None)


def test_source_change_says_what_is_missing(tiny_engine):
    page = open_page("register", kind="source_change")
    _widget(page, "text_area", "note_").input("新平台").run()
    assert "什么变了：请填写" in _save(page)
    assert _widget(page, "text_area", "note_").value == "新平台"


def test_township_is_not_offered_source_changes(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [{
            "code": "t-1", "title": "第1镇", "post_code": None, "role": "township", "area_code": f"{COUNTY}001",
            "unit_code": None, "is_active": True}])
    page = open_page("register", account="t-1", kind="source_change")
    options = next(one for one in page.get("button_group") if one.key == "register_kind").options
    assert "零报告" in str(options)
    assert "口径变化" not in str(options)
    assert not [one for one in page.selectbox if one.key.startswith("source_kind_")]
