"""The settings beside the limits (`data/reference/clocks.toml`): office hours, urging, notices; pure."""

import tomllib
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from govdesk.rules.time_limits import Term, TimeLimitsError, read_term
from govdesk.rules.working_calendar import AnnouncedYear, WorkingCalendar


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Urge(_Part):
    centre_after: Term
    leader_after: Term

    @field_validator("*", mode="before")
    @classmethod
    def _as_term(cls, value: object) -> Term:
        return read_term(str(value))


class _Announced(_Part):
    year: Annotated[int, Field(ge=2004, le=2199)]
    off: frozenset[date]
    worked: frozenset[date]

    @model_validator(mode="after")
    def _days_fit(self) -> "_Announced":
        strangers = sorted(day for day in self.off | self.worked if day.year != self.year)
        if strangers:
            message = f"{strangers[0]} is not in {self.year}"
            raise ValueError(message)
        both = sorted(self.off & self.worked)
        if both:
            message = f"{both[0]} is both off and worked"
            raise ValueError(message)
        return self


class _File(_Part):
    office_hours: Annotated[tuple[tuple[time, time], ...], Field(min_length=1)]
    urge: _Urge
    announced: tuple[_Announced, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "_File":
        marks = [mark for window in self.office_hours for mark in window]
        if marks != sorted(set(marks)):
            message = "office_hours: windows must begin before they end, ascend and not overlap"
            raise ValueError(message)
        years = [notice.year for notice in self.announced]
        if len(set(years)) != len(years):
            message = "announced: a year stands there twice"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """Office hours, notices, and after which time the second and third level of urging follow."""

    windows: tuple[tuple[time, time], ...]
    announced: tuple[AnnouncedYear, ...]
    centre_after: Term
    leader_after: Term

    def build_calendar(self, zone: str) -> WorkingCalendar:
        """Return the calendar of a county in a time zone."""
        return WorkingCalendar(zone, self.windows, self.announced)


def read_clock_settings(text: str) -> ClockSettings:
    """Return the settings of a TOML text.

    Raises
    ------
    TimeLimitsError
        When it cannot be used: names the key and the reason.
    """
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message = f"no TOML: {error}"
        raise TimeLimitsError(message) from error
    except ValidationError as error:
        lines = [f"{'.'.join(str(step) for step in item['loc']) or 'file'}: {item['msg']}" for item in error.errors()]
        raise TimeLimitsError("\n".join(lines)) from error
    announced = tuple(AnnouncedYear(item.year, item.off, item.worked) for item in file.announced)
    return ClockSettings(file.office_hours, announced, file.urge.centre_after, file.urge.leader_after)
