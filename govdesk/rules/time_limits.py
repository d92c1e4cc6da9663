"""Limits of the stages of the loop, and the deadline that a limit leads to; pure.

How a term is counted (ours is the order, the law's are the ends):

- **hours** run round the clock from the instant, **working_hours** only within office hours.
- **days** and **working_days** do not count the day of entering (民法典 art. 201). Every counted day ends in a *tick*:
  for days its last second, for working days the close of the office (art. 203: 停止业务活动的时间为截止时间). The
  deadline is the tick of the last counted day. Days count every day, working days those of `rules.working_calendar`.
- A term in days that would end on a rest day ends with the next working day (art. 203).
- **Pauses** are half-open stretches [from, to). Hours and working hours: time within a pause does not count. Days and
  working days: a day does not count when the clock stands still at its tick. So an hour at noon changes nothing, a
  night from before the close of the office on moves the deadline by one day; no pause ever makes it come earlier.
- An **extension** is a second term of its own unit that begins at the first deadline; it is given once.

Every deadline rises or stays with the instant of entering, with the amount and with any pause (property tests hold it).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from govdesk.rules.working_calendar import Span, WorkingCalendar
from govdesk.terms import Stage, Stream, TimeUnit

#: Columns of `data/reference/time_limits.csv`.
COLUMNS = ("stage", "stream", "severity", "amount", "unit", "extension", "extension_unit", "source")
SEVERITIES = (None, 1, 2, 3, 4)

#: In the column `unit`: there is explicitly no limit.
NO_LIMIT = "none"

_ONE_DAY = timedelta(days=1)
_DAY_UNITS = frozenset({TimeUnit.DAYS, TimeUnit.WORKING_DAYS})

Amount = Annotated[int, Field(ge=1, le=3660)]


class TimeLimitsError(ValueError):
    """The table or the settings of the clocks cannot be used; `args[0]` says, line by line, which row and why."""


@dataclass(frozen=True, slots=True)
class Term:
    """An amount of time in its unit, for instance 15 working days."""

    amount: int
    unit: TimeUnit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value}"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one stage may take: the term, the longest extension (None: none can be given), and where it comes from."""

    term: Term
    extension: Term | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last instant that is in time (UTC), and whether it rests on a year that was not announced yet."""

    at: datetime
    is_provisional: bool = False


def read_term(text: str) -> Term:
    """Return the term of its text, as ``str(term)`` writes it.

    Raises
    ------
    TimeLimitsError
        When it is none.

    Examples
    --------
    >>> str(read_term("15 working_days"))
    '15 working_days'
    """
    amount, _, unit = text.strip().partition(" ")
    if not (amount.isascii() and amount.isdigit() and 1 <= int(amount) <= 3660 and unit in list(TimeUnit)):
        message = f"{text!r} is no term; write for instance '3 working_days' (units: {', '.join(TimeUnit)})"
        raise TimeLimitsError(message)
    return Term(int(amount), TimeUnit(unit))


class _Row(BaseModel):
    """One row of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    stream: Stream | None
    severity: Annotated[int, Field(ge=1, le=4)] | None
    amount: Amount | None
    unit: TimeUnit | None
    extension: Amount | None
    extension_unit: TimeUnit | None
    source: Annotated[str, Field(min_length=1)]

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: object) -> object:
        text = value.strip() if isinstance(value, str) else value
        return None if text in ("", NO_LIMIT) else text

    @field_validator("source", mode="before")
    @classmethod
    def _say_source(cls, value: object) -> object:
        return value or ""

    @model_validator(mode="after")
    def _pairs(self) -> "_Row":
        if (self.amount is None) != (self.unit is None):
            message = f"amount and unit go together (no limit at all: amount empty, unit {NO_LIMIT})"
            raise ValueError(message)
        if (self.extension is None) != (self.extension_unit is None):
            message = "extension and extension_unit go together"
            raise ValueError(message)
        if self.extension is not None and self.amount is None:
            message = "without a limit there is nothing to extend"
            raise ValueError(message)
        return self

    @property
    def key(self) -> tuple[Stage, Stream | None, int | None]:
        return self.stage, self.stream, self.severity

    def as_limit(self) -> Limit | None:
        if self.amount is None or self.unit is None:
            return None
        extension = None
        if self.extension is not None and self.extension_unit is not None:
            extension = Term(self.extension, self.extension_unit)
        return Limit(Term(self.amount, self.unit), extension, self.source)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """The whole table; every stage, stream and severity has an answer."""

    rows: Mapping[tuple[Stage, Stream | None, int | None], Limit | None]

    def find(self, stage: Stage | str, stream: Stream | str, severity: int | None) -> Limit | None:
        """Return the limit of a stage, or None where the table says that there is none.

        The most specific row wins, in this order: stream and severity, the stream alone, the severity alone, neither.
        So what a law says about a stream stands before what an office says about urgency. An incident without a
        severity follows the rows without one.
        """
        stage, stream = Stage(stage), Stream(stream)
        for key in ((stage, stream, severity), (stage, stream, None), (stage, None, severity), (stage, None, None)):
            if key in self.rows:
                return self.rows[key]
        message = f"{stage}, {stream}, severity {severity}: no row answers"
        raise TimeLimitsError(message)


