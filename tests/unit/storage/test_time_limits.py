"""Which limits and settings are in force."""

import os

import pytest

from govdesk.rules.time_limits import TimeLimitsError, read_term
from govdesk.settings import get_settings
from govdesk.storage.reference_check import check_reference
from govdesk.storage.time_limits import DELIVERED, read_calendar, read_clock_settings_in_force, read_limits_in_force


def _own(name: str, old: str, new: str) -> None:
    path = get_settings().var / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (path if path.is_file() else DELIVERED / name).read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8-sig")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000_000))


def test_the_offices_own_files_are_used_and_read_again_when_they_change():
    assert read_limits_in_force().find("close", "dispute", None).term == read_term("3 working_days")
    _own("time_limits.csv", "close,,,3,", "close,,,4,")
    assert read_limits_in_force().find("close", "dispute", None).term == read_term("4 working_days")
    _own("time_limits.csv", "close,,,4,", "close,,,5,")
    assert read_limits_in_force().find("close", "dispute", None).term == read_term("5 working_days")
    _own("clocks.toml", '["08:00", "12:00"], ', "")
    assert read_calendar().day_seconds == 4 * 3600


@pytest.mark.parametrize(("old", "new", "said"), [
    ("close,,,3,working_days", "close,,,3,week", r"time_limits.csv: line 17: unit"),
    ("stage,stream", "stage,kind", r"time_limits.csv: line 1: the columns"),
    ("close,,,3,working_days,,,", "close,,,3,working_days,,,,", r"time_limits.csv: line 17: more cells"),
])
def test_a_file_that_cannot_be_used_is_named_with_its_row(old, new, said):
    _own("time_limits.csv", old, new)
    with pytest.raises(TimeLimitsError, match=said):
        read_limits_in_force()


def test_settings_that_cannot_be_used_are_named():
    _own("clocks.toml", "centre_after", "center_after")
    with pytest.raises(TimeLimitsError, match=r"clocks.toml: urge"):
        read_clock_settings_in_force()


def test_a_flow_with_a_stage_without_limits_stops_the_start():
    check_reference()
    path = get_settings().var / "case_flow.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (DELIVERED / "case_flow.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('answered = "close"', 'answered = "verify"'), encoding="utf-8")
    with pytest.raises(TimeLimitsError, match=r"case_flow.toml: stages: verify"):
        check_reference()
