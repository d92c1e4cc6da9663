"""The sweep over visits a week against a plain loop, and what may stand on which list."""

import numpy as np
import pandas as pd
import pytest

from models.panel import build_panel
from models.threshold_sweep import (
    METHODS,
    TWO_LISTS,
    Judging,
    catch_by_part,
    count_bands,
    events_of_panel,
    rank_lists,
    spread_predictions,
    sweep_visits,
)
from models.thresholds import judge_lists, summarise
from models.weekly_lists import Events

N_WEEKS, N_PLACES, HORIZON, FIRST = 40, 9, 4, 2900


def make_predictions(seed=3):
    """Return rows as a stored backtest has them; place 0 has too few records, onset is in scope half the time."""
    rng = np.random.default_rng(seed)
    rows = []
    for label in ("elevated", "onset", "surge"):
        for week in range(FIRST, FIRST + N_WEEKS):
            for place in range(N_PLACES):
                row = {"as_of": week, "place_code": f"P{place}", "label": label, "outcome": float(rng.random() < 0.3),
                       "in_scope": label != "onset" or rng.random() < 0.5, "records_52": 4 if place == 0 else 5 + place}
                row |= {"classifier": rng.random(), "eb52": rng.random(), "last_52_weeks": float(rng.integers(0, 3)),
                        "last_4_weeks": float(rng.integers(0, 2)), "points": float(rng.integers(0, 4))}
                rows.append(row)
    return pd.DataFrame(rows).sample(frac=1, random_state=1)


def make_judging(seed=4, n=30):
    rng = np.random.default_rng(seed)
    week = rng.integers(FIRST, FIRST + N_WEEKS, n)
    events = Events(rng.integers(0, N_PLACES, n), week, week + rng.integers(0, 3, n))
    return Judging(events, HORIZON, FIRST + N_WEEKS - 2)


def list_by_hand(predictions, method, k, share, judging, rest=4):
    """Return {week: {place: list}} made place by place; scores must not tie."""
    rows = predictions.set_index(["label", "as_of", "place_code"])
    n_quiet = int(k * share + 0.5) if method in TWO_LISTS else 0
    listed, last = {}, {}
    for week in range(FIRST, FIRST + N_WEEKS):
        awake = [p for p in range(N_PLACES) if week - last.get(p, -99) > rest or any(
            last[p] <= known < week for q, known in zip(judging.events.place, judging.events.week_known, strict=True)
            if q == p)]
        order = {}
        for label in ("elevated", "onset"):
            told = [p for p in awake if (method != "classifier" or p != 0)
                    and (label == "elevated" or (method in TWO_LISTS and rows.loc[label, week, f"P{p}"]["in_scope"]))]
            order[label] = sorted(told, key=lambda p: -rows.loc[label, week, f"P{p}"][method])
        high = order["elevated"][: k - n_quiet]
        quiet = [p for p in order["onset"] if p not in high][:n_quiet]
        left = k - n_quiet - len(high), n_quiet - len(quiet)
        high += [p for p in order["elevated"] if p not in high + quiet][: left[1]]
        quiet += [p for p in order["onset"] if p not in high + quiet][: left[0]]
        listed[week] = set(high) | set(quiet)
        last |= dict.fromkeys(listed[week], week)
    return listed


def judge_by_hand(listed, judging):
    """Return (events, caught, visits, found) over what can be judged."""
    caught = n = visits = found = 0
    for place, week in zip(judging.events.place, judging.events.week, strict=True):
        if FIRST + HORIZON - 1 <= week < judging.known_until:
            n += 1
            caught += any(place in listed.get(week - back, ()) for back in range(HORIZON))
    shares = []
    coming = list(zip(judging.events.place, judging.events.week, strict=True))
    for week, places in listed.items():
        if week + HORIZON <= judging.known_until:
            hits = sum(any(q == p and week <= w < week + HORIZON for q, w in coming) for p in places)
            visits, found = visits + len(places), found + hits
            shares += [hits / len(places)] if places else []
    return n, caught, visits, found, np.mean(shares)


@pytest.mark.parametrize(("method", "share"), [("classifier", 0.5), ("classifier", 0.0), ("eb52", 0.3)])
def test_curve_equals_a_plain_loop(method, share):
    predictions, judging = make_predictions(), make_judging()
    scores = spread_predictions(predictions)
    sweep = sweep_visits(scores, judging, np.arange(1, 8), share, method)
    for k in (1, 3, 4, 7):
        row = sweep.curve.iloc[sweep.at(k)]
        by_hand = judge_by_hand(list_by_hand(predictions, method, k, share, judging), judging)
        ours = row[["n_events", "n_caught", "n_listed", "n_found"]].astype(int).tolist()
        assert ours == list(by_hand[:4])
        assert row["found_share"] == pytest.approx(by_hand[4])
        assert row["n_missed"] == by_hand[0] - by_hand[1]
        assert row["visits"] == k


