"""The model card: what may be relied on, on both sides of every gate."""

import re
import shutil
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import monday_of, week_of
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import bump
from govdesk.tables import Account, GroupAdoption, Incident, Place, RiskObjection, WeeklyCount
from govdesk.terms import DataKind
from models.share_interval import wilson_interval
from tests.support import risk_card, tiny_county
from tests.support.risk_card import PLACEBOS, make_report, village
from tests.support.screens import all_html, all_text, open_page

HOSTILE = "<img src=x onerror=alert(1)>"
SECTIONS = ("data", "accuracy", "calibration", "weights", "drift", "live", "objections")
NO_FORESIGHT = {"zh": "发生率估得更准，没有证明能预见", "en": "Better rate estimates, no demonstrated foresight"}


def _open(section="data", *, account="local_analyst", **params):
    return open_page("model_card", account=account, section=section, **params)


def _verdict(html):
    """Return the verdict of the first label, as it stands in the headline's panel."""
    return re.search(r'gd-card-label">[^<]*</span> <b[^>]*>([^<]+)</b>', html).group(1)


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


#: Databases made once and copied for each test.
_MADE = {}


def _make(name, tmp_path_factory, build):
    """Build a database in this test's folder, or copy the one that an earlier test built."""
    home = get_settings().var
    if name not in _MADE:
        build()
        get_engine().dispose()
        get_engine.cache_clear()
        _MADE[name] = tmp_path_factory.mktemp(name) / "var"
        shutil.copytree(home, _MADE[name])
    elif not home.exists():
        shutil.copytree(_MADE[name], home)
    return get_engine()


@pytest.fixture
def engine(tmp_path_factory):
    return _make("county", tmp_path_factory, lambda: risk_card.build_county(get_engine()))


@pytest.fixture
def full(tmp_path_factory):
    def build():
        risk_card.build_county(get_engine())
        risk_card.add_backtest(get_engine())
        risk_card.add_live(get_engine())

    return _make("full", tmp_path_factory, build)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_better_rates_and_no_foresight_is_said_exactly_where_the_gate_says_so(engine, lang):
    risk_card.add_backtest(engine, make_report(gain=(0.019, 0.010, 0.028)))  # as much as the greatest placebo
    html = all_html(_open("accuracy", lang=lang))
    assert _verdict(html) == NO_FORESIGHT[lang]
    words = {"zh": "[+0.010, +0.028] 安慰剂 0.000 至 +0.019", "en": "[+0.010, +0.028] placebo 0.000 to +0.019"}
    assert words[lang] in html  # the placebo's range stands beside the real gain


@pytest.mark.parametrize(("report", "words"), [
    ({"gain": (0.0195, 0.010, 0.028)}, "有预见：高出基线，也高出每一次安慰剂"),
    ({"gain": (0.0195, -0.001, 0.028)}, "没有证明胜过基线，更没有证明能预见"),
    ({"gain": (0.0195, 0.010, 0.028), "placebos": PLACEBOS[:19]}, "还不能判断，不作任何承诺"),
])
def test_other_verdicts_never_carry_that_sentence(engine, report, words):
    risk_card.add_backtest(engine, make_report(**report))
    assert _verdict(all_html(_open())) == words


@pytest.mark.parametrize(("auc", "is_said"), [(0.60, True), (0.99, False)])
def test_classifier_that_does_not_beat_the_best_baseline_is_said(engine, auc, is_said):
    risk_card.add_backtest(engine, make_report(auc=auc))
    html = all_html(_open("accuracy"))
    first = html[html.index("gd-card-label"):html.index("新发</span>")]
    assert ("分类器没有胜过最好的基线" in first) is is_said


def test_points_that_do_better_are_said_and_the_classifier_goes_on(engine):
    report = make_report(auc=0.90)
    report["labels"]["elevated"]["scores"]["points"]["auc"] = risk_card.figure(0.95, 0.94, 0.96)
    risk_card.add_backtest(engine, report)
    html = all_html(_open("calibration"))
    assert "分类器没有胜过“积分”（AUC 0.900 对 0.950）" in html
    assert "改由基线 eb52 排序" not in html[:html.index("新发</span>")]


