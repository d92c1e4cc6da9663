"""The six figures of the overview as cards: number, denominator, comparison, half a year as a line."""

from govdesk.queries.figures import Figure
from govdesk.terms import Stream
from govdesk.ui.cards import Card
from govdesk.ui.change_marks import list_marks, say_marks
from govdesk.ui.formats import NOTHING, is_known
from govdesk.ui.i18n import t
from govdesk.ui.rows_behind import RowsRequest
from govdesk.ui.setting import Setting

#: Where the rows behind a figure are; the others are shares of cohorts that no single list shows.
_ROWS = {
    "new_disputes": RowsRequest(streams=(Stream.DISPUTE.value,)),
    "open_incidents": RowsRequest(only="open"),
    "overdue_share": RowsRequest(only="overdue"),
}


def build_figure_card(figure: Figure, setting: Setting) -> Card:
    """Return a figure as a card."""
    title = t(f"figure.{figure.key}")
    rows = _ROWS.get(figure.key)
    first = figure.window[1] - len(figure.spark)
    marks = list_marks(setting, range(first, figure.window[1])) if figure.spark else ()
    ends = " ".join(part for part in (_ends(figure), say_marks(marks)) if part)
    return Card(
        title, figure.written(setting.words),
        "" if figure.value is None or figure.unit == "share" else t(f"figure.unit_{figure.unit}"),
        figure.notes(setting.words), figure.spark, f"{title}: {ends}",
        rows.address() if rows and figure.numerator else None, tuple(mark.week - first for mark in marks),
    )


def _ends(figure: Figure) -> str:
    """Say the sparkline in words: its first and its last known value."""
    known = [value for value in figure.spark if is_known(value) and value is not None]
    if not known:
        return NOTHING
    first, last = (f"{value * 100:.1f} %" if figure.unit == "share" else f"{value:,.0f}"
                   for value in (known[0], known[-1]))
    return t("overview.spark_ends", first=first, last=last)
