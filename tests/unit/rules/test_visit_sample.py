"""The weekly lot: fixed by week and database, free of the list, fair over the weeks."""

from collections import Counter

from govdesk.rules.visit_sample import SAMPLE_SIZE, draw_sample

CODES = [f"V{n:03d}" for n in range(40)]


def test_same_week_same_villages_in_any_order():
    drawn = draw_sample(CODES, [], week=2900, seed="a")
    assert drawn == draw_sample(CODES[::-1], [], week=2900, seed="a")
    assert len(set(drawn)) == SAMPLE_SIZE
    assert drawn != draw_sample(CODES, [], week=2901, seed="a")
    assert drawn != draw_sample(CODES, [], week=2900, seed="b")


def test_listed_are_left_out_and_change_nobody_elses_lot():
    drawn = draw_sample(CODES, [], week=2900, seed="a", n=5)
    assert draw_sample(CODES, [drawn[1]], week=2900, seed="a", n=4) == [drawn[0], *drawn[2:]]
    assert draw_sample(CODES[:2], CODES[:1], week=1, seed="a") == [CODES[1]]
    assert draw_sample([], [], week=1, seed="a") == []


def test_every_village_is_drawn_as_often():
    counts = Counter(code for week in range(2000) for code in draw_sample(CODES, [], week=week, seed="a"))
    assert set(counts) == set(CODES)
    # 150 expected each, standard deviation 11.8: five of them either way.
    assert all(91 <= n <= 209 for n in counts.values())