@pytest.mark.parametrize(("section", "lang"), [*((one, "zh") for one in SECTIONS), ("drift", "en"), ("live", "en")])
def test_every_part_is_drawn_in_both_languages(full, section, lang):
    page = _open(section, lang=lang)
    html = all_html(page)
    assert "gd-card-headline" in html
    words = {"zh": "不作为对村或个人的评价、排名、奖惩依据", "en": "no basis for judging"}
    assert words[lang] in html
    assert "nan" not in re.sub(r"<[^>]+>", " ", html).lower().split()
    assert "None" not in re.sub(r"<[^>]+>", " ", html)


def test_all_baselines_and_figures_stand_in_one_table(full):
    html = all_html(_open("accuracy"))
    for word in ("分类器", "eb52（过去一年发生率）", "eb52 再校准", "近 52 周件数", "近 4 周件数", "积分", "Brier 技巧",
                 "校准斜率", "城区", "山区", "大村", "一向平静", "不进入：可能有害", "高于 −0.002"):
        assert word in html, word
    assert html.count("29 个截止日") + html.count("28 个截止日") >= 1


def test_under_28_dates_there_is_no_interval_and_the_day_is_named(engine):
    report = make_report(gain=(0.03, None, None), dates=12)
    risk_card.add_backtest(engine, report)
    text = all_text(_open())
    assert "不足 28 个截止日，不给区间" in text
    assert "只有 12 个截止日" in text


def test_live_results_name_what_was_missed_and_hostile_names_are_text(full):
    with write_transaction(full) as connection:
        connection.execute(update(Place).where(Place.code == village(3)).values(name=HOSTILE))
        bump(connection, "places")
    html = all_html(_open("live", label="<b>"))
    assert "<img" not in html
    assert "&lt;img" in html
    assert "无法识别" in html
    assert "2/4 村次" in html  # two of four listings had an escalation: counts, for it is fewer than ten
    # Without the treated: the visit of 10-14 holds for 90 days, for both lists.
    assert "2/2 村次" in html
    assert "走访过的单列：0/2 村次有激化" in html
    assert "2 村次列入后没有激化；0 村次没有因预警走访，只有这些算虚报" in html
    assert "另 2 村次走访过，单列不算虚报：走访时发现苗头 0，已在办理 0，没有发现 2" in html
    assert "近 52 周还没有派出过抽中的村" in html
    assert "漏掉 2 件" in html
    assert f"/village?place={village(3)}" in html
    assert "排在名单线以下" in html
    assert "没有概率：记录太少" in html
    assert "另有 3 份名单" in html


@pytest.mark.parametrize(("n_lists", "said", "not_said"), [
    (12, "不作按日期重抽样的区间", "（按日期）"), (34, "（按日期）", "不作按日期重抽样的区间")])
def test_real_results_say_how_sure_they_are_and_by_what(engine, n_lists, said, not_said):
    risk_card.add_backtest(engine)
    with write_transaction(engine) as connection:
        for back in range(n_lists):
            monday = date(2026, 10, 19) - timedelta(weeks=back)
            risk_card.add_run(connection, monday, (village(0), village(1)))
            if back % 3 == 0:
                risk_card.add_event(connection, village(back % 2), monday)
        bump(connection, "incidents")
    html = all_html(_open("live"))
    assert said in html
    assert not_said not in html
    assert html.count("95 % 区间") >= 3
    if n_lists == 12:
        # 24 listings of two villages, four lists a week: six looks, and a wide interval.
        part = int(re.search(r"(\d+)/24 村次", html).group(1))
        ends = wilson_interval([part / 4], [6]).iloc[0]
        # The same twice: nobody was visited, so that the unvisited are all of them.
        assert html.count(f"95 % 区间 {100 * ends['low']:.0f} %–{100 * ends['high']:.0f} %") == 2


def test_township_may_object_without_reading_the_figures(full):
    with write_transaction(full) as connection:
        connection.execute(update(Account).where(Account.code == "local_clerk").values(
            role="township", area_code=f"{tiny_county.COUNTY}001"))
        bump(connection, "accounts")
    page = open_page("model_card", account="local_clerk")
    html = all_html(page)
    assert "不能查看模型卡的数字" in html
    assert "gd-card-headline" not in html
    assert _widget(page, "text_area", "objection_text_")


