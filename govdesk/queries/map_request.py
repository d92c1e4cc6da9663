"""What one map layer is asked for: small enough for an address, whole enough to be answered from it alone."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from govdesk.clock import local_day
from govdesk.queries.filters import IncidentFilter
from govdesk.terms import Stream

Measure = Literal[
    "count", "per_1000", "open", "overdue", "repeat_share", "legal_guide", "legal_adviser", "volunteer_mediator"]
#: Who can help to settle, as numbers (`terms.CapacityKind`).
CAPACITIES: tuple[Measure, ...] = ("legal_guide", "legal_adviser", "volunteer_mediator")
MEASURES: tuple[Measure, ...] = ("count", "per_1000", "open", "overdue", "repeat_share", *CAPACITIES)
#: What is of one day, not of a window.
STOCKS: tuple[Measure, ...] = ("open", "overdue", *CAPACITIES)

#: Most levels, codes or breaks that a request may hold: an address stays short.
_MOST = 80


@dataclass(frozen=True, slots=True)
class MapRequest:
    """One layer of one view.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    level : str
        Level of the places that are coloured, outlined or labelled.
    within : str or None
        Place whose inside is shown; None means the whole area of the account.
    week_from, week_to : int
        Window of weeks, `week_to` exclusive.
    on : str
        ISO day whose places are shown.
    as_of : int
        Instant (epoch seconds) at which what is open counts as open.
    streams, categories : tuple of str
        Codes; empty means all.
    breaks : tuple of float
        Upper ends of the classes but the last, as in the legend.
    cell : str
        ``county`` or ``township``: which of the stored cells is counted.
    name : str
        Context layer.
    zoom : float
        Zoom the view opens with: labels keep off each other at it.
    language : str
        Of the words in tooltips.
    """

    measure: Measure = "count"
    level: str = "village"
    within: str | None = None
    week_from: int = 0
    week_to: int = 0
    on: str = "1970-01-05"
    as_of: int = 0
    streams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    breaks: tuple[float, ...] = ()
    cell: Literal["county", "township"] = "county"
    name: str = ""
    zoom: float = 9.0
    language: str = "zh"

    @property
    def filters(self) -> IncidentFilter:
        """The same as a filter of incidents."""
        return IncidentFilter(self.week_from, self.week_to, self.streams, self.categories, self.within)

    @property
    def day(self) -> date:
        """Day whose places are shown."""
        return date.fromisoformat(self.on)

    @property
    def instant(self) -> datetime:
        """Instant at which what is open counts as open."""
        return datetime.fromtimestamp(self.as_of, UTC)

    @property
    def stock_day(self) -> date:
        """Day at whose end what is open is counted."""
        return local_day(self.instant - timedelta(seconds=1))

    def as_payload(self) -> dict[str, Any]:
        """Return what differs from the defaults, for an address."""
        return {key: value for key, value in asdict(self).items() if value != _DEFAULTS[key]}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> "MapRequest":
        """Return the request of an address.

        Raises
        ------
        ValueError
            When a field is unknown or of the wrong kind.
        """
        values: dict[str, Any] = {}
        for key, value in payload.items():
            default = _DEFAULTS.get(key, _DEFAULTS)
            if isinstance(default, tuple):
                if not isinstance(value, list) or len(value) > _MOST:
                    raise ValueError(key)
                values[key] = tuple(value)
            elif isinstance(default, float):
                values[key] = float(value)
            elif default is _DEFAULTS or not isinstance(value, str if default is None else type(default)):
                raise ValueError(key)
            else:
                values[key] = value
        request = cls(**values)
        if request.measure not in MEASURES or not set(request.streams) <= set(Stream):
            raise ValueError(request.measure)
        return request


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(MapRequest)}
