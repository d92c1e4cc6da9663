"""Pieces, traces, numbers and edits of a weekly brief."""

from datetime import UTC, datetime

import pytest

from govdesk.rules.brief import Edit, Section, Sentence, Trace, Tracer, fill, split_marked
from govdesk.rules.brief_edits import apply_edits, find_named
from govdesk.rules.brief_indicators import BRIEF_INDICATORS, REGISTERED, words_of
from govdesk.rules.brief_numbers import Numbers
from govdesk.rules.indicators import INDICATORS, TREND_INDICATORS
from govdesk.rules.plain_text import clean_line
from govdesk.words import LANGUAGES, read_words, say

TRACE = Trace("B1-01", "/")
PARTS = ("", "_formula", "_denominator", "_window", "_source")


@pytest.mark.parametrize("language", LANGUAGES)
def test_indicators_are_registered_once_and_have_all_their_words(language):
    keys = [one.key for one in (*INDICATORS, *TREND_INDICATORS, *BRIEF_INDICATORS)]
    assert len(keys) == len(set(keys)) == len(REGISTERED)
    assert all(say(f"{words_of(key)}{part}", language) for key in REGISTERED for part in PARTS)
    named = {f"brief_indicator.{one.key}{part}" for one in BRIEF_INDICATORS for part in PARTS}
    assert {key for key in read_words(language) if key.startswith("brief_indicator.")} == named


def test_number_of_an_indicator_that_nobody_defined_is_refused():
    with pytest.raises(KeyError):
        Numbers("zh").count("made_up", 1, (1, 2), TRACE)


@pytest.mark.parametrize(("part", "whole", "text", "value", "reason"), [
    (3, 9, "3/9", None, "few"), (3, 10, "30.0 %", 0.3, None), (0, 12, "0.0 %", 0.0, None), (0, 0, "不详", None, "no_data"),
    (None, 20, "不详", None, "no_data"),
])
def test_share_of_few_is_told_as_counts_and_of_nothing_not_at_all(part, whole, text, value, reason):
    found = Numbers("zh").share("overdue_share", part, whole, (1, 2), TRACE)
    assert (found.text, found.value, found.reason) == (text, value, reason)
    assert (found.numerator, found.denominator) == (part, whole)


def test_count_that_is_not_known_is_no_zero():
    numbers = Numbers("en")
    assert numbers.count("new_disputes", None, (1, 2), TRACE).text == "not known"
    assert numbers.count("new_disputes", float("nan"), (1, 2), TRACE).value is None
    assert numbers.count("new_disputes", 0, (1, 2), TRACE).text == "0"


def test_one_address_has_one_code_in_a_section():
    tracer = Tracer(3)
    assert [tracer.trace(one).code for one in ("/a", "/b", "/a")] == ["B3-01", "B3-02", "B3-01"]


def test_pieces_keep_numbers_apart_from_words():
    n = Numbers("zh").count("new_disputes", 1234, (1, 2), TRACE)
    assert fill("brief.act_ask", "zh", {"n": n}) == ("核实 ", n, " 个村为什么自身没有上报")
    assert split_marked("a\x02n\x03b", {"n": "x"}) == ("axb",)


def _section(text="由规则写的 5 件。"):
    return Section("s", "t", (Sentence("one", (text,)), Sentence("two", ("其他。",))))


def _edit(text, original="由规则写的 5 件。"):
    return Edit(text, original, "研判员", datetime(2026, 11, 20, tzinfo=UTC))


def test_edited_sentence_is_shown_with_its_original_kept():
    found = apply_edits(_section(), {"one": _edit("改过。")}).sentences
    assert [one.text for one in found] == ["改过。", "其他。"]
    assert found[0].original == "由规则写的 5 件。"
    assert found[0].edit.by == "研判员"


def test_edit_taken_back_or_of_a_sentence_that_has_changed_since_is_not_shown():
    assert apply_edits(_section(), {"one": _edit("")}).sentences[0].edit is None
    assert apply_edits(_section("由规则写的 6 件。"), {"one": _edit("改过。")}).sentences[0].edit is None


def test_named_villages_are_found_across_blanks():
    assert find_named("在 第1镇  2村 有", ["第1镇 2村", "别处", "第"]) == ["第1镇 2村"]
    assert find_named("去第１镇 2 村看看", ["第1镇2村", "别处"]) == ["第1镇2村"]


def test_plain_line_holds_no_mark_that_nobody_sees():
    assert clean_line("a\u202eb\x00\nc\ufffe ") == "ab c"
    assert len(clean_line("长" * 900, 300)) == 300
