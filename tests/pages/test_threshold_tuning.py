"""The tuning page: full, empty, too short, refused, English, hostile; adopting, two tabs, undo; figures by hand."""

import numpy as np
import pytest
from sqlalchemy import func, insert, select, update

from govdesk.clock import today
from govdesk.queries.adopted_thresholds import list_adoptions, read_thresholds_in_force
from govdesk.queries.threshold_backtest import read_threshold_backtest
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, Incident, Place, ThresholdAdoption
from models.threshold_sweep import sweep_visits
from tests.support import judged_county, tiny_county
from tests.support.screens import all_text, open_page

HOSTILE = "<img src=x onerror=alert(1)>"
ANALYST = "local_analyst"


@pytest.fixture
def county(empty_engine):
    judged_county.build(empty_engine)
    return empty_engine


def open_tuning(account=ANALYST, **params):
    return open_page("threshold_tuning", account=account, **params)


def widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def adopt(page, reason="秋收后走访力量增加"):
    widget(page, "text_input", "tuning_reason_").input(reason)
    widget(page, "button", "tuning_adopt_").click().run()
    assert not page.exception
    return all_text(page)


def history(engine):
    with read_transaction(engine) as connection:
        return list_adoptions(connection)


def in_force(engine):
    with read_transaction(engine) as connection:
        return read_thresholds_in_force(connection, today())


def test_page_tells_the_finding_and_every_figure_with_its_denominator(county):
    page = open_tuning(visits="5", share="40", capacity="7")
    text = all_text(page)
    with read_transaction(county) as connection:
        held = read_threshold_backtest(connection, SYSTEM)
    row = sweep_visits(held.scores, held.judging, np.arange(1, 13), 0.4).curve.iloc[4]
    assert f"每周走 5 村：{row['n_events']:.0f} 起激化中 {row['n_caught']:.0f} 起" in text
    assert f"漏掉 {row['n_missed']:.0f} 起" in text
    assert f"{row['n_found']:.0f}/{row['n_listed']:.0f} 次" in text
    assert "12 个村" in text
    assert "还没有采纳过阈值" in text
    for words in ("城区", "平原", "山区", "小村", "当时已平静 13 周", "上季度若按此设定", "记录太少", "通常偏高 3 + 此前平静 2"):
        assert words in text
    missed = [one for one in text.split("\n") if "排得最前" in one or "正在轮休" in one]
    assert missed
    assert "打架或伤害" in text


def test_slider_moves_what_is_tried_and_keeps_what_is_in_force(county):
    page = open_tuning(share="0")
    widget(page, "slider", "tuning_visits").set_value(3).run()
    assert page.query_params["visits"] in ("3", ["3"])
    text = all_text(page)
    assert "每周走 3 村" in text
    assert "拟改 3 村" in text
    assert "默认 18 村" in text
    for measure in ("found", "repeat"):
        widget(page, "button_group", "tuning_measure").set_value(measure).run()
        assert not page.exception


def test_adopting_keeps_the_setting_its_reason_and_the_figures_of_that_moment(county):
    page = open_tuning(visits="4", share="30", edges="40,25,12.5", capacity="6")
    text = adopt(page, "秋收后走访力量增加，问 13800138000")
    assert "已采纳，记录 1" in text
    assert "已遮盖后保存" in text
    (record,) = history(county)
    now = record.thresholds
    assert (now.visits_per_week, now.share_quiet, now.band_edges, now.capacity_per_week, now.by) == (
        4, 0.3, (0.4, 0.25, 0.125), 6, ANALYST)
    assert record.backtest["n_events"] == record.backtest["n_caught"] + record.backtest["n_missed"] > 0
    assert record.backtest["backtest_id"] == 1
    assert "现行每周 4 村" in text
    assert "13800138000" not in text
    page = open_tuning()
    assert "每周走 4 村" in all_text(page)


def test_adopting_without_a_reason_says_so_and_writes_nothing(county):
    page = open_tuning(visits="4")
    text = adopt(page, "  ")
    assert "理由：请填写" in text
    assert history(county) == []
    assert "每周走 4 村" in text
    widget(page, "number_input", "tuning_edge_orange").set_value(60.0).run()
    assert "必须依次降低" in all_text(page)
    assert "没有采纳，请改正 1 处" in adopt(page)
    assert history(county) == []


