"""The page of imports: from the file to the batch, coming back, refused, empty, broken, hostile."""

import time
from threading import Event

import pytest
from sqlalchemy import func, select

from govdesk.actions import import_jobs
from govdesk.actions.import_jobs import JOBS
from govdesk.actions.uploads import store_upload, uploads_folder
from govdesk.rules.access import Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import ImportBatch, ImportProfile, Incident, Upload
from govdesk.terms import DataKind, Role
from govdesk.ui import import_state
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

HOSTILE = "<img src=x onerror=alert(1)>"
LEDGER = ("编号,所属乡镇,村（社区）,矛盾纠纷类型,发生日期,当事人姓名,联系电话,纠纷简要情况\n"
          "S-1,第1镇,第1镇1村,邻里纠纷,2026.3.5,张三,13800138000,水渠走向\n"
          "S-2,第1镇,第1镇2村,婚姻家庭,2026年3月6日,李四,13800138001,家务事\n"
          "S-3,第2镇,第2镇1村,天外来客,2026-03-07,王五,13800138002,不知何事\n"
          "S-4,第3镇,第3镇1村,邻里,没有,赵六,13800138003,地界\n")


@pytest.fixture
def county():
    engine = get_engine()
    tiny_county.build(engine, n_incidents=30)
    return engine


def _open(**params):
    return open_page("data_import", **{"account": "local_clerk", **params})


def _button(page, key):
    return next(one for one in page.button if one.key == key)


def _keys(page):
    return {one.key for one in page.button}


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _upload(page, content=LEDGER, name="石江镇矛盾纠纷台账.csv"):
    page.file_uploader[0].upload(name, content.encode(), "text/csv")
    page.run()
    assert not page.exception
    return page


def _settle(page, number=1):
    job = JOBS.find(get_engine(), number)
    assert job.ended.wait(20)
    time.sleep(0.01)
    page.run()
    assert not page.exception
    return all_html(page)


def _to_columns(page, source="石江镇"):
    _widget(page, "text_input", "import_source_new_").input(source).run()
    _button(page, "import_to_columns").click().run()
    assert not page.exception
    return all_html(page)


def _count(engine, table):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_ledger_goes_from_the_file_to_the_batch(county):
    n = _count(county, Incident)
    page = _upload(_open())
    html = all_html(page)
    assert page.query_params["upload"] == ["1"] or page.query_params["upload"] == "1"
    assert "13800138000" not in html
    assert "张三" not in html
    assert "当事人姓名、联系电话" in html
    assert "***" in html
    html = _to_columns(page)
    assert "13800138000" not in html
    assert "张三" not in html
    chosen = {one.key.rpartition("__")[2]: one.value for one in page.selectbox if one.key.startswith("import_col_")}
    assert chosen["stream"] == "c:dispute"
    assert chosen["category"] == "h:矛盾纠纷类型"
    assert chosen["summary"] == ""
    assert chosen["place.name"] == "h:村（社区）"
    assert "列名就是“发生日期”" in html
    assert "“矛盾纠纷类型”列：" in str([one.label for one in page.expander])
    _button(page, "import_to_check").click().run()
    html = _settle(page)
    assert "将新增" in html
    assert "共读 4 行" in html
    assert "没有" in html
    assert _count(county, Incident) == n
    assert _count(county, ImportProfile) == 1
    commit = _button(page, "import_commit_1")
    assert commit.label == "导入 2 行"
    commit.click().run()
    html = _settle(page)
    assert 'href="/import_batches?batch=1"' in html
    assert "2026-11-23 10:00" in html
    assert (_count(county, Incident), _count(county, ImportBatch)) == (n + 2, 1)
    assert "import_commit_1" not in _keys(page)


def test_second_file_of_the_office_is_mapped_by_what_was_saved(county):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    _button(page, "import_other_file").click().run()
    page = _upload(page, LEDGER.replace("S-", "T-"), "四月.csv")
    assert _widget(page, "radio", "import_base_").value == "石江镇"
    _button(page, "import_to_columns").click().run()
    assert "按已保存的对照" in all_html(page) or "列名就是" in all_html(page)
    _button(page, "import_to_check").click().run()
    assert "将新增" in _settle(page, 2)
    assert _count(county, ImportProfile) == 1


