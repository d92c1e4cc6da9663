"""What another system may say about a request in the words of Open311 GeoReport v2, and what is refused; pure.

Source: Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2, sections POST Service Request and GET Service Requests).
Where the standard names persons or homes we keep nothing: `PERSONAL`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

#: Fields of the standard about a person or a home, and files: dropped unread.
PERSONAL = ("email", "device_id", "account_id", "first_name", "last_name", "phone", "media_url", "address_string")
#: Fields that are read; all others are dropped, too.
READ = frozenset({"service_code", "lat", "long", "address_id", "description"})
#: Fields that speak to the server, not about the request.
ASIDE = frozenset({"api_key", "jurisdiction_id", "lang", "locale"})
#: Names of what we decide ourselves: dropped like any other field that is not read, and whoever sends one is noted.
FORGED = frozenset({
    "id", "status", "place_code", "handling_unit", "unit_code", "concerns_unit", "source", "source_ref", "batch_id",
    "recorded_at", "reported_at", "closed_at", "due_at", "weight", "is_counted", "merged_into", "repeat_of", "outcome",
    "severity", "by", "role", "area_code", "stream", "category", "channel", "__proto__", "constructor"})
#: Our attributes of every service: name → longest text.
ATTRIBUTES = {"occurred_on": 10, "n_people": 6, "severity": 1, "concerns_unit": 40}
#: Longest description that the standard allows.
LONGEST = 4_000
#: What an update may say.
UPDATES = frozenset({"description", "status"})
WITHDRAWN = "withdrawn"

#: Most days that one list may cover, and most requests that it holds: both from the standard.
MOST_DAYS = 90
MOST_REQUESTS = 1_000
_MOST_PAGES = 10_000
_MOST_LISTED = 200

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
_WHOLE = re.compile(r"[0-9]{1,18}")
_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z_]{1,40})\]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\[\]]{0,39}")
_STATUSES = frozenset({"open", "closed"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong: HTTP status, key of the sentence ``open311.<key>``, what fills it in."""

    status: int
    key: str
    values: tuple[tuple[str, str], ...] = ()


class RequestRefusedError(ValueError):
    """Nothing was done; `refusals` say why."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(one.key for one in refusals))
        self.refusals = refusals


def refuse(status: int, key: str, **values: object) -> RequestRefusedError:
    """Make a refusal of one sentence; values become text."""
    return RequestRefusedError(Refusal(status, key, tuple((name, str(value)) for name, value in values.items())))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new request, checked as far as its own words go.

    Attributes
    ----------
    service_code : str
        Category.
    lon, lat : float or None
        WGS84 degrees; both or none.
    place_code : str or None
        ``address_id``: code of a place of the register.
    description : str
        As sent; masked before it is kept.
    attributes : mapping of str to str
        `ATTRIBUTES` that were given.
    dropped : tuple of str
        Names of the fields that were not read.
    """

    service_code: str
    lon: float | None = None
    lat: float | None = None
    place_code: str | None = None
    description: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """What makes this request the same as another one: everything that was read of it."""
        return repr((self.service_code, self.lon, self.lat, self.place_code, self.description,
                     sorted(self.attributes.items())))


def read_request(fields: Mapping[str, object]) -> Wanted:
    """Return a new request from the fields of a form or of a JSON object.

    Raises
    ------
    RequestRefusedError
        When a field that is read cannot be understood, or one that is needed is missing.
    """
    named, attributes, dropped = _sort_out(fields)
    texts = {name: _text(name, named.get(name)) for name in READ}
    code = texts["service_code"]
    if not code:
        raise refuse(400, "service_code_missing")
    if not _CODE.fullmatch(code):
        raise refuse(404, "service_code_unknown")
    lon, lat = _degrees("long", texts["long"], 180), _degrees("lat", texts["lat"], 90)
    if (lon is None) != (lat is None):
        raise refuse(400, "half_a_point")
    place = texts["address_id"] or None
    if place is not None and not _CODE.fullmatch(place):
        raise refuse(400, "place_unknown")
    if lon is None and place is None:
        raise refuse(400, "place_missing")
    if len(texts["description"]) > LONGEST:
        raise refuse(400, "too_long", field="description", most=LONGEST, n=len(texts["description"]))
    return Wanted(code, lon, lat, place, texts["description"], _read_attributes(attributes), dropped)


@dataclass(frozen=True, slots=True)
class Change:
    """What an update asks for: a further note, the withdrawal, or both."""

    note: str = ""
    withdraws: bool = False
    dropped: tuple[str, ...] = ()


