"""The zoom that fits, the weeks of an address, the cells of checked values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.clock import week_label, week_of
from govdesk.queries.map_request import MapRequest
from govdesk.rules.label_placing import project
from govdesk.ui import session
from govdesk.ui.map_layers import fit_box
from govdesk.ui.map_state import parse_week


@given(st.floats(100, 120), st.floats(20, 50), st.floats(0.05, 3), st.floats(0.05, 3), st.integers(0, 100))
def test_fitted_box_lies_inside_the_map(west, south, wide, high, below):
    box = (west, south, west + wide, south + high)
    lon, lat, zoom = fit_box(box, 860, 640, below)
    centre = project(lon, lat, zoom)
    for x, y in (box[:2], box[2:]):
        at = project(x, y, zoom)
        assert abs(at[0] - centre[0]) <= 430
        assert -320 <= at[1] - centre[1] <= 320 - below + 10


def test_a_single_point_is_not_zoomed_into_for_ever():
    assert fit_box((111, 27, 111, 27))[2] <= 15.5


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_week_of_an_address_comes_back(day):
    assert parse_week(week_label(week_of(day))) == week_of(day)


@pytest.mark.parametrize("text", ["", "2026", "2026-W", "2026-W60", "x-Wy", "2026-47", "٢٠٢٦-W٩٩"])
def test_junk_is_no_week(text):
    with pytest.raises(ValueError):  # noqa: PT011 any of them
        parse_week(text)


@given(st.text(max_size=60))
def test_place_code_is_taken_whole_or_not_at_all(text):
    try:
        assert session.place_code(text) == text
    except ValueError:
        return
    assert "<" not in text
    assert len(text) <= 40


def test_request_survives_its_payload():
    request = MapRequest(measure="open", within="990101", week_to=5, streams=("dispute",), breaks=(1.0, 2.5))
    assert MapRequest.from_payload({key: list(value) if isinstance(value, tuple) else value
                                    for key, value in request.as_payload().items()}) == request