def test_column_chosen_by_hand_is_kept_when_one_comes_back(county):
    page = _upload(_open())
    _to_columns(page)
    _widget(page, "selectbox", "import_col_1_incidents__reported_at").select("h:发生日期").run()
    _button(page, "import_change_rows").click().run()
    _button(page, "import_to_columns").click().run()
    assert _widget(page, "selectbox", "import_col_1_incidents__reported_at").value == "h:发生日期"


def test_missing_field_is_named_and_nothing_goes_on(county):
    page = _upload(_open())
    _to_columns(page)
    _widget(page, "selectbox", "import_col_1_incidents__occurred_on").select("").run()
    html = all_html(page)
    assert "还缺：发生日期或上报时间" in html
    assert _button(page, "import_to_check").disabled


def test_unknown_word_is_given_a_meaning(county):
    page = _upload(_open())
    _to_columns(page)
    _widget(page, "selectbox", "import_word_1_incidents_category_").select("neighbour")
    word = next(one for one in page.selectbox if one.key.endswith("_天外来客"))
    assert word.value == ""
    word.select("neighbour").run()
    _button(page, "import_to_check").click().run()
    _settle(page)
    assert _button(page, "import_commit_1").label == "导入 3 行"


def test_one_column_may_say_stream_and_category_whatever_the_title_says(county):
    content = "编号,村,类型,日期\nA-1,第1镇1村,邻里,2026-03-05\nA-2,第1镇2村,消防隐患,2026-03-06\n"
    page = _upload(_open(), content, "矛盾纠纷.csv")
    _to_columns(page)
    assert _widget(page, "selectbox", "import_col_1_incidents__stream").value == "h:类型"
    _button(page, "import_to_check").click().run()
    _settle(page)
    assert _button(page, "import_commit_1").label == "导入 2 行"


def test_waiting_file_is_found_again_and_can_be_deleted(county):
    _upload(_open())
    page = _open()
    html = all_html(page)
    assert "石江镇矛盾纠纷台账.csv" in html
    assert "2026-11-29 10:00" in html
    _button(page, "import_go_1").click().run()
    assert "第1镇1村" in all_html(page)
    _button(page, "import_cancel").click().run()
    assert not page.exception
    assert "没有等待处理的文件" in all_html(page)
    assert list(uploads_folder().iterdir()) == []


def test_upload_with_a_mapping_opens_where_it_was_left_in_a_new_session(county):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    html = all_html(_open(upload="1"))
    assert "将新增" in html
    assert "试算与导入" in html


@pytest.mark.parametrize("number", ["99", "1", "x", "-1", HOSTILE, "9" * 30])
def test_upload_that_is_not_ones_own_is_not_opened(county, number):
    store_upload(county, by=Scope("somebody", Role.CLERK), name="geheim.csv", content=b"a,b\n1,2\n")
    html = all_html(_open(upload=number))
    assert "geheim" not in html
    assert "<img" not in html
    assert "选择或拖入文件" in html or "没有等待处理的文件" in html


def test_administrator_sees_everybodys_files(county):
    store_upload(county, by=Scope("somebody", Role.CLERK), name="台账.csv", content=b"a,b\n1,2\n")
    assert "台账.csv" in all_html(_open(account="local_admin"))


@pytest.mark.parametrize("content", ["", "\x00\x01\x02", "PK\x03\x04broken"])
def test_broken_file_says_what_is_wrong(county, content):
    html = all_html(_upload(_open(), content, "x.xlsx"))
    assert "没有收下" in html or "不能导入" in html
    assert "Traceback" not in html


def test_file_that_is_gone_says_so(county):
    _upload(_open())
    for path in uploads_folder().iterdir():
        path.unlink()
    assert "文件已被删除" in all_html(_open(upload="1"))


