"""What the dispatch board looks at: inbox and filters of the address, the instants of the bands, and the list held."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from govdesk.clock import now, today
from govdesk.queries.inboxes import PAGE_ROWS, BoardFilter, Inbox, InboxPage, PageKey, list_inbox
from govdesk.queries.revisits_due import read_revisits_due
from govdesk.rules.clock_bands import Cuts, cut_instants
from govdesk.storage.time_limits import read_calendar
from govdesk.terms import Stream
from govdesk.ui import loaders, session
from govdesk.ui.incident_view import parse_number
from govdesk.ui.setting import Setting

_HELD = "board_list"
#: There is a next page, which no key leads to.
_NEXT = PageKey(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at; all of it stands in the address."""

    inbox: Inbox
    filters: BoardFilter


@dataclass(frozen=True, slots=True)
class HeldList:
    """One page of an inbox as it was read: it stays while somebody works on it, whatever comes in meanwhile.

    Attributes
    ----------
    before : tuple of PageKey or None
        Keys by which the pages before this one were asked for, and its own last.
    versions : tuple
        Of the data, when it was read.
    planned : mapping of int to date
        Of what is to be revisited: when.
    """

    view: View
    account: str
    cuts: Cuts
    page: InboxPage
    before: tuple[PageKey | None, ...]
    versions: loaders.Versions
    planned: Mapping[int, date] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """Number of its first row, from 1."""
        return (len(self.before) - 1) * PAGE_ROWS + 1


def read_view(default: Inbox) -> View:
    """Return what the address asks for."""
    filters = BoardFilter(
        stream=session.read_param("stream", session.one_of(*(one.value for one in Stream)), None),
        place_code=session.read_param("place", session.place_code, None),
        unit_code=session.read_param("unit", session.place_code, None),
        severity=session.read_param("severity", _parse_severity, None))
    name = session.read_param("inbox", session.one_of(*(one.value for one in Inbox)), default.value)
    return View(Inbox(name), filters)


def _parse_severity(text: str) -> int:
    return int(session.one_of("1", "2", "3", "4")(text))


def read_opened() -> int | None:
    """Return the incident whose form stands open."""
    return session.read_param("open", parse_number, None)


def find_cuts() -> Cuts:
    """Return the instants between the bands of time, to the minute: within one nothing is counted anew."""
    present: datetime = now().replace(second=0, microsecond=0)
    return cut_instants(present, read_calendar())


def hold_list(setting: Setting, view: View) -> HeldList:
    """Return the page of the inbox that is being worked on; read where another inbox or filter is asked for."""
    held = session.find_draft(_HELD)
    if isinstance(held, HeldList) and held.view == view and held.account == setting.scope.account:
        return held
    return _read(setting, view, (None,))


def _read(setting: Setting, view: View, before: tuple[PageKey | None, ...]) -> HeldList:
    cuts = find_cuts()
    planned: dict[int, date] = {}
    if view.inbox is Inbox.REVISIT:
        page, planned = _list_revisits(setting, len(before) - 1)
    else:
        page = loaders.load(list_inbox, setting.scope, view.filters, cuts, view.inbox, before[-1])
    held = HeldList(view, setting.scope.account, cuts, page, before, loaders.versions(), planned)
    session.keep_draft(_HELD, held)
    return held


def _list_revisits(setting: Setting, n_before: int) -> tuple[InboxPage, dict[int, date]]:
    """Return a page of what is to be revisited; few enough to be counted off."""
    found = loaders.load(read_revisits_due, setting.scope, today(), offset=n_before * PAGE_ROWS, limit=PAGE_ROWS)
    ids = tuple(int(number) for number in found.rows["id"])
    has_more = n_before * PAGE_ROWS + len(ids) < found.n_due + found.n_late
    days = {int(number): day.date() for number, day in zip(found.rows["id"], found.rows["planned_on"], strict=True)}
    return InboxPage(ids, _NEXT if has_more and ids else None), days


def drop_list() -> None:
    """Let the list be read anew."""
    session.forget_draft(_HELD)


def turn_page(setting: Setting, held: HeldList, *, is_back: bool) -> None:
    """Hold the next page, or the one before."""
    before = held.before[:-1] or (None,) if is_back else (*held.before, held.page.after)
    _read(setting, replace(held.view), before)
