"""The incidents behind a sentence or a figure: asked for by the address, shown below it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from govdesk.clock import parse_week_label, week_label
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.instants import as_day, instant_of_week
from govdesk.queries.known import EVER
from govdesk.queries.places import get_place
from govdesk.queries.surroundings import list_units
from govdesk.terms import Stream
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import write_count, write_term
from govdesk.ui.i18n import t
from govdesk.ui.incident_table import draw_incidents
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.silent_rows import draw_silent

Only = Literal["", "open", "overdue", "repeat", "late", "silent"]

_ONLY: tuple[Only, ...] = ("open", "overdue", "repeat", "late", "silent")

#: Rows read for the list and its export.
MOST_ROWS = 2000

#: Weeks that a sentence may look back.
_LONGEST = 156


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """Which incidents are meant.

    Attributes
    ----------
    weeks : int
        Complete weeks, the last one included.
    place : str or None
        Place they lie in.
    streams, categories : tuple of str
        Codes; empty means all.
    only : {"", "open", "overdue", "repeat", "late", "silent"}
        Open and overdue ones count whatever week they are of; ``late`` ones became known weeks after their own;
        ``silent`` asks for villages without own records.
    unit : str or None
        Handling unit.
    to : int or None
        The last of the weeks, as a printed code names it; None: the last complete one.
    """

    weeks: int = 1
    place: str | None = None
    streams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    only: Only = ""
    unit: str | None = None
    to: int | None = None

    def address(self) -> str:
        """Return the address of the overview that shows these rows."""
        return address("/", rows=self.weeks, place=self.place, streams=self.streams, categories=self.categories,
                       only=self.only, unit=self.unit, to=None if self.to is None else week_label(self.to))

    def week(self, setting: Setting) -> int:
        """Return the last week that is meant; never one that is not over."""
        return setting.week if self.to is None else min(self.to, setting.week)

    def as_of(self, setting: Setting) -> datetime | date:
        """Return the instant at which what is open counts: of an earlier week, the end of its brief's time."""
        if setting.as_of is None or self.to is None:
            return setting.as_of or setting.day
        return instant_of_week(self.week(setting), setting.as_of)

    def filters(self, setting: Setting) -> IncidentFilter:
        """Return the same as a filter of incidents."""
        every = self.only in ("open", "overdue")
        week_from, week_to = (
            (EVER.week_from, EVER.week_to) if every
            else (self.week(setting) + 1 - self.weeks, self.week(setting) + 1))
        return IncidentFilter(week_from, week_to, self.streams, self.categories, self.place,
                              units=() if self.unit is None else (self.unit,))


def read_request(words: str) -> RowsRequest | None:
    """Return what the address asks for; None when it asks for no rows."""

    def weeks(text: str) -> int:
        number = int(text)
        if not 1 <= number <= _LONGEST:
            raise ValueError(text)
        return number

    asked = session.read_param("rows", weeks, 0)
    if not asked:
        return None
    only = session.read_param("only", session.one_of(*_ONLY), "")
    units = load_common(list_units)["code"]
    return RowsRequest(
        asked, session.read_param("place", session.place_code, None),
        session.read_param("streams", session.many_of(*(stream.value for stream in Stream)), ()),
        session.read_param("categories", session.many_of(*name_categories(words)), ()),
        next((one for one in _ONLY if one == only), ""), session.read_param("unit", session.one_of(*units), None),
        session.read_param("to", parse_week_label, None),
    )


def describe(request: RowsRequest, setting: Setting) -> str:
    """Return in words which incidents are meant."""
    names = name_categories(setting.words)
    parts = [
        t("overview.rows_now", day=as_day(request.as_of(setting))) if request.only in ("open", "overdue")
        else t("overview.rows_to", n=request.weeks, week=week_label(request.week(setting))) if request.to is not None
        else t("overview.rows_weeks", n=request.weeks) if request.weeks > 1 else t("overview.last_week"),
        *(write_term("stream", code, setting.words) for code in request.streams),
        *(names.get(code, code) for code in request.categories),
    ]
    if request.place is not None:
        place = load(get_place, setting.scope, request.place, setting.day)
        parts.append(place.name if place else request.place)
    if request.unit is not None:
        units = load_common(list_units)
        parts.append(dict(zip(units["code"], units["name"], strict=True)).get(request.unit, request.unit))
    if request.only:
        parts.append(t(f"overview.only_{request.only}"))
    return " · ".join(parts)


def draw_rows(request: RowsRequest, setting: Setting) -> None:
    """Draw the incidents with the same filter on the map beside them; or the villages without any of their own."""
    if request.only == "silent":
        draw_silent(setting, request.week(setting))
        return
    filters, now = request.filters(setting), request.as_of(setting)
    only = {f"only_{name}": request.only == name for name in ("open", "overdue", "repeat", "late")}
    n = load(count_incidents, setting.scope, filters, as_of=now, **only)
    rows = load(list_incidents, setting.scope, filters, as_of=now, limit=MOST_ROWS, **only)
    words = describe(request, setting)
    with panel("rows"):
        show(build_panel_title(t("overview.rows_title"), f"{words} · {t('table.n_incidents', n=write_count(n))}"))
        draw_incidents(rows, setting, export_name="incidents_behind", title=t("overview.rows_title"), filters=words,
                       empty=t("overview.rows_empty"), n_shown=30)
        on_map = address("/incident_map", place=request.place, streams=request.streams,
                         categories=request.categories, weeks=4,
                         measure={"open": "open", "overdue": "overdue", "repeat": "repeat_share"}.get(request.only))
        show(tag("p", link(t("overview.to_map"), on_map), " · ", link(t("overview.rows_close"), "/"),
                 class_="gd-small"))
