"""Numbers, days and instants as written."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from govdesk.ui import formats


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT, pd.NA])
def test_missing_is_a_dash_and_never_a_zero(nothing):
    written = {formats.write_count(nothing), formats.write_number(nothing), formats.write_day(nothing),
               formats.write_instant(nothing), formats.write_age(nothing, "zh"), formats.write_share(nothing, 20),
               formats.write_term("stream", nothing, "zh")}
    assert written == {"—"}


@pytest.mark.parametrize(("top", "bottom", "written"), [
    (23, 312, "7.4 %"), (86, 100, "86 %"), (2, 7, "2/7"), (0, 9, "0/9"), (0, 0, "—"), (0, 50, "0 %"), (9, 9, "9/9"),
    (10, 10, "100 %")])
def test_share_under_ten_is_two_counts(top, bottom, written):
    assert formats.write_share(top, bottom) == written


def test_count_has_thousands_marks():
    assert formats.write_count(np.int64(12905)) == "12,905"


def test_instant_is_the_countys_time():
    assert formats.write_instant(datetime(2026, 11, 21, 18, 30, tzinfo=UTC)) == "2026-11-22 02:30"
    assert formats.write_day(datetime(2026, 11, 21, 18, 30, tzinfo=UTC)) == "2026-11-22"


def test_day_of_a_frame_is_the_day():
    assert formats.write_day(pd.Timestamp("2026-11-22")) == "2026-11-22"
    assert formats.write_day(date(2026, 11, 22)) == "2026-11-22"


def test_unknown_code_is_shown_as_it_is():
    assert formats.write_term("stream", "<b>", "zh") == "<b>"
    assert formats.write_term("stream", "dispute", "en") != "dispute"
