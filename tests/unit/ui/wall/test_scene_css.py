"""The style sheet of the scenes: no text too small for the back row, no shorthand that a browser throws away."""

import re

from govdesk.ui.wall.scene_css import CSS


def test_no_text_is_under_1_6_per_cent_of_the_height():
    sizes = [float(number) for number in re.findall(r"font-size: (?:min\()?([\d.]+)vh", CSS)]
    assert len(sizes) > 20
    assert min(sizes) >= 1.6


def test_lengths_of_text_are_in_vh_only():
    assert not re.findall(r"font-size: [\d.]+(?:px|r?em|vw|%)", CSS)


def test_grids_with_areas_use_no_repeat():
    # CSS Grid Layout 7.4: repeat() is not allowed in the shorthand with area strings; the whole line would be dropped.
    for template in re.findall(r"grid-template:([^}]*)}", CSS):
        assert "repeat(" not in template
        rows = re.findall(r'"([^"]*)"', template)
        assert len({len(row.split()) for row in rows}) == 1


def test_braces_match():
    assert CSS.count("{") == CSS.count("}")


def test_strip_stands_still_where_motion_is_not_wanted():
    assert re.search(r"prefers-reduced-motion: reduce\) { \.w-run-strip { animation: none", CSS)
