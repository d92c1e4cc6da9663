"""The score on an invented county of three and a half years: calibrated, its lists change, silence in it is found.

The figures that must hold are those of twenty counties of seven years, by `benchmarks/sample_counties.py`; this is the
same measuring on one young county, so that the suite sees when it breaks.
"""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from benchmarks.support.county_files import read_county
from benchmarks.support.county_measures import SPELL_WEEKS, calibrate, judge_silences, watch_lists
from govdesk.clock import week_of
from govdesk.synthetic.files import START
from tests.support import sample_county

UNTIL = date(2023, 6, 5)
FIRST, END = week_of(START), week_of(UNTIL)


@pytest.fixture(scope="module")
def county():
    return read_county(sample_county.make(UNTIL), UNTIL)


def test_probabilities_of_elevated_are_calibrated(county):
    report = calibrate(county, FIRST, END).report
    own = report["scores"]["classifier"]
    assert report["dates"] >= 19
    assert own["slope"]["value"] == pytest.approx(1, abs=0.3)
    assert own["auc"]["value"] > report["scores"]["last_4_weeks"]["auc"]["value"]


def test_list_changes_from_week_to_week_and_after_the_rest(county):
    lists = watch_lists(county, FIRST, END)
    assert lists.week_before >= 0.4
    assert lists.after_rest >= 0.4
    assert lists.n_places > 90  # 18 visits a week and four weeks of rest would keep 90 places busy for ever


def test_silence_planted_into_the_busiest_villages_is_found(county):
    """Twelve villages stop reporting half a year before the end; the police go on writing down what they go to."""
    plain = county.facts[county.facts["role"].isin(["dispute", "petition", "complaint", "hazard"])]
    busy = plain["place"].value_counts().index[:12]
    start = END - SPELL_WEEKS
    gone = county.facts.index.isin(plain.index) & county.facts["place"].isin(busy) & (county.facts["week_known"] >= start)
    planted = pd.DataFrame({"place_code": busy, "week_from": start, "week_to": END, "share_reported": 0.0})
    found = judge_silences(replace(county, facts=county.facts[~gone]), planted, FIRST, END)
    assert len(found.found) >= 10
    assert found.found.mean() >= 0.85
    assert 0 < found.alarms / found.years < 0.5
    honest = judge_silences(county, planted, FIRST, END)
    assert honest.found.mean() < 0.5
