import numpy as np
import pandas as pd
import pytest

from models.closing_habits import LAST_DAYS_SHARE, MIN_CLOSED, count_closings, find_closing_habits

MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]


def offices(seed, n=24, *, usual=0.15, spread=0.0, bunched=0.0, per_month=25):
    """Return monthly counts of offices without a habit; offices differ by `spread`, months by `bunched` (correlations)."""
    rng = np.random.default_rng(seed)

    def vary(mean, correlation, size):
        if not correlation:
            return np.broadcast_to(mean, size)
        weight = (1 - correlation) / correlation
        return rng.beta(np.maximum(mean * weight, 1e-9), np.maximum((1 - mean) * weight, 1e-9), size)

    closed = rng.poisson(rng.lognormal(np.log(per_month), 0.7, n)[:, None, None] / 2, (n, 2, 12))
    rate = vary(usual, spread, n)[:, None] * np.array([0.4, 1.6])
    quick = rng.binomial(closed, np.minimum(vary(rate[:, :, None], bunched, closed.shape), 1))
    end = rng.binomial(closed, vary(np.full(closed.shape, LAST_DAYS_SHARE), bunched, closed.shape))
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(n)], ["dispute", "request"], MONTHS],
                                       names=["unit", "stream", "month"])
    return pd.DataFrame({"n_closed": closed.ravel(), "n_within_10": quick.ravel() // 4, "n_within_30": quick.ravel() // 2,
                         "n_within_60": quick.ravel(), "n_month_end": end.ravel()}, index=index).reset_index()


@pytest.mark.parametrize("kind", [{}, {"spread": 0.02}, {"spread": 0.08}, {"bunched": 0.1}, {"usual": 0.0},
                                  {"spread": 0.04, "bunched": 0.2}, {"per_month": 4, "spread": 0.02}])
def test_offices_that_only_differ_as_offices_do_are_not_named(kind):
    named = sum(int(find_closing_habits(offices(seed, **kind))["is_found"].sum()) for seed in range(12))
    assert named <= 12 * 24 / 24 / 2


@pytest.mark.parametrize(("share", "least"), [(0.45, 15), (0.7, 18)])
def test_office_with_a_habit_is_named_among_those_that_vary(share, least):
    planted, met, others = [("u03", "quick"), ("u04", "quick"), ("u07", "month_end")], 0, 0
    for seed in range(6):
        monthly = offices(seed, spread=0.02)
        rng = np.random.default_rng(seed)
        for unit, habit in planted:
            rows, column = monthly["unit"] == unit, "n_within_60" if habit == "quick" else "n_month_end"
            monthly.loc[rows, column] = rng.binomial(monthly.loc[rows, "n_closed"], share)
        monthly["n_within_30"] = monthly["n_within_10"] = 0
        found = find_closing_habits(monthly).query("is_found")
        named = set(zip(found["unit"], found["habit"], strict=True))
        met += len(named & set(planted))
        others += len(named - set(planted))
    assert met >= least
    assert others <= 1


def test_stream_that_is_always_closed_quickly_names_nobody():
    """One office handles mostly what everybody closes at once: its mixture explains its share."""
    rows = []
    for unit in range(12):
        for month in MONTHS:
            requests, disputes = (60, 2) if unit == 0 else (3, 40)
            rows += [(f"u{unit}", "request", month, requests, round(requests * 0.9)), (f"u{unit}", "dispute", month, disputes, 0)]
    monthly = pd.DataFrame(rows, columns=["unit", "stream", "month", "n_closed", "n_within_60"])
    monthly = monthly.assign(n_within_10=0, n_within_30=0, n_month_end=0)
    found = find_closing_habits(monthly)
    assert not found["is_found"].any()
    assert found.query("unit == 'u0' and habit == 'quick'")["share"].item() > 0.8


def test_one_great_batch_is_no_habit():
    monthly = offices(3)
    rows = (monthly["unit"] == "u05") & (monthly["month"] == "2025-12")
    monthly.loc[rows, ["n_closed", "n_month_end"]] = 120
    judged = find_closing_habits(monthly).query("unit == 'u05' and habit == 'month_end'").iloc[0]
    assert judged["share"] > 0.3
    assert not judged["is_found"]


def test_month_end_is_judged_by_the_calendar_even_where_all_do_it():
    monthly = offices(4)
    monthly["n_month_end"] = (monthly["n_closed"] * 0.6).astype(int)
    assert find_closing_habits(monthly).query("habit == 'month_end'")["is_found"].all()


def test_office_with_few_closings_has_counts_and_no_share():
    monthly = offices(5, n=6)
    monthly.loc[monthly["unit"] == "u02", ["n_closed", "n_within_10", "n_within_30", "n_within_60", "n_month_end"]] = 1
    few = find_closing_habits(monthly).query("unit == 'u02'")
    assert few["n_closed"].max() < MIN_CLOSED
    assert (few["reason"] == "too_few").all()
    assert few[["share", "p_value"]].isna().all(axis=None)
    assert (few["n_found"] > 0).all()


def test_nothing_closed_gives_no_rows():
    assert find_closing_habits(offices(1).iloc[:0]).empty


def test_closings_are_counted_by_minutes_and_days_left_in_the_month():
    at = pd.to_datetime(["2026-02-28 17:00", "2026-02-25 09:00", "2026-02-26 09:00", "2026-03-10 09:00", "2026-03-10 09:00"])
    before = pd.to_timedelta([5, 20, 60, 61, -3], unit="min")
    counted = count_closings(pd.DataFrame({"unit": "u", "stream": "dispute", "reported_at": at - before, "closed_at": at}))
    assert counted["month"].tolist() == ["2026-02", "2026-03"]
    assert counted["n_closed"].tolist() == [3, 2]
    assert counted["n_within_10"].tolist() == [1, 0]
    assert counted["n_within_30"].tolist() == [2, 0]
    assert counted["n_within_60"].tolist() == [3, 0]
    assert counted["n_month_end"].tolist() == [2, 0]


def test_holm_is_the_step_down_procedure():
    from models.closing_habits import _holm

    assert _holm(np.array([0.01, np.nan, 0.04, 0.03])).round(6).tolist()[::2] == [0.03, 0.06]
    assert np.isnan(_holm(np.array([0.01, np.nan]))[1])
