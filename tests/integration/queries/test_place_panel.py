"""The panel's one read says what the single questions say, for the county, a township and a village, near every edge."""

from dataclasses import replace

import pytest

from govdesk.clock import week_of
from govdesk.queries.counts import weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.incidents import count_incidents
from govdesk.queries.place_panel import CURVE_WEEKS, read_place_panel
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from tests.support import tiny_county

WEEK = week_of(tiny_county.UNTIL)


@pytest.mark.parametrize("place", [None, "990101", "990101001", "990101001001"])
@pytest.mark.parametrize("streams", [(), ("dispute",)])
@pytest.mark.parametrize(("back", "weeks"), [(0, 13), (3, 26), (0, 60), (70, 13), (110, 4), (500, 4), (0, 0)])
def test_one_read_agrees_with_the_single_questions(tiny_engine, place, streams, back, weeks):
    to = WEEK + 1 - back
    asked = IncidentFilter(to - weeks, to, streams, (), place)
    before = replace(asked, week_from=asked.week_from - weeks, week_to=asked.week_from)
    with read_transaction(tiny_engine) as connection:
        recorded = recorded_weeks(connection)
        panel = read_place_panel(connection, SYSTEM, asked, tiny_county.NOW, *recorded)
        n = count_incidents(connection, SYSTEM, asked, as_of=tiny_county.NOW)
        n_before = count_incidents(connection, SYSTEM, before, as_of=tiny_county.NOW)
        curve = weekly_series(connection, SYSTEM, replace(asked, week_from=to - CURVE_WEEKS))
    assert panel.n_incidents == n
    assert panel.n_before == (n_before if weeks and before.week_from >= recorded[0] else None)
    assert panel.curve.equals(curve)


def test_without_a_record_the_panel_has_no_curve_and_nothing_to_compare_with(tiny_engine):
    asked = IncidentFilter(WEEK - 12, WEEK + 1)
    with read_transaction(tiny_engine) as connection:
        panel = read_place_panel(connection, SYSTEM, asked, tiny_county.NOW, None, None)
    assert panel.curve.empty
    assert panel.n_before is None