def test_second_tab_learns_who_was_first_and_both_are_kept(county):
    first, second = open_tuning(visits="3"), open_tuning(visits="6")
    adopt(first, "甲")
    text = adopt(second, "乙")
    assert "已在 2026-11-22 10:00 先采纳了每周 3 村（记录 1）" in text
    assert "研判员" in text
    assert [(one.thresholds.visits_per_week, one.replaces_id) for one in history(county)] == [(6, None), (3, None)]


def test_undo_adds_a_record_and_two_records_are_compared(county):
    adopt(open_tuning(visits="3"), "甲")
    page = open_tuning(visits="6", share="20")
    adopt(page, "乙")
    widget(page, "text_input", "tuning_undo_reason_").input("走不过来").run()
    widget(page, "button", "tuning_undo_").click().run()
    assert not page.exception
    assert (in_force(county).visits_per_week, in_force(county).reason, in_force(county).id) == (3, "走不过来", 3)
    text = all_text(page)
    assert "记录 2 · 2026-11-22 · 6 村" in text
    widget(page, "selectbox", "tuning_compare_first").select(2).run()
    assert not page.exception


def test_leader_looks_and_cannot_adopt_others_are_refused(county):
    page = open_tuning("local_leader")
    text = all_text(page)
    assert "每周走 12 村" in text
    assert "采纳由研判员操作" in text
    assert not [one for one in page.button if one.key and one.key.startswith("tuning_adopt_")]
    for account in ("local_centre", "local_admin"):
        text = all_text(open_tuning(account))
        assert "不能查看阈值调节" in text
        assert "起激化中" not in text
    with write_transaction(county) as connection:
        connection.execute(update(Account).where(Account.code == ANALYST).values(area_code=f"{tiny_county.COUNTY}001"))
        bump(connection, "accounts")
    assert "阈值在全县生效" in all_text(open_tuning())


def test_without_a_backtest_the_command_is_named(tiny_engine):
    text = all_text(open_tuning())
    assert "还没有回测" in text
    assert "manage.py backtest --commit" in text
    assert "起激化中" not in text


def test_without_records_it_says_what_to_import(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    assert "还没有事件数据" in all_text(open_tuning())


@pytest.mark.parametrize("weeks", [None, 20])
def test_short_history_names_the_day_and_draws_no_curve(empty_engine, weeks):
    if weeks is None:
        tiny_county.build(empty_engine, 300, weeks=13)
        first = "2029-03-05"
    else:
        judged_county.build(empty_engine, weeks)
    page = open_tuning()
    text = all_text(page)
    assert "记录还不够长" in text
    if weeks is None:
        with read_transaction(empty_engine) as connection:
            assert connection.scalar(select(func.min(Incident.week_occurred))) is not None
        assert first[:2] in text
    assert not page.get("vega_lite_chart")
    assert "已采纳，记录 1" in adopt(page)
    (record,) = history(empty_engine)
    assert record.backtest == {}


def test_changed_data_is_told(county):
    with write_transaction(county) as connection:
        bump(connection, "incidents")
    assert "请重新做一次回测" in all_text(open_tuning())


def test_english_page_holds_no_chinese_words_of_ours(county):
    text = all_text(open_tuning(visits="5", lang="en"))
    assert "5 villages a week" in text
    assert "Only what" not in text
    assert "Missed escalations" in text


def test_hostile_name_and_reason_stay_text(empty_engine):
    judged_county.build(empty_engine, hostile=HOSTILE)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(ThresholdAdoption).values(
            at=tiny_county.NOW, by=HOSTILE, visits_per_week=1, share_quiet=0.5, band_edges="[0.4, 0.3, 0.2]",
            reason=HOSTILE, backtest="{}"))
        name = connection.scalar(select(Place.name).where(Place.code == judged_county.CODES[0]))
    assert name == HOSTILE
    page = open_tuning()
    assert "<img" not in "".join(str(one.proto.body) for one in page.get("html"))
    assert HOSTILE in all_text(page)


def test_unusable_address_is_left_out_with_a_notice(county):
    text = all_text(open_tuning(visits="9" * 500, share="101", edges="10,20", measure="x", capacity="-1"))
    assert "每周走 12 村" in text
    for name in ("visits=9", "share=101", "edges=10,20", "measure=x", "capacity=-1"):
        assert name in text
