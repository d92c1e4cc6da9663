"""Sentences of early warning: markup stays markup, all else is text; no number is invented."""

from datetime import date
from types import SimpleNamespace

import pytest

from govdesk.queries.risk_known import Item
from govdesk.rules.risk_reasons import County, Fact, Records, choose_reasons
from govdesk.ui.markup import tag
from govdesk.ui.warning_details import _build_known, sum_lines
from govdesk.ui.warning_rest import _write_known
from govdesk.ui.warning_words import (
    Words,
    fill,
    write_facts,
    write_odds,
    write_parts,
    write_percent,
    write_reasons,
    write_sentence,
)

DESK = Words({"neighbour": "邻里"}, "zh")
FILE = Words({"neighbour": "邻里"}, "zh", is_export=True, has_links=False)
FACT_DAY = date(2026, 10, 12)
FACT = {"incident": 7, "ref": "N<7>", "on": "2026-10-12", "parts": ["violence", "police_handover"], "category": "neighbour"}


def test_what_is_filled_in_is_escaped_unless_it_is_markup():
    made = fill("warning.record", on="<b>", number=tag("i", "x"))
    assert made == "&lt;b&gt;（<i>x</i>）"


def test_desk_names_category_course_and_links_the_number():
    made = write_facts([FACT], DESK, 3)
    assert made == '2026-10-12 邻里·民转刑（<a href="/incident?id=7" class="gd-link" target="_self">N&lt;7&gt;</a>） 等'


def test_file_names_neither_category_nor_course():
    assert write_sentence([write_facts([FACT], FILE)]) == "2026-10-12 激化（N<7>）"


def test_a_fight_is_told_where_nothing_more_is_known():
    assert write_parts(["violence"]) == "打架或伤害"
    assert write_parts(["violence", "county_level"]) == "升至县级"
    assert write_parts(["made_up"]) == "made_up"


@pytest.mark.parametrize(("value", "text"), [
    (0.414, "41 %"), (0.004, "< 0.5 %"), (0.0, "< 0.5 %"), (None, "—"), (float("nan"), "—"), (1.0, "100 %")])
def test_probability_is_a_whole_per_cent_and_never_a_false_zero(value, text):
    assert write_percent(value) == text


def test_parts_keep_their_sign_and_nothing_is_minus_nothing():
    assert [write_odds(value) for value in (0.254, -0.254, 0.001, -0.001)] == ["+0.25", "−0.25", "0.00", "0.00"]


@pytest.mark.parametrize("parts", [(0.334, 0.334, 0.334), (-1.005, 2.004, 0.001), (3.98, -3.51, 3.8)])
def test_lines_add_up_as_they_are_shown(parts):
    lines = sum_lines({"base": -3.6267, "eb_tail_memory_13": parts[0], "eb_tail_memory_52": parts[1],
                       "eb_tail_memory_156": parts[2], "season_sin_1": 0.0049})
    assert sum(lines.values()) == pytest.approx(round(-3.6267 + sum(parts) + 0.0049, 2), abs=1e-9)
    assert next(iter(lines)) == "base"


def test_every_kind_of_reason_has_a_sentence_in_both_uses():
    records, county = Records(4, 5, "R5", FACT_DAY), County(40, 10, 200)
    fact = Fact(1, "N1", "neighbour", ("violence",), FACT_DAY, 2960)
    cases = [([fact, fact], False), ([], False), ([], True),
             ([Fact(1, "N1", "neighbour", ("violence",), FACT_DAY, 2900)], False)]
    kinds = set()
    for facts, is_thin in cases:
        reasons = choose_reasons(facts, records, county, 2968, is_thin=is_thin)
        kinds |= {reason["kind"] for reason in reasons}
        for words in (DESK, FILE):
            for sentence in write_reasons(reasons, words):
                assert "{" not in sentence
                assert "\x02" not in sentence
    assert kinds == {"recent", "silent", "none", "thin", "long", "same"}
    assert write_reasons([], DESK)


@pytest.mark.parametrize("contributions", [{"conflicts_last_13": 0.2}, {}])
def test_nothing_open_is_never_said_beside_what_is_open(contributions):
    items = [Item("V", "dispute", FACT_DAY, 7, "N7", "neighbour")]
    view = SimpleNamespace(known={"V": items}, setting=SimpleNamespace(day=date(2026, 10, 20)), words=DESK)
    row = {"place_code": "V", "contributions": contributions}
    for told in (str(_build_known(view, row)), _write_known(view, row, FILE)):
        assert "N7" in told
        assert ("数量已计入分数" in told) == bool(contributions)
        assert "没有在办纠纷" not in told
    assert "没有在办纠纷" in _build_known(view, {"place_code": "W", "contributions": contributions})
