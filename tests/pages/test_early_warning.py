"""Early warning as drawn: the list with reasons by number, refused, empty, one township, both languages, hostile names."""

import csv
import re
import shutil
from datetime import timedelta
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from govdesk.actions.scoring import score_villages
from govdesk.clock import monday_of, week_of
from govdesk.queries.risk_caught import Caught
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, EscalationEvent, Incident, Place, RiskListing
from govdesk.ui import warning_rest, warning_use
from govdesk.ui.downloads import write_csv
from govdesk.words import say
from tests.support import scored_county, tiny_county
from tests.support.more_townships import add_townships
from tests.support.scored_county import AS_OF, CODES, COUNTY, THIN
from tests.support.screens import all_html, all_text, open_page


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The tiny county with two scorings, made once."""
    path = tmp_path_factory.mktemp("template") / "govdesk.db"
    engine = get_engine(f"sqlite:///{path}")
    scored_county.build(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def county(template):
    """A copy of it."""
    path = Path(get_settings().var) / "govdesk.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, path)
    return get_engine()


def _list(page):
    return next(html for html in (str(one.proto.body) for one in page.get("html")) if "gd-warnings" in html)


def _account(engine, code, role, area=None):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account).values(code=code, title=code, role=role, area_code=area, is_active=True))
        bump(connection, "accounts")


def _rows(page):
    """Return the markup of each listed village."""
    return _list(page).split("<tr>")[2:]


def test_list_names_villages_bands_probabilities_and_records(county):
    page = open_page("early_warning", account="local_centre")
    text, rows = all_text(page), [row for row in _rows(page) if "/village?place=" in row]
    assert say("warning.use", "zh") in text
    assert len(rows) == 6
    for row in rows:
        assert re.search(r"gd-band-(red|orange|yellow|blue)", row)
        assert any(f">{say(f'warning.band_{band}', 'zh')}<" in row for band in ("red", "orange", "yellow", "blue"))
        assert re.search(r"<strong class=\"gd-warning-p\">(&lt; )?[\d.]+ %", row)
        assert "/incident?id=" in row
    assert "阈值尚未采用" in text
    assert "还没有回测" in text
    assert "通常偏高" in text
    assert "此前平静" in text


def test_no_two_villages_share_their_reasons(county):
    rows = [row for row in _rows(open_page("early_warning")) if "/village?place=" in row]
    reasons = [row.split("<td")[5].split('class="gd-muted')[0] for row in rows]
    assert len(set(reasons)) == len(reasons) == 6


def test_parts_of_a_score_sum_to_it_as_they_are_shown(county):
    tables = re.findall(r'<table class="gd-odds">(.*?)</table>', _list(open_page("early_warning")))
    assert len(tables) == 6
    for table in tables:
        lines = [float(text.replace("−", "-")) for text in re.findall(r'class="gd-num">([+−\d.]+)<', table)]
        base, own, *parts, total = lines
        assert own == pytest.approx(sum(parts[:3]), abs=1e-9)
        assert base + own + sum(parts[3:]) == pytest.approx(total, abs=1e-9)


def test_village_with_too_few_records_has_no_probability_and_no_rank(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.place_code.like(f"{THIN}%"), Incident.id > 100)
                           .values(is_counted=0))
        bump(connection, "incidents")
    scored_county.score(county, AS_OF + timedelta(weeks=1), seed=3)
    page = open_page("early_warning", rest="all", on=AS_OF.isoformat())
    row = next(part for html in (str(one.proto.body) for one in page.get("html")) for part in html.split("<tr>")
               if f"place={THIN}" in part and "/village" in part)
    assert "记录太少，无法判断" in row
    assert " %" not in row
    assert "不是低风险" in row
    assert THIN not in _list(page)


def test_villages_new_on_the_list_are_marked_and_counted(county):
    with write_transaction(county) as connection:
        before = set(connection.scalars(select(RiskListing.place_code).where(RiskListing.as_of < AS_OF)))
        now = list(connection.scalars(select(RiskListing.place_code).where(RiskListing.as_of == AS_OF)))
    new = [code for code in now if code not in before]
    assert 0 < len(new) < len(now)  # a mark on all or none would prove nothing
    page = open_page("early_warning")
    rows = {code: row for row in _rows(page) for code in now if f"/village?place={code}" in row}
    assert sorted(code for code, row in rows.items() if "gd-warning-new" in row) == sorted(new)
    assert say("warning.new", "zh", n=len(new), k=6, weeks=5, lists=1) in all_text(page)
    first = open_page("early_warning", on=(AS_OF - timedelta(weeks=1)).isoformat())
    assert "gd-warning-new" not in _list(first)  # nothing before it to compare with
    assert "新上名单" not in all_text(first)


def test_rest_shows_every_other_village_once(county):
    page = open_page("early_warning", rest="all")
    listed, html = _list(page), all_html(page)
    for code in CODES:
        assert f"place={code}" in html
        assert (f"/village?place={code}" in listed) != (html.replace(listed, "").count(f"/village?place={code}") == 1)
    assert "&lt;a href" not in html


def test_a_province_turns_pages_and_each_village_stands_on_one(county, monkeypatch):
    monkeypatch.setattr(warning_rest, "MOST_ROWS", 4)
    listed = set(re.findall(r"/village\?place=(\w+)", _list(open_page("early_warning"))))
    page = open_page("early_warning", rest="all", page="2")
    assert len(listed) == 6
    assert page.number_input(key="warning_page").value == 2
    assert say("warning.rest_shown", "zh", first=5, last=6, n=6) in all_text(page)
    seen = []
    for number in (1, 2):
        page.number_input(key="warning_page").set_value(number).run()
        assert not page.exception
        html = all_html(page).replace(_list(page), "")
        seen += re.findall(r"/village\?place=(\w+)", html)
    assert sorted(seen) == sorted(set(CODES) - listed)
    # A township has fewer villages than a page: the page asked for before is forgotten, without a complaint.
    page.selectbox(key="warning_town").set_value(f"{COUNTY}001").run()
    assert "无法识别" not in all_text(page)
    assert "page" not in page.query_params


def test_department_and_wall_are_refused(county):
    for role in ("department", "wall"):
        _account(county, role, role)
    for role in ("department", "wall"):
        text = all_text(open_page("early_warning", account=role))
        assert "当前账号不能查看" in text
        assert "%" not in text.split("当前账号不能查看")[1]


def test_township_sees_its_own_villages_at_the_countys_positions(county):
    add_townships(county)
    _account(county, "t1", "township", f"{COUNTY}002")
    html = all_html(open_page("early_warning", account="t1", rest="all"))
    assert f"place={COUNTY}002" in html
    assert f"place={COUNTY}001" not in html
    assert f"place={COUNTY}003" not in html
    assert "名次和名单按全县排列" in html
    assert "全县走势与季节（各村相同）" in html


@pytest.mark.parametrize(("lang", "own_only", "pushes"), [
    ("zh", "名次和名单只在所辖的村之间排列", "分数由什么推动"),
    ("en", "Positions are among the villages of your area", "What pushes the score")])
def test_with_two_other_townships_parts_are_said_in_words(county, lang, own_only, pushes):
    _account(county, "t1", "township", f"{COUNTY}002")
    html = unescape(all_html(open_page("early_warning", account="t1", rest="all", lang=lang)))
    assert own_only in html
    assert pushes in html
    assert say("warning.change_withheld", lang) in html
    for key in ("line_base", "line_common"):
        assert say(f"warning.{key}", lang) not in html
    assert say("warning.caught_none", lang) not in html, "that there is no backtest is not why"


def test_nothing_scored_yet_says_what_to_do(tiny_engine):
    page = open_page("early_warning", account="local_centre")
    text = all_text(page)
    assert "还没有为村评分" in text
    assert "python manage.py score --commit" in text
    assert [button.key for button in page.button if button.key == "warning_score"] == ["warning_score"]
    # Too little to learn from: the button says so and nothing breaks.
    next(button for button in page.button if button.key == "warning_score").click()
    page.run()
    assert not page.exception
    assert "还不能评分" in all_text(page) or "已评分" in all_text(page)


def test_reading_roles_have_no_button(county):
    page = open_page("early_warning", account="local_leader")
    assert not [button for button in page.button if button.key == "warning_score"]
    assert "可以查看，不能评分" in all_text(page)


def test_empty_database_is_no_error(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    text = all_text(open_page("early_warning"))
    assert "还没有为村评分" in text
    assert "import-incidents" in text  # scoring would not help


def test_three_months_of_records_name_the_week_from_which_there_is_a_list(empty_engine):
    tiny_county.build(empty_engine, 300, weeks=13)
    scored_county.add_events(empty_engine)
    score_villages(empty_engine, by=SYSTEM, as_of=AS_OF, commit=True)
    text = all_text(open_page("early_warning"))
    first = monday_of(week_of(tiny_county.UNTIL + timedelta(days=1)) - 13 + 26)
    assert say("warning.empty_short", "zh", weeks=26, day=first) in text
    assert "所辖范围内没有村" not in text


@pytest.mark.parametrize("params", [
    {"on": "2026-13-99", "town": "<script>"}, {"on": "2020-01-06", "rest": "1", "town": f"{COUNTY}999"}])
def test_addresses_typed_by_hand_break_nothing(county, params):
    text = all_text(open_page("early_warning", **params))
    assert "链接里有无法识别的内容" in text
    assert "gd-warnings" in text


def test_earlier_list_and_one_township_by_link(county):
    text = all_text(open_page("early_warning", on=(AS_OF - timedelta(weeks=1)).isoformat(), town=f"{COUNTY}001"))
    assert "正在看" in text
    assert f"place={COUNTY}002" not in text
    empty = f"{COUNTY}003"
    with write_transaction(county) as connection:
        connection.execute(delete(RiskListing).where(RiskListing.place_code.like(f"{empty}%")))
        bump(connection, "risk")
    assert "没有村在这一周的名单上" in all_text(open_page("early_warning", town=empty))


def test_adopted_thresholds_and_the_baseline_are_said(empty_engine):
    scored_county.build(empty_engine, weeks=1, ranked_by="eb52")
    scored_county.adopt(empty_engine, visits=9)
    text = all_text(open_page("early_warning"))
    assert "按基线" in text
    assert "采用了新的设置（每周 9 个村）" in text
    assert "阈值尚未采用" not in text


def test_english_says_the_same(county):
    page = open_page("early_warning", lang="en", rest="all")
    text = all_text(page)
    for key in ("use", "known_title", "list_usual", "list_quiet", "rest_title"):
        assert say(f"warning.{key}", "en") in text
    assert not re.search(r"[\u4e00-\u9fff]{2,}(?<!第)", re.sub(r"第?\d+[镇村]\d*[村网格ab]*|测试县|综治中心|高标准农田一期|自然资源局",
                                                              "", _list(page).replace("第", "")))


def test_hostile_names_are_text(empty_engine):
    hostile = "<img src=x onerror=alert(1)>"
    scored_county.build(empty_engine, hostile=hostile)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level.in_(["township", "village"])).values(name=hostile))
        connection.execute(update(Incident).values(source_ref=Incident.source_ref + "<b onclick=x>"))
        bump(connection, "places")
        bump(connection, "incidents")
    page = open_page("early_warning", rest="all")
    html, decks = all_html(page), [chart.proto.json for chart in page.get("deck_gl_json_chart")]
    assert decks
    assert not [deck for deck in decks if "<img" in deck]
    assert "<img" not in html
    assert "<b onclick" not in html


def test_file_holds_all_villages_without_categories_or_courses(county, monkeypatch):
    kept = {}
    monkeypatch.setattr(warning_rest, "_draw_files", lambda view: kept.update(
        view=view, note=warning_rest._note(view)))
    page = open_page("early_warning")
    categories = {name for name in re.findall(r"\d{4}-\d\d-\d\d ([^\s·<（]+)·", _list(page)) if name}
    text = warning_rest._make_file(kept["view"], write_csv, kept["note"]).decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))
    head, rows = lines[lines.index([]) + 1], lines[lines.index([]) + 2:]
    assert {row[head.index("地区")] for row in rows} == set(CODES)
    assert len(categories) >= 1
    assert not [name for name in categories if any(name in cell for row in rows for cell in row)]
    for part in ("民转刑", "打架或伤害", "升至县级"):
        assert part not in text
    assert say("warning.use", "zh") in text
    assert "<a " not in text
    thin = next(row for row in rows if THIN in row)
    assert thin[head.index("4 周概率（%）")] == thin[head.index("概率名次")] == ""
    listed = [row for row in rows if row[head.index("名单")]]
    assert [float(row[head.index("4 周概率（%）")]) > 0 for row in listed] == [True] * 6
    assert all(re.match(r"[+−]?\d", row[head.index("比上次评分")].lstrip("'")) for row in listed)


def test_backtest_is_told_beside_the_habit_with_window_and_denominator(county, monkeypatch):
    found = Caught(AS_OF - timedelta(weeks=60), AS_OF, 60, 4, 400, 120, 100, 0.26, 0.34, 0.05, 0.01, 0.09)
    monkeypatch.setattr(warning_use, "load", lambda query, *args, **kwargs: found)
    text = all_text(open_page("early_warning"))
    assert "激化 400 起" in text
    assert "点到 30 %（120 起，95 % 区间 26–34 %）" in text
    assert "老办法点到 25 %（100 起）" in text
    assert "多点到 5.0 个百分点（95 % 区间 1.0–9.0）" in text


@pytest.mark.parametrize(("gain", "low", "high", "key"), [
    (-0.05, -0.09, -0.01, "少点到 5.0 个百分点（95 % 区间 1.0–9.0）"), (-0.01, -0.03, 0.02, "（−1.0 个百分点，95 % 区间 −3.0–2.0）分不出高下"),
    (0.01, float("nan"), float("nan"), "周数太少")])
def test_a_difference_that_may_be_none_is_called_none(gain, low, high, key):
    assert key in warning_use._compare(Caught(AS_OF, AS_OF, 60, 4, 400, 120, 100, 0.2, 0.4, gain, low, high))


def test_escalation_known_after_the_scoring_is_news_and_moves_the_next_step(county):
    page = open_page("early_warning")
    code = re.search(r"/village\?place=(\d+)", _list(page)).group(1)
    with write_transaction(county) as connection:
        incident = connection.execute(Incident.__table__.select().where(
            Incident.place_code.like(f"{code}-%"), Incident.id % 6 != 0)).first()
        connection.execute(insert(EscalationEvent).values(
            incident_id=incident.id, part="violence", occurred_on=AS_OF + timedelta(days=1), rule_version="t",
            recorded_at=tiny_county.NOW - timedelta(days=2)))
        bump(connection, "incidents")
    first = next(row for row in _rows(open_page("early_warning")) if f"/village?place={code}" in row)
    assert "新激化 1" in first
    assert "11-18 前" in first