def test_village_with_too_few_records_is_named_by_baselines_only():
    scores = spread_predictions(make_predictions())
    for method in METHODS:
        sweep = sweep_visits(scores, make_judging(), np.array([N_PLACES]), 0.5, method)
        assert bool(sweep.lists[0, :, 0].any()) == (method != "classifier")
    assert np.isnan(scores.probability[:, 0]).all()
    assert not rank_lists(scores)[0][:, 0].any()


def test_counts_make_one_list_and_ours_two():
    scores = spread_predictions(make_predictions())
    for method in METHODS:
        lists = sweep_visits(scores, make_judging(), np.array([4]), 0.5, method).lists
        assert set(np.unique(lists)) == ({0, 1, 2} if method in TWO_LISTS else {0, 1})


def test_parts_of_the_places_add_up_to_the_whole_and_equal_the_judging_of_each():
    scores, judging = spread_predictions(make_predictions()), make_judging()
    sweep = sweep_visits(scores, judging, np.arange(1, 6), 0.5)
    first = np.arange(N_PLACES) < 4
    parts = catch_by_part(sweep, 3, {"first": first, "rest": ~first, "quiet": scores.quiet}, scores, judging)
    whole = sweep.curve.iloc[2]
    assert parts["n_events"].iloc[:2].sum() == whole["n_events"]
    assert parts["n_caught"].iloc[:2].sum() == whole["n_caught"] > 0
    for row, inside in zip(parts.itertuples(), (first, ~first, scores.quiet), strict=True):
        judged = judge_lists(sweep.lists[2:3], weeks=scores.weeks, events=judging.events, visits=sweep.visits[2:3],
                             horizon=HORIZON, known_until=judging.known_until, counted=inside)
        one = summarise(judged).iloc[0]
        assert (row.n_events, row.n_caught, row.n_listed) == (one["n_events"], one["n_caught"], judged.listed.sum())
        assert (row.share, row.low, row.high) == pytest.approx(
            (one["caught_share"], one["caught_share_low"], one["caught_share_high"]))


def test_events_net_corrections_and_leave_out_other_places():
    facts = pd.DataFrame([("A", 10, 12, 1), ("A", 10, 11, 1), ("A", 10, 15, -1), ("B", 3, 3, 1), ("C", 5, 5, 1),
                          ("C", 5, 6, -1), ("A", 20, 21, 2)], columns=["place", "week_occurred", "week_known", "weight"])
    panel = build_panel(facts, places=("A", "B", "C"), first_week=0, end_week=30)
    events = events_of_panel(panel, ("C", "A"))
    found = sorted(zip(events.place.tolist(), events.week.tolist(), events.week_known.tolist(), strict=True))
    assert found == [(1, 10, 11), (1, 20, 21), (1, 20, 21)]


def test_bands_count_places_a_week_and_what_came_true():
    rows = [{"as_of": 1 + week, "place_code": f"P{place}", "label": label, "in_scope": True, "records_52": 9 - 8 * (place == 4),
             "outcome": np.nan if week == 2 else float(place == 0), "eb52": 0, "last_52_weeks": 0, "last_4_weeks": 0,
             "points": 0, "classifier": (0.3, 0.2, 0.15 if week else 0.25, 0.05, 0.9)[place]}
            for label in ("elevated", "onset") for week in range(3) for place in range(5)]
    bands = count_bands(spread_predictions(pd.DataFrame(rows)), (0.3, 0.2, 0.1))
    assert bands["mean"].round(2).tolist() == [1, 1.33, 0.67, 1, 1]
    assert bands[["low", "high"]].to_numpy().tolist() == [[1, 1], [1, 2], [0, 1], [1, 1], [1, 1]]
    assert bands["n_known"].tolist() == [2, 3, 1, 2, 2]
    assert bands["n_true"].tolist() == [2, 0, 0, 0, 0]
    with pytest.raises(ValueError, match="fall"):
        count_bands(spread_predictions(pd.DataFrame(rows)), (0.3, 0.3, 0.1))


def test_label_whose_classifier_is_beaten_is_ranked_by_the_baseline():
    predictions = make_predictions().assign(eb52_recalibrated=lambda rows: rows["eb52"] / 2)
    plain, beaten = spread_predictions(predictions), spread_predictions(predictions, {"elevated": "eb52_recalibrated"})
    ranks = [rank_lists(scores)[0] for scores in (plain, beaten)]
    assert (ranks[0] != ranks[1]).any()
    shown = ~np.isnan(beaten.probability)
    assert np.array_equal(beaten.probability[shown], plain.elevated["eb52"][shown] / 2)
    assert np.array_equal(beaten.onset["classifier"], plain.onset["classifier"], equal_nan=True)
