"""What is planted in the invented county can be seen in its files, at the size it was planted."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from govdesk.clock import monday_of, week_of
from govdesk.rules.lunar_calendar import spring_festival
from govdesk.synthetic.seasons import weeks_from_festival
from tests.support import sample_county
from tests.support.sample_county import FIRST_WEEK, LAST_WEEK, facts, read

LAND = ["land_forest", "works_compensation"]


def _by_village(incidents):
    """Return weekly counts, villages × complete weeks."""
    counts = incidents.groupby(["village", "week"]).size().unstack(fill_value=0)
    return counts.reindex(columns=range(FIRST_WEEK, LAST_WEEK), fill_value=0)


def _by_stream():
    counts = read("incidents").groupby(["week", "stream"]).size().unstack(fill_value=0)
    return counts.loc[: LAST_WEEK - 4]  # the last weeks' lists are not typed in yet


def test_every_full_year_has_about_twelve_thousand_incidents():
    years = read("incidents")["occurred_on"].dt.year.value_counts()
    assert all(10_000 <= years[year] <= 14_000 for year in range(2020, 2026))


def test_shares_of_the_five_streams():
    shares = read("incidents")["stream"].value_counts(normalize=True)
    assert set(shares.index) == {"dispute", "petition", "hazard", "request", "public_order"}
    assert shares.between(0.08, 0.40).all()


def test_spring_festival_is_the_lunar_one():
    assert [spring_festival(year) for year in (2020, 2023, 2026)] == [
        date(2020, 1, 25), date(2023, 1, 22), date(2026, 2, 17)]


def test_disputes_and_petitions_rise_before_spring_festival_and_all_fall_in_it():
    counts = _by_stream()
    gaps = counts.index.map(lambda week: weeks_from_festival(int(week)))
    # Spring is the quiet time to compare with: the harvest lies in the rest of the year.
    before, during, spring = counts[(gaps > -4) & (gaps < -1)], counts[abs(gaps) < 0.6], counts[(gaps > 4) & (gaps < 14)]
    assert before["petition"].mean() > 1.2 * spring["petition"].mean()
    assert before["dispute"].mean() > 1.05 * spring["dispute"].mean()
    assert (during.mean() < 0.8 * spring.mean()).all()


def test_hazards_rise_in_the_floods_and_disputes_at_harvest():
    counts = _by_stream()
    of_year = counts.index.map(lambda week: monday_of(int(week)).timetuple().tm_yday // 7)
    quiet = (of_year >= 44) | (of_year <= 1)
    assert counts["hazard"][(of_year >= 21) & (of_year <= 27)].mean() > 1.4 * counts["hazard"][quiet].mean()
    assert counts["dispute"][(of_year >= 37) & (of_year <= 41)].mean() > 1.1 * counts["dispute"][quiet].mean()


def test_works_raise_land_disputes_in_their_villages():
    works = read("works")
    counts = _by_village(read("incidents").query("category in @LAND and stream == 'dispute'"))
    running = pd.DataFrame(False, index=counts.index, columns=counts.columns)
    for row in works[works["place_code"].isin(counts.index)].itertuples():
        begins, ends = (week_of(date.fromisoformat(day)) for day in (row.started_on, row.ended_on))
        running.loc[row.place_code, begins : ends - 1] = True
    own = running.any(axis=1).to_numpy()
    counted, during = counts.to_numpy()[own], running.to_numpy()[own]
    assert own.sum() > 80
    assert counted[during].mean() >= 2 * counted[~during].mean()


@pytest.mark.parametrize(("streams", "in_app", "least", "most"), [
    (("hazard", "request"), True, 1.3, 1.7), (("hazard", "request"), False, 0.85, 1.15),
    (("dispute", "petition", "public_order"), True, 0.85, 1.2), (("dispute", "petition", "public_order"), False, 0.85, 1.15),
])
def test_app_makes_a_jump_where_and_in_what_it_reports(streams, in_app, least, most):
    incidents = read("incidents")
    # The files say where and since when; the truth agrees.
    changes = read("source_changes")
    assert set(changes["place_code"]) == set(facts()["app_townships"])
    on = week_of(date.fromisoformat(changes["on"].iloc[0]))
    rows = incidents[incidents["stream"].isin(streams) & (incidents["township"].isin(changes["place_code"]) == in_app)]
    before, after = rows["week"].between(on - 104, on - 1).sum(), rows["week"].between(on, on + 103).sum()
    assert least <= after / before <= most


def test_no_report_comes_by_app_before_it_exists():
    incidents = read("incidents")
    by_app = incidents[incidents["channel"] == "app"]
    assert len(by_app) > 1_000
    assert by_app["township"].isin(facts()["app_townships"]).all()
    assert by_app["week"].min() >= week_of(date.fromisoformat(facts()["app_on"]))


def _first_closings():
    steps = read("steps")
    closings = steps[steps["kind"] == "close"].sort_values("occurred_at").drop_duplicates("incident_ref")
    return closings.set_index("incident_ref").join(read("incidents").set_index("source_ref")[["reported_at", "handling_unit"]])


def test_fast_closers_close_within_the_hour_and_nobody_else():
    closings = _first_closings()
    fast = ((closings["occurred_at"] - closings["reported_at"]) <= pd.Timedelta(minutes=60)).groupby(closings["handling_unit"]).mean()
    planted = fast.index.isin(facts()["fast_units"])
    assert planted.sum() == 3
    assert (fast[planted] >= 0.4).all()
    assert (fast[~planted] < 0.05).all()


def test_batchers_close_on_the_last_day_of_the_month():
    closings = _first_closings()
    at = closings["occurred_at"]
    batch = (at.dt.is_month_end & (at.dt.hour == 17)).groupby(closings["handling_unit"]).mean()
    planted = batch.index.isin(facts()["batch_units"])
    assert planted.sum() == 3
    assert (batch[planted] >= 0.5).all()
    assert (batch[~planted] < 0.05).all()


def test_silent_villages_report_less_than_half():
    silent = read("silent", truth=True).query("share_reported <= 0.3")
    counts = _by_village(read("incidents").query("stream != 'public_order'"))
    in_silence, expected = 0, 0.0
    for row in silent[silent["place_code"].isin(counts.index)].itertuples():
        weekly = counts.loc[row.place_code]
        during = weekly[(weekly.index >= row.week_from) & (weekly.index < row.week_to)]
        in_silence += during.sum()
        expected += weekly[weekly.index < row.week_from].mean() * len(during)
    assert expected > 300
    assert in_silence < 0.5 * expected


def test_silent_villages_hand_in_no_nil_returns():
    silent, nil = read("silent", truth=True), read("nil_returns")
    begins = nil["period_from"].map(lambda day: week_of(date.fromisoformat(day)))
    met = nil.assign(week=begins).merge(silent, on="place_code")
    assert len(met) > 300
    assert not ((met["week"] >= met["week_from"]) & (met["week"] < met["week_to"])).any()


def test_nil_return_never_contradicts_a_reported_dispute():
    disputes = read("incidents").query("stream == 'dispute'")
    met = set(zip(disputes["village"], disputes["reported_at"].dt.strftime("%Y-%m-01"), strict=True))
    nil = read("nil_returns")
    assert not met & set(zip(nil["place_code"], nil["period_from"], strict=True))


def test_vacancies_lower_the_reports_of_grid_workers():
    incidents = read("incidents").query("channel == 'grid_worker'")
    days = {code: np.sort(rows.to_numpy("datetime64[D]")) for code, rows in incidents.groupby("place_code")["occurred_on"]}
    places = read("places").set_index("code")
    begins = places["valid_from"].fillna("2019-11-25").astype("datetime64[s]")
    ends = places["valid_to"].fillna(str(sample_county.UNTIL)).astype("datetime64[s]")
    met, expected = 0, 0.0
    for row in read("vacancies").itertuples():
        code = row.post_code[:-2]
        start, end = max(row.from_on, begins[code]), min(row.to_on, ends[code])
        dates = days.get(code, np.array([], "datetime64[D]"))
        inside = np.searchsorted(dates, np.datetime64(end, "D")) - np.searchsorted(dates, np.datetime64(start, "D"))
        met += inside
        rest = (ends[code] - begins[code]).days - (end - start).days
        expected += (len(dates) - inside) / max(rest, 1) * (end - start).days
    assert expected > 200
    assert 0.2 <= met / expected <= 0.6


def _escalations():
    """Return the disputes that escalate, by what says so; all of it can be read from the files."""
    steps, mediations = read("steps"), read("mediations")
    reopened = steps[steps["kind"] == "reopen"].groupby("incident_ref").size()
    due = mediations["performance_due_on"].notna()
    late = mediations["performed_on"].isna() | (mediations["performed_on"] > mediations["performance_due_on"])
    raised = steps[(steps["kind"] == "refer_up") & steps["level"].isin(["county", "beyond"])]
    refs = {"reopened_twice": reopened.index[reopened >= 2], "not_performed": mediations.loc[due & late, "incident_ref"],
            "police": mediations.loc[mediations["channel"] == "police_handover", "incident_ref"],
            "county": raised["incident_ref"]}
    disputes = read("incidents").query("stream == 'dispute'")
    return {name: disputes[disputes["source_ref"].isin(found)] for name, found in refs.items()}


def _four_week_share(rows):
    n = (LAST_WEEK - FIRST_WEEK) // 4
    rows = rows[rows["week"] < FIRST_WEEK + 4 * n]
    return rows.groupby(["village", (rows["week"] - FIRST_WEEK) // 4]).ngroups / (364 * n)


@pytest.mark.parametrize(("kind", "least"), [("reopened_twice", 0.005), ("not_performed", 0.02), ("police", 0.02), ("county", 0.02)])
def test_each_kind_of_escalation_can_be_derived(kind, least):
    assert least <= _four_week_share(_escalations()[kind]) <= 0.25


def test_four_week_escalation_rate_of_villages_is_learnable():
    assert 0.02 <= _four_week_share(pd.concat(_escalations().values()).drop_duplicates("source_ref")) <= 0.25


def test_agreement_is_written_down_only_when_its_performance_was_checked():
    mediations = read("mediations")
    late = mediations["performed_on"].isna() & mediations["performance_due_on"].notna()
    assert late.sum() > 200
    assert (mediations.loc[late, "recorded_at"] > pd.to_datetime(mediations.loc[late, "performance_due_on"])).all()


def test_disputes_spread_to_neighbours():
    """Ordinary disputes of a week go with the neighbours' of the six weeks before, more than with other villages'."""
    incidents = read("incidents").query("stream == 'dispute' and category not in @LAND")
    counts = _by_village(incidents)
    counts = counts[counts.sum(axis=1) > 20]
    values = counts.to_numpy(dtype=float)
    expected = np.outer(values.sum(axis=1), values.sum(axis=0)) / values.sum()
    excess = (values - expected) / np.sqrt(expected)
    # What is slow in a village (its hidden regime, its silence) is not contagion: the mean of a year around is taken off.
    excess -= pd.DataFrame(excess.T).rolling(52, center=True, min_periods=20).mean().to_numpy().T
    recent = pd.DataFrame(excess.T).rolling(6).mean().shift(1).to_numpy().T[:, 6:]
    now = excess[:, 6:]
    near = _adjacent(counts.index)
    weight = near / near.sum(axis=1, keepdims=True)
    product = now @ recent.T  # villages × villages
    observed = (weight * product).sum()
    rng = np.random.default_rng(7)
    permuted = []
    for _ in range(400):
        order = rng.permutation(len(near))
        permuted.append((weight * product[np.ix_(order, order)]).sum())
    assert (observed - np.mean(permuted)) / np.std(permuted) > 3


def _adjacent(codes):
    import json

    features = json.loads((sample_county.make() / "villages.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {item["properties"]["code"]: shapely.geometry.shape(item["geometry"]) for item in features}
    tree = shapely.STRtree([shapes[code] for code in codes])
    one, other = tree.query(tree.geometries, predicate="touches")
    near = np.zeros((len(codes), len(codes)))
    near[one, other] = 1.0
    return near
