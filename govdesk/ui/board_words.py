"""How the board words time left, severity and posts."""

from datetime import datetime

from govdesk.queries.inbox_rows import BoardRow
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.clock_bands import Cuts
from govdesk.storage.time_limits import read_calendar
from govdesk.terms import Status
from govdesk.ui import session
from govdesk.ui.clock_words import build_clock, may_be_provisional
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import Html, tag
from govdesk.ui.posts import name_post


def build_time_left(due_at: datetime | None, status: str, cuts: Cuts) -> Html:
    """Return the band of a deadline as a letter on its colour, and how long it is over or still ahead, in words."""
    if status == Status.PAUSED:
        return tag("span", t("board.paused_clock"), class_="gd-muted")
    calendar = read_calendar()
    clock = build_clock(due_at, status, cuts, calendar, is_provisional=may_be_provisional(due_at, calendar),
                        language=session.language())
    return tag("span", clock, title=None if due_at is None else t("board.due_at", at=write_instant(due_at)))


def name_signature(code: object) -> str:
    """Return the title of whoever signed a step."""
    return name_post(load_common(read_post_titles).get(str(code), code)) if code else t("board.nobody")


def list_marks(row: BoardRow) -> list[str]:
    """Return the small marks of a row: re-opened, sent round, extension asked for or given, urged."""
    again = row.n_dispatched if row.n_dispatched > 1 else 0
    marks = [(row.n_reopened, "reopened"), (again, "dispatched"), (row.n_sent_back, "sent_back"),
             (row.n_extended, "extended"), (row.n_urged, "urged")]
    found = [t(f"board.mark_{name}", n=n) for n, name in marks if n > 0]
    return ([t("board.mark_asking")] if row.is_asking else []) + found