def read_limits(rows: Sequence[Mapping[str, str | None]]) -> TimeLimits:
    """Return the table of its rows, checked.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by `COLUMNS`, as `csv.DictReader` gives them; the first is line 2 of the file.

    Raises
    ------
    TimeLimitsError
        When a row cannot be used, says what another one says, or a stage is without an answer.
    """
    faults: list[str] = []
    found: dict[tuple[Stage, Stream | None, int | None], tuple[int, Limit | None]] = {}
    for line, cells in enumerate(rows, start=2):
        if set(cells) != set(COLUMNS):
            faults.append(f"line {line}: more cells than columns")
            continue
        try:
            row = _Row.model_validate(dict(cells))
        except ValidationError as error:
            faults += [f"line {line}: {reason}" for reason in _explain(error)]
            continue
        if row.key in found:
            faults.append(f"line {line}: says the same stage, stream and severity as line {found[row.key][0]}")
        found.setdefault(row.key, (line, row.as_limit()))
    limits = TimeLimits({key: limit for key, (_, limit) in found.items()})
    faults = faults or _find_gaps(limits)
    if faults:
        raise TimeLimitsError("\n".join(faults))
    return limits


def _explain(error: ValidationError) -> list[str]:
    return [f"{'.'.join(str(step) for step in item['loc']) or 'row'}: {item['msg']}" for item in error.errors()]


def _find_gaps(limits: TimeLimits) -> list[str]:
    faults = []
    for stage, stream, severity in product(Stage, Stream, SEVERITIES):
        try:
            limits.find(stage, stream, severity)
        except TimeLimitsError as error:
            faults.append(str(error))
    return faults


def find_deadline(
    term: Term, entered: datetime, calendar: WorkingCalendar, *,
    pauses: Iterable[Span] = (), extension: Term | None = None,
) -> Deadline:
    """Return the last instant that is in time.

    Parameters
    ----------
    term : Term
        Of the stage.
    entered : datetime
        When the stage was entered; aware.
    calendar : WorkingCalendar
        Of the county.
    pauses : iterable of (datetime, datetime)
        Stretches [from, to) in which the clock stood still; aware, in any order, may touch or overlap.
    extension : Term, optional
        What was granted on top.
    """
    entered = entered.astimezone(UTC)  # sums of local time would be wrong where clocks are put forward
    merged = merge_spans((start.astimezone(UTC), end.astimezone(UTC)) for start, end in pauses)
    found = _end_of(term, entered, calendar, merged)
    if extension is None:
        return found
    later = _end_of(extension, found.at, calendar, merged)
    return Deadline(later.at, found.is_provisional or later.is_provisional)


def _end_of(term: Term, entered: datetime, calendar: WorkingCalendar, pauses: Sequence[Span]) -> Deadline:
    if term.unit in _DAY_UNITS:
        return _end_of_days(term, entered, calendar, pauses)
    left = timedelta(hours=term.amount)
    running = _around_the_clock(entered) if term.unit is TimeUnit.HOURS else calendar.office_spans(entered)
    for start, end in _without(running, pauses):
        begin = max(start, entered)
        if end - begin >= left:
            at = begin + left
            is_settled = term.unit is TimeUnit.HOURS or _is_settled(entered, at, calendar)
            return Deadline(at, not is_settled)
        left -= max(end - begin, timedelta())
    raise AssertionError  # the spans never end


def _end_of_days(term: Term, entered: datetime, calendar: WorkingCalendar, pauses: Sequence[Span]) -> Deadline:
    is_working = term.unit is TimeUnit.WORKING_DAYS
    left, day = term.amount, calendar.local_day(entered)
    while left > 0:
        day = calendar.next_workday(day) if is_working else day + _ONE_DAY
        left -= not _is_paused(_tick(day, term.unit, calendar), pauses)
    if is_working:
        at = _tick(day, term.unit, calendar)
        return Deadline(at, not _is_settled(entered, at, calendar))
    last = _tick(day, term.unit, calendar)
    while not calendar.is_workday(day) or _is_paused(_tick(day, term.unit, calendar), pauses):
        day = calendar.next_workday(day)
    at = _tick(day, term.unit, calendar)
    return Deadline(at, not _is_settled(last, at, calendar))


def _tick(day: date, unit: TimeUnit, calendar: WorkingCalendar) -> datetime:
    """Return the instant at which a day is counted."""
    return calendar.office_close(day) if unit is TimeUnit.WORKING_DAYS else calendar.day_end(day)


def _is_paused(instant: datetime, pauses: Sequence[Span]) -> bool:
    return any(start <= instant < end for start, end in pauses)


def _is_settled(first: datetime, last: datetime, calendar: WorkingCalendar) -> bool:
    years = range(calendar.local_day(first).year, calendar.local_day(last).year + 1)
    return all(calendar.is_known(year) for year in years)


def _around_the_clock(start: datetime) -> Iterator[Span]:
    while True:
        yield start, start + _ONE_DAY
        start += _ONE_DAY


def _without(running: Iterable[Span], pauses: Sequence[Span]) -> Iterator[Span]:
    """Yield what the pauses leave of the spans in which a clock runs."""
    for start, end in running:
        begin = start
        for pause_start, pause_end in pauses:
            if pause_end <= begin or pause_start >= end:
                continue
            if pause_start > begin:
                yield begin, pause_start
            begin = pause_end
        if begin < end:
            yield begin, end


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return stretches of time in order, those that touch or overlap as one, empty ones left out."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def count_paused_days(pauses: Iterable[Span], calendar: WorkingCalendar, unit: TimeUnit = TimeUnit.DAYS) -> int:
    """Return on how many days the clock stood still when the day was counted: what the screens show.

    A term in working days counts a day at the close of the office, every other at its last second; rest days are days,
    too.
    """
    return sum(
        1 for start, end in merge_spans(pauses) for day in _days_between(start, end, calendar)
        if start <= _tick(day, unit, calendar) < end)


def _days_between(start: datetime, end: datetime, calendar: WorkingCalendar) -> Iterator[date]:
    day, last = calendar.local_day(start), calendar.local_day(end)
    while day <= last:
        yield day
        day += _ONE_DAY
