"""What the dispatch board looks at: inbox and filters of the address, the instants of the bands, and the list held."""

from dataclasses import dataclass, replace
from datetime import datetime

from govdesk.clock import now
from govdesk.queries.inboxes import PAGE_ROWS, BoardFilter, Inbox, InboxPage, PageKey, list_inbox
from govdesk.rules.clock_bands import Cuts, cut_instants
from govdesk.storage.time_limits import read_calendar
from govdesk.terms import Stream
from govdesk.ui import loaders, session
from govdesk.ui.incident_view import parse_number
from govdesk.ui.setting import Setting

_HELD = "board_list"


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
    """

    view: View
    account: str
    cuts: Cuts
    page: InboxPage
    before: tuple[PageKey | None, ...]
    versions: loaders.Versions

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
    page = loaders.load(list_inbox, setting.scope, view.filters, cuts, view.inbox, before[-1])
    held = HeldList(view, setting.scope.account, cuts, page, before, loaders.versions())
    session.keep_draft(_HELD, held)
    return held


def drop_list() -> None:
    """Let the list be read anew."""
    session.forget_draft(_HELD)


def turn_page(setting: Setting, held: HeldList, *, is_back: bool) -> None:
    """Hold the next page, or the one before."""
    before = held.before[:-1] or (None,) if is_back else (*held.before, held.page.after)
    _read(setting, replace(held.view), before)
