"""No number of fewer than five filled posts leaves the sums of staffing, and none follows by adding or subtracting.

Each unit's incidents are a power of two, so that every published number says of which units it is the sum. Whatever
linear combination of published numbers gives the incidents of some units, these must be enough posts, or none at all.
"""

import itertools

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from govdesk.queries.staffing_sums import (
    WORK_COLUMNS,
    UnitPosts,
    add_loads,
    find_state,
    hide_lonely_kinds,
    list_groups,
    sum_districts,
    sum_weeks,
)

DAYS = 3  # of the window; a last one is today


@st.composite
def unit_posts(draw):
    standing = draw(st.lists(st.integers(0, 7), min_size=DAYS + 1, max_size=DAYS + 1)) if draw(st.booleans()) else \
        [draw(st.integers(0, 9))] * (DAYS + 1)
    filled = [max(0, n - draw(st.integers(0, 2))) for n in standing]
    return UnitPosts(np.array(standing), np.array(filled))


counties = st.lists(st.lists(unit_posts(), min_size=1, max_size=4), min_size=1, max_size=3)
FEW = UnitPosts(np.array([3] * (DAYS + 1)), np.array([3] * (DAYS + 1)))
MANY = UnitPosts(np.array([9] * (DAYS + 1)), np.array([6] * (DAYS + 1)))


def is_safe(some):
    """Return whether nobody's work is told by these units together: five filled on every day on which posts stand."""
    days = [(sum(int(one.standing[day]) for one in some), sum(int(one.filled[day]) for one in some))
            for day in range(DAYS + 1)]
    return all(standing == 0 or filled >= 5 for standing, filled in days)


def publish(county):
    """Return the atoms (district, unit), and every sum of their incidents that leaves the sums."""
    codes = [f"d{number}" for number in range(len(county))]
    units, counts, atoms, posts = {}, {}, [], []
    for code, drawn in zip(codes, county, strict=True):
        named = [("" if number == 0 and len(drawn) > 2 else f"{code}u{number}", one) for number, one in enumerate(drawn)]
        units[code] = dict(sorted(named))
        for unit, one in [*named, (f"{code}bare", UnitPosts(np.zeros(DAYS + 1, int), np.zeros(DAYS + 1, int)))]:
            counts[code, unit] = np.array([float(2 ** len(atoms)), 0.0])
            atoms.append((code, unit))
            posts.append(one)
    places = pd.DataFrame({"name": "n", "kind": "plain"}, index=[unit for _, unit in atoms])
    states = {code: find_state(units[code]) for code in codes}
    groups = list_groups(states, units, counts, places, 1.0)
    stock = pd.DataFrame({"place_code": codes, "n_open": 1, "n_with_due": 1, "n_overdue": 1})
    found, kinds = add_loads(sum_districts(codes, units), groups, sum_weeks(codes, counts, 2), stock, 1.0)
    hidden = found[found["state"] == "few"]
    assert hidden[list(WORK_COLUMNS)].isna().all().all()
    assert all(one is None for one in hidden["by_week"])
    told = found[found["state"] != "few"]
    sums = [*told["n_new"], *groups["n_new"], told["n_new"].sum()]
    sums += [round(rate * groups["post_weeks"].sum()) for rate in kinds["rate"]]
    return atoms, posts, groups, [int(one) for one in sums]


@settings(max_examples=150, deadline=None)
@given(counties)
@example([[MANY], [FEW]])
@example([[UnitPosts(np.array([0, 0, 0, 5]), np.array([0, 0, 0, 5]))]])  # posts that stand since today
@example([[FEW, MANY, FEW], [MANY, FEW]])
@example([[FEW, FEW, FEW], [FEW]])
def test_whatever_is_published_and_subtracted_tells_of_five_filled_posts_or_of_none(county):
    atoms, posts, _groups, sums = publish(county)
    n = len(atoms)
    published = np.array([[total >> bit & 1 for bit in range(n)] for total in sums] or [[0] * n], dtype=float)
    inside = np.linalg.pinv(published) @ published
    subsets = np.array(list(itertools.product((0.0, 1.0), repeat=n)))
    reached = np.abs(subsets @ inside - subsets).max(axis=1) < 1e-9
    for subset in subsets[reached]:
        assert is_safe([one for one, bit in zip(posts, subset, strict=True) if bit])


@settings(max_examples=80, deadline=None)
@given(counties)
def test_groups_are_whole_districts_cut_in_order_of_code(county):
    _, _, groups, _ = publish(county)
    for district, part in groups.groupby("district"):
        units = [unit for some in part["units"] for unit in some]
        assert units == sorted(units)
        assert len(units) == len(county[int(district[1:])])


def test_shown_numbers_are_there_so_that_the_promise_is_not_kept_by_showing_nothing():
    _, _, groups, sums = publish([[MANY, FEW, MANY], [FEW]])
    assert len(groups) == 2
    assert sums[0] == 1 + 2 + 4 + 8  # the units of the first district, and its unit without posts
    assert sums[-2] == sums[0]  # the total leaves the second district out


def test_kind_of_which_fewer_than_three_other_districts_have_groups_is_not_told():
    """Less one's own, its load would tell of those districts."""
    groups = pd.DataFrame([
        {"district": "A", "kind": "plain", "post_weeks": 50.0}, {"district": "A", "kind": "mountain", "post_weeks": 50.0},
        {"district": "B", "kind": "plain", "post_weeks": 50.0}, {"district": "C", "kind": "plain", "post_weeks": 50.0},
        {"district": "C", "kind": "mountain", "post_weeks": 50.0}, {"district": "C", "kind": "urban", "post_weeks": 0.0},
        {"district": "D", "kind": "plain", "post_weeks": 50.0}])
    kinds = pd.DataFrame({"kind": ["plain", "mountain"], "n_groups": [4, 2], "rate": [1.0, 2.0], "median": [1.0, 2.0]})
    districts = pd.DataFrame({"code": ["A", "B", "C", "D"], "expected": [150.0, 50.0, 150.0, 50.0]})

    def ask(own):
        shown, found = hide_lonely_kinds(kinds, districts, groups, own)
        return shown["kind"].tolist(), found["expected"].isna().tolist()

    assert ask({"A"}) == (["plain"], [True, False, True, False]), "mountain: C alone"
    assert ask({"B"}) == (["plain"], [True, False, True, False]), "mountain: A and C, who know their own"
    assert ask({"A", "B"}) == ([], [True] * 4), "plain: C and D; mountain: C"
    assert ask({"A", "C"}) == (["mountain"], [True] * 4), "plain: B and D; mountain: nobody is outside"
    assert ask({"A", "B", "C", "D"}) == (["plain", "mountain"], [False] * 4), "nobody is outside"
