"""Office hours, urging and notices, from TOML."""

from datetime import date, time

import pytest

from govdesk.rules.clock_settings import read_clock_settings
from govdesk.rules.time_limits import TimeLimitsError
from govdesk.settings import ROOT

URGE = '[urge]\ncentre_after = "1 working_days"\nleader_after = "3 working_days"\n'
HOURS = 'office_hours = [["08:00", "12:00"], ["14:00", "18:00"]]\n'


def test_the_delivered_settings_are_read():
    found = read_clock_settings((ROOT / "data" / "reference" / "clocks.toml").read_text(encoding="utf-8"))
    assert found.windows == ((time(8), time(12)), (time(14), time(18)))
    assert (str(found.centre_after), str(found.leader_after)) == ("1 working_days", "3 working_days")
    assert found.build_calendar("Asia/Shanghai").is_workday(date(2026, 10, 10))


def test_a_notice_is_read():
    text = f"{HOURS}{URGE}[[announced]]\nyear = 2027\noff = [2027-02-05]\nworked = []\n"
    assert not read_clock_settings(text).build_calendar("Asia/Shanghai").is_workday(date(2027, 2, 5))


@pytest.mark.parametrize(("text", "said"), [
    ("office_hours = [", "no TOML"), (HOURS, "urge"), (f"{HOURS}{URGE}extra = 1\n", "extra"),
    (f'office_hours = [["14:00", "08:00"]]\n{URGE}', "office_hours: windows"),
    (f'office_hours = [["08:00", "12:00"], ["11:00", "18:00"]]\n{URGE}', "office_hours: windows"),
    (f"office_hours = []\n{URGE}", "office_hours"), (f"{HOURS}{URGE}".replace("3 working", "3 wrong"), "no term"),
    (f"{HOURS}{URGE}[[announced]]\nyear = 2027\noff = [2026-02-05]\nworked = []\n", "not in 2027"),
    (f"{HOURS}{URGE}[[announced]]\nyear = 2027\noff = [2027-02-05]\nworked = [2027-02-05]\n", "both off and worked"),
    (f"{HOURS}{URGE}" + "[[announced]]\nyear = 2027\noff = []\nworked = []\n" * 2, "twice"),
])
def test_settings_that_cannot_be_used_are_named(text, said):
    with pytest.raises(TimeLimitsError, match=said):
        read_clock_settings(text)