def test_objection_is_made_by_the_centre_and_answered_by_the_analyst(full):
    page = _open("objections", account="local_centre")
    _widget(page, "radio", "objection_about_").set_value("method").run()
    _widget(page, "text_area", "objection_text_").input("两件是同一件，电话 13800138000").run()
    _widget(page, "button", "objection_save_").click().run()
    assert not page.exception
    assert "已收下" in all_html(page)
    page = _open("objections")
    assert "共 1 条，1 条未答复" in all_html(page)
    assert "13800138000" not in all_html(page)
    _widget(page, "text_area", "answer_text_").input("已合并").run()
    _widget(page, "button", "answer_save_").click().run()
    assert not page.exception
    with read_transaction(full) as connection:
        assert connection.scalar(select(RiskObjection.answer)) == "已合并"
    assert "共 1 条，0 条未答复" in all_html(_open("objections"))


def test_empty_objection_is_refused_and_says_what_is_missing(full):
    page = _open("objections", account="local_centre", lang="en")
    _widget(page, "radio", "objection_about_").set_value("method").run()
    _widget(page, "button", "objection_save_").click().run()
    assert "Objection: please fill in" in all_html(page)


def test_township_chooses_a_village_before_it_objects_to_one(full):
    with write_transaction(full) as connection:
        connection.execute(update(Account).where(Account.code == "local_clerk").values(
            role="township", area_code=f"{tiny_county.COUNTY}001"))
        bump(connection, "accounts")
    page = open_page("model_card", account="local_clerk")
    assert _widget(page, "radio", "objection_about_").value is None
    _widget(page, "text_area", "objection_text_").input("两件是同一件").run()
    _widget(page, "button", "objection_save_").click().run()
    assert "先选关于什么" in all_html(page)
    _widget(page, "radio", "objection_about_").set_value("village").run()
    box = _widget(page, "selectbox", "objection_village_")
    assert box.value is None
    # Its own villages, at once: neither the township itself nor a grid can be objected for.
    assert len(box.options) > 1
    assert all(re.fullmatch("第1镇.*村", one) for one in box.options)
    _widget(page, "button", "objection_save_").click().run()
    assert "先选是哪个村" in all_html(page)
    with read_transaction(full) as connection:
        assert connection.scalar(select(RiskObjection.id)) is None
    assert _widget(page, "text_area", "objection_text_").value == "两件是同一件"
    _widget(page, "selectbox", "objection_village_").set_value(f"{tiny_county.COUNTY}001002").run()
    _widget(page, "button", "objection_save_").click().run()
    assert "已收下" in all_html(page)
    with read_transaction(full) as connection:
        row = connection.execute(select(RiskObjection.place_code, RiskObjection.text)).one()
    assert row == (f"{tiny_county.COUNTY}001002", "两件是同一件")


def test_county_account_goes_down_by_the_township(full):
    page = _open("objections", account="local_centre", lang="en")
    _widget(page, "radio", "objection_about_").set_value("village").run()
    assert _widget(page, "selectbox", "objection_township_").value is None
    _widget(page, "text_area", "objection_text_").input("twice the same").run()
    _widget(page, "button", "objection_save_").click().run()
    assert "Choose which village" in all_html(page)
    _widget(page, "selectbox", "objection_township_").set_value(f"{tiny_county.COUNTY}002").run()
    _widget(page, "selectbox", "objection_village_").set_value(f"{tiny_county.COUNTY}002001").run()
    _widget(page, "button", "objection_save_").click().run()
    with read_transaction(full) as connection:
        assert connection.scalar(select(RiskObjection.place_code)) == f"{tiny_county.COUNTY}002001"


@pytest.mark.parametrize("account", ["local_leader", "local_centre", "local_clerk"])
def test_who_may_read_reads(full, account):
    assert "gd-card-headline" in all_html(_open(account=account))


@pytest.mark.parametrize(("by_chance", "said"), [(0.003, "全凭偶然也有 0.003"), (0.02, "行数太少"), (None, "行数太少")])
def test_ece_stands_beside_chance_and_is_not_told_where_chance_makes_as_much(engine, by_chance, said):
    report = make_report()
    report["labels"]["elevated"]["ece_by_chance"] = by_chance
    risk_card.add_backtest(engine, report)
    assert said in all_html(_open("calibration"))


