"""How the board words time left, severity and posts."""

from datetime import datetime

from govdesk.queries.inbox_rows import BoardRow
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.clock_bands import Cuts
from govdesk.terms import Status
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import Html, tag
from govdesk.ui.posts import name_post

_HOUR, _DAY = 3600, 86_400


def build_time_left(due_at: datetime | None, status: str, cuts: Cuts) -> Html:
    """Return the band of a deadline as a letter on its colour, and how long it is over or still ahead, in words."""
    if status == Status.PAUSED:
        return tag("span", t("board.paused_clock"), class_="gd-muted")
    if due_at is None:
        return tag("span", t("board.no_due"), class_="gd-muted")
    band = cuts.find_band(due_at)
    seconds = int((due_at - cuts.now).total_seconds())
    words = t("board.over" if seconds < 0 else "board.left", time=write_duration(abs(seconds)))
    letter = None if band is None else tag("span", t(f"board.band_{band}"), class_=f"gd-band gd-band-{band}")
    return tag("span", letter, " ", tag("span", words, class_="gd-late" if seconds < 0 else None),
               title=t("board.due_at", at=write_instant(due_at)))


def write_duration(seconds: int) -> str:
    """Return a length of time by its one unit that matters: days from two days on, then hours, then minutes."""
    for size, key in ((_DAY, "days"), (_HOUR, "hours")):
        if seconds >= 2 * size:
            return t(f"board.n_{key}", n=f"{seconds // size:,}")
    return t("board.n_minutes", n=max(1, seconds // 60))


def name_signature(code: object) -> str:
    """Return the title of whoever signed a step."""
    return name_post(load_common(read_post_titles).get(str(code), code)) if code else t("board.nobody")


def list_marks(row: BoardRow) -> list[str]:
    """Return the small marks of a row: re-opened, extension asked for or given, urged."""
    marks = [(row.n_reopened, "reopened"), (row.n_extended, "extended"), (row.n_urged, "urged")]
    found = [t(f"board.mark_{name}", n=n) for n, name in marks if n > 0]
    return ([t("board.mark_asking")] if row.is_asking else []) + found
