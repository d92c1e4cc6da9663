"""Contributions sum to the score; a change is split into parts that sum to it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.explanation import (
    BASE,
    NO_BAND,
    LinearScore,
    band_of,
    contributions,
    explain,
    log_odds,
    round_parts,
    split_band_change,
    split_change,
)

SCORE = LinearScore(("rate", "county", "season"), (0.5, 0.2, -0.1), (1.0, 0.0, 0.0), (2.0, 1.0, 1.0), -1.5)
LINES = {"county_and_season": ("county", "season")}


def values(*rows, places=None, columns=("rate", "county", "season")):
    return pd.DataFrame(list(rows), columns=list(columns), index=places, dtype=float)


def test_contribution_is_coefficient_times_standardised_value():
    parts = contributions(SCORE, values((5, 1, 2)))
    assert parts.loc[0].tolist() == pytest.approx([-1.5, 1.0, 0.2, -0.2])
    assert log_odds(SCORE, values((5, 1, 2)))[0] == pytest.approx(-0.5)


def test_columns_are_found_by_name_not_by_position():
    turned = values((2, 5, 1), columns=("season", "rate", "county"))
    assert log_odds(SCORE, turned)[0] == pytest.approx(-0.5)
    with pytest.raises(KeyError):
        log_odds(SCORE, turned.drop(columns="rate"))


def test_county_and_season_are_one_line_for_all():
    lines = explain(SCORE, values((5, 1, 2), (1, 1, 2)), LINES, common="county_and_season")
    assert lines.columns.tolist() == [BASE, "rate", "county_and_season"]
    assert lines["county_and_season"].tolist() == pytest.approx([0.0, 0.0])
    with pytest.raises(ValueError, match="same for all"):
        explain(SCORE, values((5, 1, 2), (1, 3, 2)), LINES, common="county_and_season")


def test_feature_in_two_lines_is_refused():
    with pytest.raises(ValueError, match="two lines"):
        explain(SCORE, values((5, 1, 2)), {"a": ("rate",), "b": ("rate",)})


def test_impossible_classifier_is_refused():
    with pytest.raises(ValueError, match="twice"):
        LinearScore(("a", "a"), (1, 1), (0, 0), (1, 1), 0)
    with pytest.raises(ValueError, match="above 0"):
        LinearScore(("a",), (1,), (0,), (0,), 0)
    with pytest.raises(ValueError, match="length"):
        LinearScore(("a",), (1, 2), (0,), (1,), 0)


def test_change_has_three_parts_in_a_fixed_order():
    new = LinearScore(SCORE.features, (1.0, 0.2, -0.1), SCORE.means, SCORE.scales, -1.0)
    change = split_change((SCORE, values((1, 0, 0), places=["a"])), (new, values((9, 1, 0), places=["a"])),
                          values((5, 1, 0), places=["a"]), LINES)
    row = change.parts.loc["a"]
    assert row["before"] == pytest.approx(-1.5)
    assert row["data"] == pytest.approx(0.5 * 4 / 2 + 0.2)  # old classifier, old borders
    assert row["classifier"] == pytest.approx(0.5 * 4 / 2 + 0.5)  # on the new data
    assert row["place"] == pytest.approx(1.0 * 4 / 2)  # new classifier
    assert row["after"] == pytest.approx(-1.0 + 4 + 0.2)
    assert change.data_lines.loc["a"].tolist() == pytest.approx([1.0, 0.2])


def test_nothing_changed_is_no_change():
    same = values((3, 1, 2), places=["a"])
    change = split_change((SCORE, same), (SCORE, same), same, LINES)
    assert change.parts.loc["a", ["data", "classifier", "place"]].tolist() == [0, 0, 0]


def test_new_borders_alone_are_no_change_of_data():
    old, new = values((3, 1, 2), places=["a"]), values((4, 1, 2), places=["a"])
    row = split_change((SCORE, old), (SCORE, new), old, LINES).parts.loc["a"]
    assert row[["data", "classifier"]].tolist() == [0, 0]
    assert row["place"] == pytest.approx(0.25)


def test_place_new_this_week_has_no_parts():
    old, new = values((3, 1, 2), places=["a"]), values((4, 1, 2), (5, 1, 2), places=["a", "b"])
    parts = split_change((SCORE, old), (SCORE, new), new, LINES).parts
    assert parts.loc["b", ["before", "data", "classifier", "place"]].isna().all()
    assert parts.loc["b", "after"] == pytest.approx(log_odds(SCORE, new)[1])


def test_band_begins_on_its_edge():
    assert band_of(np.array([0.6, 0.59, 0.4, 0.1, np.nan]), (0.6, 0.4, 0.2)).tolist() == [0, 1, 1, 3, NO_BAND]
    with pytest.raises(ValueError, match="fall strictly"):
        band_of(np.array([0.5]), (0.4, 0.4))


def test_band_change_by_new_edges_is_told_apart():
    before, after = np.array([0.5, 0.5, 0.3, np.nan]), np.array([0.5, 0.7, 0.45, 0.5])
    rows = split_band_change((before, after), ((0.6, 0.4), (0.5, 0.2)))
    assert rows["by_score"].tolist() == [0, -1, -1, 0]
    assert rows["by_edges"].tolist() == [-1, 0, 0, 0]
    assert rows["after"].tolist() == [0, 0, 1, 0]


numbers = st.floats(-50, 50)


@st.composite
def scores(draw, names=("rate", "county", "season")):
    n = len(names)
    some = st.lists(numbers, min_size=n, max_size=n)
    scales = draw(st.lists(st.floats(0.1, 10), min_size=n, max_size=n))
    return LinearScore(tuple(names), tuple(draw(some)), tuple(draw(some)), tuple(scales), draw(numbers))


rows3 = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None)
@given(scores(), rows3)
def test_lines_always_sum_to_the_score(score, rows):
    frame = values(*rows)
    found = explain(score, frame, LINES).to_numpy().sum(axis=1)
    assert found == pytest.approx(log_odds(score, frame), rel=1e-12, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(scores(), scores(("season", "rate", "works")), st.tuples(*[numbers] * 12))
def test_parts_always_sum_to_the_difference(old, new, cells):
    columns = ("rate", "county", "season", "works")
    was, between, now = (values(cells[i: i + 4], places=["a"], columns=columns) for i in (0, 4, 8))
    change = split_change((old, was), (new, now), between, LINES)
    row = change.parts.loc["a"]
    assert row["before"] + row["data"] + row["classifier"] + row["place"] == pytest.approx(row["after"], abs=1e-6)
    assert row["after"] == log_odds(new, now)[0]
    assert change.data_lines.loc["a"].sum() == pytest.approx(row["data"], abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=12))
def test_shown_parts_sum_to_the_shown_total(parts):
    parts = np.array(parts)
    shown = round_parts(parts)
    assert shown.sum() == pytest.approx(round(float(parts.sum()), 2), abs=0.0101 if abs(parts.sum() * 100 % 1 - 0.5) < 1e-6 else 1e-9)
    assert np.all(np.abs(shown - parts) < 0.01 + 1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.lists(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), min_size=1, unique=True), st.lists(st.sampled_from([0.2, 0.4, 0.6, 0.8]), min_size=1, unique=True))
def test_band_parts_sum_to_the_change(p, old, new):
    edges = sorted(old, reverse=True), sorted(new, reverse=True)
    row = split_band_change((np.array(p[:1]), np.array(p[1:])), edges).iloc[0]
    assert row["by_score"] + row["by_edges"] == row["after"] - row["before"]
