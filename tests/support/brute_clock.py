"""A clock that knows nothing of the product's: local time on the wall, holidays typed from the notices, step by step."""

from datetime import date, datetime, time, timedelta

#: The notices of the State Council for 2025 and 2026: first and last day off.
OFF = [
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"),
]
#: Worked Saturdays and Sundays 调休.
WORKED = {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
          "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
WINDOWS = [(time(8), time(12)), (time(14), time(18))]
MINUTE = timedelta(minutes=1)


def is_worked(day: date) -> bool:
    text = day.isoformat()
    if text in WORKED:
        return True
    return day.weekday() not in (5, 6) and not any(first <= text <= last for first, last in OFF)


def is_running(at: datetime, unit: str, pauses) -> bool:
    """Whether the minute that begins at a wall time counts."""
    if any(start <= at < end for start, end in pauses):
        return False
    return unit == "hours" or (is_worked(at.date()) and any(a <= at.time() < b for a, b in WINDOWS))


def find_deadline_by_hand(amount: int, unit: str, entered: datetime, pauses=()) -> datetime:
    """Return the deadline as wall time; hour units minute by minute, day units day by day."""
    if unit in ("hours", "working_hours"):
        at, ran = entered, 0
        while ran < amount * 60:
            ran += is_running(at, unit, pauses)
            at += MINUTE
        return at
    close = time(18) if unit == "working_days" else time(23, 59, 59)
    counted, back = 0, 0
    while counted < amount:
        back += 1
        day = entered.date() + timedelta(days=back)
        tick = datetime.combine(day, close)
        stands = any(start <= tick < end for start, end in pauses)
        counted += not stands and (unit == "days" or is_worked(day))
    while unit == "days" and (not is_worked(day) or any(start <= tick < end for start, end in pauses)):
        day += timedelta(days=1)
        tick = datetime.combine(day, close)
    return tick
