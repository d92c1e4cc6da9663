"""Findings in words: on value, in both languages, and what is said where recording changed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from govdesk.clock import week_of
from govdesk.queries.trend_findings import Vocabulary, describe_changes
from govdesk.queries.trends import SourceChange
from govdesk.words import LANGUAGES

SINCE, LAST = week_of(date(2026, 3, 2)), week_of(date(2026, 11, 9))
BOTH = {"zh": "乡镇", "en": "townships"}
WORDS = Vocabulary(
    {"zh": "土地山林", "en": "Land disputes"}, {"land": {"zh": "土地山林", "en": "Land and forest"}},
    {"T1": "九龙镇", "T2": "石桥乡", "T3": "白水镇", "T4": "大坪乡"}, dict.fromkeys(("T1", "T2", "T3", "T4"), "mountain"),
    BOTH, {"zh": "示例县", "en": "Sample County"})


def flag(series="T1", week_from=SINCE, **changed):
    row = {"series": series, "week_from": week_from, "week_low": week_from - 1, "week_high": week_from + 1, "week_to": None,
           "ratio": 2.0, "low": 1.5, "high": 2.7, "n": 53.0, "expected": 26.5, "p_value": 1e-4, "q_value": 1e-3,
           "sureness": "very_likely", "direction": "rise", "at_source_change": False}
    return {**row, **changed}


def describe(*flags, changes=(), words=WORDS, weeks=range(LAST - 400, LAST + 1)):
    return describe_changes(pd.DataFrame(list(flags)), changes, words, weeks=weeks, last_week=LAST)


def source(week=SINCE, places=(), related=frozenset()):
    return SourceChange(week, "2026-03-02", "new_app", places, related, "App")


def test_four_mountain_townships_are_one_finding():
    (one,) = describe(*(flag(code, SINCE + ahead) for ahead, code in enumerate(("T1", "T2", "T3", "T4"))))
    assert one.sentence("en") == (
        "Land disputes in 4 mountain townships doubled since the week of 2026-03-09 (n = 212 against 106 expected at the "
        "level before, 95 % 1.7–2.3 ×; very likely)")
    assert one.sentence("zh") == (
        "4 个山区乡镇土地山林自 2026-03-09 那一周起翻了一番（212 件，按原水平应为 106 件，95 % 区间 1.7–2.3 倍；很可能）")
    error = np.log(2.7 / 1.5) / 3.919928
    assert one.high / one.low == pytest.approx(np.exp(3.919928 * error / 2))
    assert one.is_real


def test_three_are_named_and_kinds_that_differ_are_not_said():
    (one,) = describe(flag("T1"), flag("T2", n=80.0), flag("T3", sureness="likely"))
    assert "in 石桥乡, 九龙镇, 白水镇 rose to 2.3 ×" in one.sentence("en")
    assert "; likely)" in one.sentence("en")
    mixed = Vocabulary(WORDS.what, {}, {}, {"T1": "plain", "T2": "mountain"}, BOTH, WORDS.whole)
    (four,) = describe(*(flag(code) for code in ("T1", "T2", "T3", "T4")), words=mixed)
    assert "in 4 townships doubled" in four.sentence("en")


def test_what_began_months_apart_or_points_elsewhere_is_not_put_together():
    found = describe(flag("T1"), flag("T2", SINCE + 9), flag("T3", ratio=0.5, direction="fall", n=13.0))
    assert len(found) == 3
    assert [one.direction for one in found].count("fall") == 1
    assert "halved" in next(one for one in found if one.direction == "fall").sentence("en")


def test_fall_is_said_in_per_cent():
    (one,) = describe(flag(ratio=0.62, low=0.5, high=0.77, direction="fall"))
    assert "fell by 38 %" in one.sentence("en")
    assert "下降 38 %" in one.sentence("zh")


@pytest.mark.parametrize("away", [-3, -2, 0, 2, 3])
def test_rise_at_a_source_change_is_one_of_recording(away):
    (one,) = describe(flag(""), changes=[source(SINCE + away)])
    assert not one.is_real
    assert one.key == "recording"
    assert "Recording changed on 2026-03-02 (New app): not counted as a real rise or fall" in one.sentence("en")
    assert "不计为真实升降" in one.sentence("zh")
    assert "doubled" not in one.sentence("en")


def test_source_change_elsewhere_or_long_before_leaves_a_rise_real():
    elsewhere = source(places=("T2",), related=frozenset({"T2", "county"}))
    assert describe(flag("T1"), changes=[elsewhere])[0].is_real
    assert not describe(flag("T2"), changes=[elsewhere])[0].is_real
    assert not describe(flag(""), changes=[elsewhere])[0].is_real
    assert describe(flag("T1"), changes=[source(SINCE - 20)])[0].is_real


def test_uncertain_beginning_that_holds_a_source_change_is_not_called_real():
    assert not describe(flag(week_low=SINCE - 12), changes=[source(SINCE - 10)])[0].is_real


def test_rise_that_meets_a_later_source_change_is_not_said_to_last():
    (one,) = describe(flag(), changes=[source(SINCE + 20)])
    assert (one.is_real, one.lasts, one.week_to) == (True, False, SINCE + 20)
    assert "cannot be followed across it" in one.sentence("en")


def test_rise_that_ended_says_from_when_until_when():
    (one,) = describe(flag(week_to=SINCE + 10))
    assert "from the week of 2026-03-02 until before the week of 2026-05-11" in one.sentence("en")
    assert not one.lasts


def test_whole_comes_before_parts_and_recording_last():
    changes = [source(SINCE, ("T4",), frozenset({"T4"}))]
    found = describe(flag("T4", ratio=9.0, n=900.0), flag("T1", week_to=SINCE + 30), flag("T2"), flag("", SINCE + 20),
                     changes=changes)
    assert [one.series for one in found] == [("",), ("T2",), ("T1",), ("T4",)]
    assert "in Sample County" in found[0].sentence("en")


def test_what_began_in_the_period_comes_first_and_what_was_over_before_it_is_left_out():
    weeks = range(SINCE - 5, LAST + 1)
    found = describe(flag("T1", SINCE - 100, ratio=9.0, n=900.0), flag("T2"), flag("T3", SINCE - 90, week_to=SINCE - 20),
                     weeks=weeks)
    assert [one.series for one in found] == [("T2",), ("T1",)]
    assert describe(flag("T1"), weeks=range(SINCE - 50, SINCE)) == []


def test_category_of_a_cell_is_named_and_categories_are_not_mixed():
    found = describe(flag(("land", "T1")), flag(("land", "T2")), flag(("family", "T3")))
    assert {one.series for one in found} == {(("land", "T1"), ("land", "T2")), (("family", "T3"),)}
    assert any("Land and forest in 九龙镇, 石桥乡 doubled" in one.sentence("en") for one in found)


def test_no_sentence_claims_a_cause():
    found = describe(flag(), flag("T2", week_to=SINCE + 30), flag("", changed=1), changes=[source(SINCE, ("T4",), frozenset())])
    for one in found:
        for language in LANGUAGES:
            assert not any(word in one.sentence(language).lower()
                           for word in ("because", "due to", "caused", "led to", "因", "导致", "引起", "造成"))


def test_nothing_flagged_is_no_finding():
    assert describe_changes(pd.DataFrame([flag()]).head(0), [], WORDS, weeks=range(LAST), last_week=LAST) == []
