"""What one shift leaves to the next 交接班: counts and at most fifteen named things a list; never a person.

Pure. A handover that was signed for is kept as text and shown as it was; what concerns the reader's own unit is taken
out of its lists and out of its counts, which is why counts are kept by the unit concerned.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

#: Named things of one list; the number counts all of them.
MOST_ROWS = 15
#: What is due this soon belongs to the next shift.
SOON = timedelta(hours=24)
#: How far the first handover of an area looks back.
FIRST_SPAN = timedelta(hours=24)
#: Records older than this are said to be old.
STALE = timedelta(hours=36)
#: The lists, in the order in which the next shift needs them.
LISTS = ("calls", "urgent", "newly_overdue", "overdue", "due_soon", "to_triage", "reopened", "paused", "visits",
         "imports", "came_in")
#: What a note may be about; `shift` is about nothing in particular.
SUBJECTS = ("shift", "incident", "call", "visit_order")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Named:
    """One named thing of a list.

    Attributes
    ----------
    subject : str
        incident, call, visit_order or batch.
    id : int
        Its key; of an incident the number of its page.
    number : str
        What it is called: number of an incident, name of a file; empty where its place says it.
    category : str or None
        Category code.
    where, unit : str
        Names of place and unit as they were.
    due : int or None
        Due time in seconds since 1970 (UTC).
    about : str or None
        Unit that it concerns: hidden from it.
    """

    subject: str
    id: int
    number: str = ""
    category: str | None = None
    where: str = ""
    unit: str = ""
    due: int | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: `counts` holds (unit concerned or None, sum of weights); `rows` the first `MOST_ROWS`."""

    name: str
    counts: tuple[tuple[str | None, int], ...] = ()
    rows: tuple[Named, ...] = ()

    @property
    def n(self) -> int:
        """How many there are in all."""
        return sum(n for _, n in self.counts)


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """What was to be handed over at `at`, looking back to `from_at` (aware UTC).

    `streams` holds (stream, unit concerned or None, sum of weights) of what came in; `data_as_of` is None in a
    database without records.
    """

    from_at: datetime
    at: datetime
    data_as_of: datetime | None
    streams: tuple[tuple[str, str | None, int], ...]
    lists: tuple[Listed, ...]

    @property
    def is_stale(self) -> bool:
        """Whether the newest record is older than `STALE`."""
        return self.data_as_of is not None and self.at - self.data_as_of > STALE

    def find(self, name: str) -> Listed:
        """Return one list; empty where an older handover had none of the name."""
        return next((one for one in self.lists if one.name == name), Listed(name))

    def count_streams(self) -> dict[str, int]:
        """Return what came in by stream."""
        found: dict[str, int] = {}
        for stream, _, n in self.streams:
            found[stream] = found.get(stream, 0) + n
        return found


def write_facts(facts: HandoverFacts) -> str:
    """Return the facts as JSON."""
    return json.dumps({
        "version": _VERSION, "from_at": _seconds(facts.from_at), "at": _seconds(facts.at),
        "data_as_of": None if facts.data_as_of is None else _seconds(facts.data_as_of), "streams": facts.streams,
        "lists": [asdict(one) for one in facts.lists]}, ensure_ascii=False, sort_keys=True)


def read_facts(text: str) -> HandoverFacts:
    """Return the facts of a kept text.

    Raises
    ------
    ValueError
        When it was written by a later version.
    """
    found = json.loads(text)
    if found["version"] != _VERSION:
        message = f"facts of version {found['version']}"
        raise ValueError(message)
    return HandoverFacts(
        _instant(found["from_at"]), _instant(found["at"]),
        None if found["data_as_of"] is None else _instant(found["data_as_of"]),
        tuple((stream, unit, n) for stream, unit, n in found["streams"]),
        tuple(Listed(one["name"], tuple((unit, n) for unit, n in one["counts"]),
                     tuple(Named(**row) for row in one["rows"])) for one in found["lists"]))


def hide_units(
    facts: HandoverFacts, units: Collection[str], hidden: Collection[tuple[str, int]] = frozenset(),
    stream_of: Mapping[int, str] = MappingProxyType({}),
) -> HandoverFacts:
    """Return the facts without what concerns the reader's units, in lists and counts.

    Parameters
    ----------
    units : collection of str
        The reader's unit and those it belongs to.
    hidden : collection of (str, int)
        Subjects that the reader may not see now, although they concerned nobody or somebody else then.
    stream_of : mapping of int to str
        Streams of the incidents among `hidden`: what came in is counted by stream without them too, or the difference
        of the two counts would tell of them.
    """
    gone = Counter((stream_of.get(row.id), row.about) for row in facts.find("came_in").rows
                   if (row.subject, row.id) in hidden)
    return replace(
        facts, streams=tuple((stream, unit, n - gone[stream, unit]) for stream, unit, n in facts.streams
                             if unit not in units and n != gone[stream, unit]),
        lists=tuple(_hide(one, units, hidden) for one in facts.lists))


def _hide(listed: Listed, units: Collection[str], hidden: Collection[tuple[str, int]]) -> Listed:
    rows = tuple(row for row in listed.rows if row.about not in units)
    counts = {unit: n for unit, n in listed.counts if unit not in units}
    kept = []
    for row in rows:
        if (row.subject, row.id) not in hidden:
            kept.append(row)
        elif row.about in counts:
            counts[row.about] -= 1
    return Listed(listed.name, tuple(counts.items()), tuple(kept))


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