def read_change(fields: Mapping[str, object]) -> Change:
    """Return what an update asks for.

    Raises
    ------
    RequestRefusedError
        When it would change anything else than `UPDATES`, or nothing.
    """
    named, attributes, dropped = _sort_out(fields)
    other = sorted((set(named) & READ) - UPDATES) + [f"attribute[{name}]" for name in sorted(attributes)]
    if other:
        raise refuse(400, "update_other", fields=", ".join(other))
    note = _text("description", named.get("description"))
    status = _text("status", fields.get("status"))
    if status not in ("", WITHDRAWN):
        raise refuse(400, "update_status")
    if len(note) > LONGEST:
        raise refuse(400, "too_long", field="description", most=LONGEST, n=len(note))
    if not note and not status:
        raise refuse(400, "update_empty")
    return Change(note, status == WITHDRAWN, tuple(name for name in dropped if name != "status"))


def _sort_out(fields: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object], tuple[str, ...]]:
    """Return what is read, attributes by name, and the names of what is dropped."""
    named: dict[str, object] = {}
    attributes: dict[str, object] = {}
    dropped: list[str] = []
    for name, value in fields.items():
        found = _ATTRIBUTE.fullmatch(name)
        if name == "attribute" and isinstance(value, Mapping):
            attributes.update({str(key): one for key, one in value.items()})
        elif found is not None:
            attributes[found.group(1)] = value
        elif name in READ:
            named[name] = value
        elif name not in ASIDE and value not in (None, ""):
            dropped.append(name if _NAME.fullmatch(name) else "?")
    dropped += [f"attribute[{name}]" if _NAME.fullmatch(name) else "?" for name in attributes if name not in ATTRIBUTES]
    known = {name: value for name, value in attributes.items() if name in ATTRIBUTES}
    return named, known, tuple(sorted(set(dropped)))


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise refuse(400, "not_text", field=name)
    return str(value).strip()


def _degrees(name: str, text: str, most: int) -> float | None:
    if not text:
        return None
    if not _DEGREES.fullmatch(text) or abs(float(text)) > most:
        raise refuse(400, "not_degrees", field=name, most=most)
    return float(text)


def _read_attributes(given: Mapping[str, object]) -> dict[str, str]:
    found = {}
    for name, value in given.items():
        text = _text(f"attribute[{name}]", value)
        if len(text) > ATTRIBUTES[name]:
            raise refuse(400, "too_long", field=f"attribute[{name}]", most=ATTRIBUTES[name], n=len(text))
        if text:
            found[name] = text
    if "occurred_on" in found:
        _day("attribute[occurred_on]", found["occurred_on"])
    return found


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refuse(400, "not_a_day", field=name) from error


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests a list holds; `ids` override everything else. Instants UTC, both ends inclusive."""

    ids: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    statuses: tuple[str, ...] = ()
    page: int = 1
    page_size: int = MOST_REQUESTS


def read_filter(query: Mapping[str, str], now: datetime) -> RequestFilter:
    """Return which requests are asked for: by default those of the last 90 days, at most 1,000.

    Raises
    ------
    RequestRefusedError
        When a parameter cannot be understood, or more than 90 days are asked for.
    """
    ids = _listed(query.get("service_request_id", ""))
    if any(not _WHOLE.fullmatch(one) for one in ids):
        ids = [one for one in ids if _WHOLE.fullmatch(one)] or ["0"]  # no number of ours: there is none such
    statuses = tuple(_listed(query.get("status", "")))
    if set(statuses) - _STATUSES:
        raise refuse(400, "status_unknown")
    start, end = _instant("start_date", query), _instant("end_date", query)
    if start is not None and end is not None and end < start:
        raise refuse(400, "dates_reversed")
    if start is not None and end is not None and end - start > timedelta(days=MOST_DAYS):
        raise refuse(400, "too_many_days", most=MOST_DAYS)
    try:
        if start is None:
            start = (end or now) - timedelta(days=MOST_DAYS)
        elif end is None:
            end = start + timedelta(days=MOST_DAYS)
    except OverflowError as error:  # the years 1 and 9999 have no 90 days before or after them
        raise refuse(400, "not_an_instant", field="end_date" if start is None else "start_date") from error
    return RequestFilter(
        tuple(int(one) for one in ids), tuple(_listed(query.get("service_code", ""))), start, end, statuses,
        _number("page", query, 1, _MOST_PAGES), _number("page_size", query, MOST_REQUESTS, MOST_REQUESTS))


def _listed(text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    if len(found) > _MOST_LISTED:
        raise refuse(400, "too_many_values", most=_MOST_LISTED)
    return found


def _instant(name: str, query: Mapping[str, str]) -> datetime | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise refuse(400, "not_an_instant", field=name)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refuse(400, "not_an_instant", field=name) from error


def _number(name: str, query: Mapping[str, str], usual: int, most: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return usual
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        raise refuse(400, "not_a_number", field=name, most=most)
    return int(text)