def test_hostile_headers_and_cells_are_text(county):
    content = f"{HOSTILE},发生日期,村,类别\n{HOSTILE},2026-03-05,{HOSTILE},{HOSTILE}\n=1+1,2026-03-05,第1镇1村,邻里\n"
    page = _upload(_open(), content, f"{HOSTILE}纠纷.csv")
    html = all_html(page) + _to_columns(page, HOSTILE)
    _button(page, "import_to_check").click().run()
    html += _settle(page)
    assert "<img" not in html
    assert "&lt;img" in html


def test_stopped_job_is_told_and_the_file_stays(county):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    job = JOBS.find(county, 1)
    job.state = "cancelled"
    page.run()
    assert "什么都没有写入" in all_html(page)
    assert "import_commit_1" in _keys(page)


def test_data_that_changed_is_told_before_the_commit(county, tmp_path):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    from tests.support.importing import HEAD, incident, run
    run(county, tmp_path, HEAD + incident("Z1"))
    _button(page, "import_commit_1").click().run()
    html = _settle(page)
    assert "而是重新试算了一遍" in html
    assert _count(county, ImportBatch) == 1
    _button(page, "import_commit_1").click().run()
    _settle(page)
    assert _count(county, ImportBatch) == 2


def test_commit_that_ends_while_the_page_is_drawn_is_shown_as_done(county, monkeypatch):
    """Nobody presses again: the run that the press began shows what became of it."""
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    is_read, run_job, look_into = Event(), import_jobs._run, import_state.look_into

    def run_when_read(engine, job):
        assert is_read.wait(20)
        run_job(engine, job)

    def end_the_job(*args):
        is_read.set()
        assert JOBS.find(county, 1).ended.wait(20)
        return look_into(*args)

    monkeypatch.setattr(import_jobs, "_run", run_when_read)
    monkeypatch.setattr(import_state, "look_into", end_the_job)
    _button(page, "import_commit_1").click().run()
    assert 'href="/import_batches?batch=1"' in all_html(page)
    assert "import_commit_1" not in _keys(page)


@pytest.mark.parametrize(("lang", "words"), [("zh", "数据导入由数据员和管理员办理"), ("en", "by the data clerk")])
@pytest.mark.parametrize("account", ["local_leader", "local_centre", "local_analyst"])
def test_others_are_refused(county, account, lang, words):
    page = _open(account=account, lang=lang)
    assert words in all_html(page)
    assert not page.file_uploader


def test_english(county):
    page = _upload(_open(lang="en"))
    assert "are never read or stored" in all_html(page)
    assert "Next: columns" in [one.label for one in page.button]


def test_database_without_places_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(_open())


def test_nothing_of_the_content_is_kept_beside_the_file(county):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    with read_transaction(county) as connection:
        row = connection.execute(select(Upload.report, Upload.profile_text)).one()
    assert "13800138" not in str(row)
    assert "张三" not in str(row)


def test_names_that_match_no_place_are_settled_and_the_file_is_checked_again(county):
    page = _upload(_open(), LEDGER.replace("第1镇,第1镇1村", "第1镇,第一镇1村"))
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    html = _settle(page)
    assert "文件涉及" in html
    assert "没有出现的上级地区" in html
    choice = next(one for one in page.radio if one.key.startswith("alias_"))
    choice.set_value("990101001001").run()
    _button(page, "aliases_accept").click().run()
    assert not page.exception
    assert "已采纳 1 个别名" in _settle(page)
    assert not [one for one in page.radio if one.key and one.key.startswith("alias_")]
    page = _open()
    assert "第一镇1村" in all_html(page)  # the list of aliases


def test_a_retired_mapping_is_listed_and_offered_no_longer(county):
    page = _upload(_open())
    _to_columns(page)
    _button(page, "import_to_check").click().run()
    _settle(page)
    _button(page, "import_other_file").click().run()
    page.selectbox(key="profile_retired").select("石江镇").run()
    _button(page, "profile_retire").click().run()
    assert not page.exception
    html = all_html(page)
    assert "已停用对照“石江镇”。" in html
    assert "还没有保存过对照" in html
    assert "profile_retire" not in _keys(page)
