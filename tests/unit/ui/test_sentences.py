"""Findings as sentences: bold where the eye should go, linked to their rows, escaped."""

import pytest

from govdesk.queries.weekly_changes import Change
from govdesk.ui.sentences import emphasise, find_rows


def test_numbers_are_bold_only_as_whole_numbers():
    assert emphasise("19 件，其中 190 件", ["190"]) == "19 件，其中 <b>190</b> 件"
    assert emphasise("1,234 of 234", ["234"]) == "1,234 of <b>234</b>"
    assert emphasise("2.5 and 5", ["5"]) == "2.5 and <b>5</b>"


def test_hostile_place_in_a_sentence_is_text():
    made = emphasise("在<img src=x>镇 3 件", ["<img src=x>镇", "3"])
    assert "<img" not in made
    assert "<b>&lt;img src=x&gt;镇</b>" in made


def test_words_that_overlap_are_bold_once():
    assert emphasise("第1镇 1 件", ["第1镇", "1"]).count("<b>") <= 2


@pytest.mark.parametrize("key", ["nothing", "too_short"])
def test_finding_that_stands_alone_leads_nowhere(key):
    assert find_rows(Change(key, {})) is None


def test_rise_leads_to_exactly_its_rows():
    change = Change("rise_in", {"n": 9}, {"weeks": "4", "to": "2026-W47", "streams": "dispute", "place": "990101001"})
    assert find_rows(change) == "/?rows=4&place=990101001&streams=dispute"


def test_overdue_leads_to_what_is_overdue():
    assert find_rows(Change("overdue", {"n": 3}, {"weeks": "all", "only": "overdue"})) == "/?rows=1&only=overdue"


def test_silence_leads_to_the_villages_without_own_records():
    assert find_rows(Change("silence", {"n": 3}, {"weeks": "13", "to": "2026-W47"})) == "/?rows=9&only=silent"
