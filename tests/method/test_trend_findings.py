"""What the page of trends says of the sample county and of quiet ones: works seen, the app named, silence otherwise."""

from datetime import date

import numpy as np
import pandas as pd

from govdesk.clock import week_of
from govdesk.queries.trend_findings import NEAR, Vocabulary, describe_changes
from govdesk.queries.trends import SourceChange, breaks_by_place
from models.trend import find_changes_in_many, reasons_for_silence
from tests.support import quiet_county, sample_county
from tests.support.sample_county import FIRST_WEEK, LAST_WEEK, facts, read

LAND = ["land_forest", "works_compensation"]
BOTH = {"zh": "乡镇", "en": "townships"}
WORDS = Vocabulary({"zh": "件", "en": "Cases"}, {}, {}, {}, BOTH, {"zh": "县", "en": "county"})
WEEKS = range(FIRST_WEEK, LAST_WEEK - 4)  # the last weeks' lists are not typed in yet


def by_township(incidents):
    counts = incidents.groupby(["week", "township"]).size().unstack(fill_value=0)
    return counts.reindex(WEEKS, fill_value=0).astype(float)


def app_change():
    rows = read("source_changes")
    places = tuple(sorted(rows["place_code"]))
    on = rows["on"].iloc[0]
    return SourceChange(week_of(date.fromisoformat(on)), on, "new_app", places, frozenset(places), "")


def find(weekly, changes, **options):
    flags = find_changes_in_many(weekly, known_breaks=breaks_by_place(changes, list(weekly)), **options)
    return describe_changes(flags, changes, WORDS, weeks=range(int(weekly.index[0]), int(weekly.index[-1]) + 1),
                            last_week=int(weekly.index[-1]))


def test_jump_of_the_new_app_is_said_to_be_recording_and_never_a_rise():
    app = app_change()
    weekly = by_township(read("incidents").query("stream in ('hazard', 'request')"))
    unaware = find_changes_in_many(weekly)
    near = unaware[(unaware["week_from"] - app.week).abs() <= 8]
    assert near["series"].isin(app.place_codes).sum() >= 4  # whoever does not know of the app takes it for a rise
    found = find(weekly, (app,))
    recording = [one for one in found if not one.is_real]
    assert len(recording) >= 4
    assert {one.series[0] for one in recording} <= set(facts()["app_townships"])
    for one in recording:
        assert "not counted as a real rise" in one.sentence("en")
    assert not [one for one in found if one.is_real and abs(one.week_from - app.week) <= 8 + NEAR
                and set(one.series) & set(app.place_codes)]


def test_works_are_found_in_land_disputes_where_and_when_they_went_on():
    works, incidents = read("works"), read("incidents").query("stream == 'dispute' and category in @LAND")
    villages = pd.Index(sorted(set(sample_county.read("incidents")["village"])))
    running = pd.DataFrame(0.0, index=list(WEEKS), columns=sorted({code[:9] for code in villages}))
    for row in works[works["place_code"].isin(villages)].itertuples():
        begins, ends = (week_of(date.fromisoformat(day)) for day in (row.started_on, row.ended_on))
        running.loc[begins : ends - 1, row.place_code[:9]] += 1
    rises = [(one, code) for one in find(by_township(incidents), (app_change(),)) for code in one.series
             if one.is_real and one.direction == "rise"]
    assert len({code for _, code in rises}) >= 8
    agreeing = 0
    for one, code in rises:
        here = running[code]
        during = here.loc[one.week_from : one.week_to - 1].mean()
        agreeing += during > here.drop(range(one.week_from, min(one.week_to, WEEKS.stop))).mean()
    assert agreeing >= 0.85 * len(rises)


def test_quiet_counties_have_at_most_5_of_100_series_said_to_have_changed():
    said = heard = 0
    for seed in (911, 912, 913):
        counts = quiet_county.draw(seed, shock=0.15, season=0.3, persistence=0.5)
        rows = counts[:, :6].sum(axis=1).T
        weekly = pd.DataFrame(rows, index=np.arange(2600, 2600 + len(rows)), columns=[f"T{t:02d}" for t in range(24)])
        heard += int((reasons_for_silence(weekly) == "").sum())
        said += len({code for one in find(weekly, ()) for code in one.series})
    assert heard >= 60
    assert said <= 0.05 * heard


def test_doubling_planted_in_four_townships_is_one_sentence_with_its_week():
    counts = quiet_county.draw(77, per_week=600.0, shock=0.05)[:, :6].sum(axis=1)
    rng, since = np.random.default_rng(1), 330
    counts[:4, since:] += rng.poisson(np.maximum(counts[:4, :since].mean(axis=1), 1)[:, None], (4, counts.shape[1] - since))
    names = [f"T{t:02d}" for t in range(24)]
    weekly = pd.DataFrame(counts.T, index=np.arange(2600, 2600 + counts.shape[1]), columns=names)
    first = find(weekly, ())[0]
    assert set(first.series) == {"T00", "T01", "T02", "T03"}
    assert abs(first.week_from - (2600 + since)) <= 4
    assert 1.6 < first.ratio < 2.5
    assert "in 4 townships" in first.sentence("en")