def test_headline_is_of_what_ranks_now(engine):
    report = make_report()
    for name, share in (("classifier", 0.71), ("eb52", 0.43)):
        report["labels"]["elevated"]["scores"][name]["capture_at_10"] = risk_card.figure(share, share - 0.1, share + 0.1)
    risk_card.add_backtest(engine, report)
    with write_transaction(engine) as connection:
        risk_card.add_run(connection, date(2026, 11, 16), (), ranked_by="eb52")
    html = all_html(_open("weights"))
    assert "43 % 当时排在前一成" in html
    assert "按“分类器”排是 71 %" in html
    assert "偏高按基线 eb52 排序" in html
    assert "没有在用（名单按基线排）" in html


def test_without_a_backtest_the_command_is_named(engine):
    html = all_html(_open())
    assert "python manage.py backtest --commit" in html
    assert "依法信访不是坏结果" in html
    assert "gd-card-headline" not in html


def test_database_without_records_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-incidents" in all_html(_open())


def _shorten(engine, weeks):
    """Leave only the incidents of the last weeks."""
    first = week_of(tiny_county.UNTIL) - weeks
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.week_occurred < first).values(is_counted=0))
        connection.execute(WeeklyCount.__table__.delete().where(WeeklyCount.week < first))
        bump(connection, "incidents")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_three_months_of_data_get_the_baseline_a_date_and_no_curve(full, lang):
    _shorten(full, 13)
    with read_transaction(full) as connection:
        first = min(connection.scalars(select(Incident.week_occurred).where(Incident.is_counted == 1)))
    page = _open("calibration", lang=lang)
    text = all_text(page)
    assert str(monday_of(first + 108)) in text
    assert str(monday_of(first + 108 + 27 * 4)) in text
    assert "eb52" in text
    assert {"zh": "分类器要到", "en": "A classifier can be judged from"}[lang] in text
    assert not page.get("vega_lite_chart")
    assert "ΔAUC" not in text


def test_analyst_decides_which_groups_enter_and_is_told_when(full):
    page = _open("accuracy")
    assert "现在：不加任何一组" in all_html(page)
    choice = _widget(page, "multiselect", "groups_elevated")
    assert choice.options == ["在建工程"]  # of those tried the only one that passed
    choice.select("works")
    page = _widget(page, "button", "groups_decide").click().run()
    assert "理由：请填写" in all_html(page)
    _widget(page, "text_input", "groups_reason").input("工地纠纷多")
    html = all_html(_widget(page, "button", "groups_decide").click().run())
    assert "已记下第 1 号决定" in html
    assert "研判员决定：在建工程。等下一次回测" in html
    with read_transaction(full) as connection:
        row = connection.execute(select(GroupAdoption)).one()
    assert (row.label, row.group_codes, row.by, row.reason) == ("elevated", '["works"]', "local_analyst", "工地纠纷多")
    other = _open("accuracy", account="local_leader")
    assert not other.multiselect
    assert "等综治中心、研判员、数据员或管理员回测后生效" in all_html(other)


@pytest.mark.parametrize(("verdict", "words"), [
    ("enters", "现在加入：在建工程（截至 2026-11-16 的回测，合在一起 ΔAUC +0.012，区间下限 +0.004"),
    ("may_harm", "已决定加入的在建工程合在一起没有通过：不进入：可能有害")])
def test_groups_in_use_are_told_and_foresight_is_judged_without_them(engine, verdict, words):
    report = make_report(gain=(0.25, 0.20, 0.30))  # with the group, above every placebo
    figures = report["labels"]["elevated"]
    figures["together"] = {"groups": ["works"], "delta_auc": 0.012, "delta_auc_low": 0.004, "brier_skill": 0.01,
                           "verdict": verdict}
    figures["groups"] = ["works"] if verdict == "enters" else []
    if verdict == "enters":
        plain = make_report(gain=(0.019, 0.010, 0.028))["labels"]["elevated"]
        figures["without_groups"] = {name: plain[name] for name in ("scores", "differences")}
    risk_card.add_backtest(engine, report)
    with write_transaction(engine) as connection:
        connection.execute(insert(GroupAdoption).values(
            at=risk_card.AT, by="local_analyst", label="elevated", group_codes='["works"]', reason="t", trial="{}"))
    html = all_html(_open("accuracy"))
    assert words in html
    assert (_verdict(html) == NO_FORESIGHT["zh"]) is (verdict == "enters")
    assert ("不含已加入的特征组" in html) is (verdict == "enters")
