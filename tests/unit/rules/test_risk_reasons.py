"""Reasons of a score: which records carry it, each named; facts that differ are never told alike."""

import json
from datetime import date, timedelta

import numpy as np

from govdesk.rules.risk_reasons import County, Fact, Met, Records, choose_reasons, thin

WEEK, COUNTY = 2968, County(n_facts=4054, n_places=364, n_weeks=300)
RECORDS = Records(14, 900, "R900", date(2026, 11, 4))


def _fact(number, weeks_ago, category="land_forest", weight=1, parts=("violence",)):
    return Fact(number, f"N{number}", category, parts, date(2026, 11, 16) - timedelta(weeks=weeks_ago),
                WEEK - weeks_ago, weight)


def _choose(facts, *, is_thin=False, county=COUNTY, records=RECORDS):
    return choose_reasons(facts, records, county, WEEK, is_thin=is_thin)


def test_recent_escalations_are_counted_and_the_newest_named():
    first, long, same = _choose([_fact(1, 40), _fact(2, 3), _fact(3, 20), _fact(4, 10, "neighbour")])
    assert (first["kind"], first["n"], first["weeks"]) == ("recent", 3, 26)
    assert [one["ref"] for one in first["facts"]] == ["N2", "N4"]
    assert first["facts"][0]["on"] == "2026-10-26"
    assert (long["n"], long["weeks"], long["n_county"], long["n_places"]) == (4, 156, 4054, 364)
    assert (same["category"], same["n"], same["of"]) == ("land_forest", 3, 4)


def test_silence_names_the_last_escalation_and_its_weeks():
    first, long = _choose([_fact(1, 60), _fact(2, 27, "neighbour")])
    assert (first["kind"], first["weeks"], [one["ref"] for one in first["facts"]]) == ("silent", 26, ["N2"])
    assert long["n"] == 2


def test_no_escalation_is_carried_by_the_records_that_are_there():
    first, long = _choose([_fact(1, 200)])
    assert (first["kind"], first["n_records"], first["facts"][0]["ref"]) == ("none", 14, "R900")
    assert long["n"] == 0


def test_too_few_records_give_no_reason_for_a_score():
    (only,) = _choose([_fact(1, 2)], is_thin=True, records=Records(2, 7, "R7", date(2026, 10, 1)))
    assert (only["kind"], only["n"], only["facts"][0]["ref"]) == ("thin", 2, "R7")
    assert _choose([], is_thin=True, records=Records())[0]["facts"] == []


def test_corrections_take_away_what_they_correct():
    first, *_ = _choose([_fact(1, 5), _fact(2, 3), _fact(3, 2, weight=-1)])
    assert (first["n"], [one["ref"] for one in first["facts"]]) == (1, ["N2"])
    first, *_ = _choose([_fact(1, 5), _fact(3, 2, weight=-1)])
    assert first["kind"] == "none"


def test_what_became_known_in_or_after_the_week_is_not_there():
    assert _choose([_fact(1, 0), _fact(2, -1)])[0]["kind"] == "none"


def test_short_history_says_how_many_weeks_it_has():
    long = _choose([_fact(1, 3)], county=County(5, 10, 30))[1]
    assert long["weeks"] == 30
    assert _choose([_fact(1, 3)], county=County(5, 10, 9))[0]["weeks"] == 9


def test_parts_of_one_incident_within_a_horizon_are_one_fact():
    def met(part, occurred, known):
        return Met(Fact(1, "N1", "debt", (part,), date(2026, 1, 1) + timedelta(weeks=occurred), 0), occurred, known)

    one, two = thin([met("county_level", 13, 13), met("violence", 10, 12), met("reopened_twice", 14, 20)], 4, 26)
    assert (one.parts, one.week) == (("violence", "county_level"), 12)
    assert (two.parts, two.week) == (("reopened_twice",), 20)
    # Known half a year late: it counts when it happened, else loading old files would look like an outbreak.
    assert thin([met("violence", 10, 60)], 4, 26)[0].week == 10


def test_no_two_villages_share_reasons_and_every_number_is_a_count_of_their_records():
    rng, number, texts = np.random.default_rng(3), 0, []
    for village in range(300):
        facts = []
        for _ in range(int(rng.integers(0, 7))):
            number += 1
            facts.append(_fact(number, int(rng.integers(1, 200)), ["a", "b"][int(rng.integers(2))]))
        reasons = _choose(facts, records=Records(6, 10_000 + village, f"R{village}", date(2026, 10, 1)))
        texts.append(json.dumps([one for one in reasons if one["kind"] != "long"]))
        inside = [fact for fact in facts if WEEK - fact.week <= 156]
        for reason in reasons:
            if reason["kind"] == "recent":
                assert reason["n"] == sum(WEEK - fact.week <= 26 for fact in facts)
            if reason["kind"] == "long":
                assert reason["n"] == len(inside)
            if reason["kind"] == "same":
                assert reason["n"] == sum(fact.category == reason["category"] for fact in inside)
            for named in reason.get("facts", ()):
                assert named["ref"] in {fact.ref for fact in facts} | {f"R{village}"}
    assert len(set(texts)) == 300
