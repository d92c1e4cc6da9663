"""The incidents behind a sentence or a figure: asked for by the address, shown below it."""

from dataclasses import dataclass
from typing import Literal

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.known import EVER
from govdesk.queries.places import get_place
from govdesk.terms import Stream
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import write_count, write_term
from govdesk.ui.i18n import t
from govdesk.ui.incident_table import draw_incidents
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.silent_rows import draw_silent

Only = Literal["", "open", "overdue", "repeat", "silent"]

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
    only : {"", "open", "overdue", "repeat", "silent"}
        Open and overdue ones count whatever week they are of; ``silent`` asks for villages without own records.
    """

    weeks: int = 1
    place: str | None = None
    streams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    only: Only = ""

    def address(self) -> str:
        """Return the address of the overview that shows these rows."""
        return address("/", rows=self.weeks, place=self.place, streams=self.streams, categories=self.categories,
                       only=self.only)

    def filters(self, setting: Setting) -> IncidentFilter:
        """Return the same as a filter of incidents."""
        every = self.only in ("open", "overdue")
        week_from, week_to = (
            (EVER.week_from, EVER.week_to) if every else (setting.week + 1 - self.weeks, setting.week + 1))
        return IncidentFilter(week_from, week_to, self.streams, self.categories, self.place)


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
    only = session.read_param("only", session.one_of("open", "overdue", "repeat", "silent"), "")
    return RowsRequest(
        asked, session.read_param("place", session.place_code, None),
        session.read_param("streams", session.many_of(*(stream.value for stream in Stream)), ()),
        session.read_param("categories", session.many_of(*name_categories(words)), ()),
        next((one for one in ("open", "overdue", "repeat", "silent") if one == only), ""),
    )


def describe(request: RowsRequest, setting: Setting) -> str:
    """Return in words which incidents are meant."""
    names = name_categories(setting.words)
    parts = [
        t("overview.rows_now", day=setting.day) if request.only in ("open", "overdue")
        else t("overview.rows_weeks", n=request.weeks) if request.weeks > 1 else t("overview.last_week"),
        *(write_term("stream", code, setting.words) for code in request.streams),
        *(names.get(code, code) for code in request.categories),
    ]
    if request.place is not None:
        place = load(get_place, setting.scope, request.place, setting.day)
        parts.append(place.name if place else request.place)
    if request.only:
        parts.append(t(f"overview.only_{request.only}"))
    return " · ".join(parts)


def draw_rows(request: RowsRequest, setting: Setting) -> None:
    """Draw the incidents with the same filter on the map beside them; or the villages without any of their own."""
    if request.only == "silent":
        draw_silent(setting)
        return
    filters, now = request.filters(setting), setting.as_of or setting.day
    only = {f"only_{name}": request.only == name for name in ("open", "overdue", "repeat")}
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
