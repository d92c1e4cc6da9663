"""The villages that said nothing themselves: the list behind the sentence, ordered by code and judging nobody."""

from datetime import timedelta

from govdesk.clock import monday_of
from govdesk.queries.change_series import SILENT_WEEKS
from govdesk.queries.places import list_places
from govdesk.queries.silence import list_silent
from govdesk.terms import Level
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table


def draw_silent(setting: Setting, week: int | None = None) -> None:
    """Draw the villages that are silent at the end of a week, the last complete one by default."""
    last = setting.week if week is None else week
    rows = load(list_silent, setting.scope, last)
    townships = load(list_places, setting.scope, Level.TOWNSHIP.value, setting.day).set_index("code")["name"]
    rows = rows.assign(parent=rows["parent_code"].map(townships.to_dict()).fillna(rows["parent_code"]))
    title = t("overview.silent_title")
    sunday = monday_of(last + 1) - timedelta(days=1)
    words = t("overview.silent_note", n=write_count(len(rows)), day=sunday, weeks=SILENT_WEEKS)
    with panel("rows"):
        show(build_panel_title(title, words))
        show(tag("p", t("overview.silent_meaning"), class_="gd-muted gd-small"))
        draw_table(rows, silent_columns(), export_name="silent_villages", note=setting.note(title, words),
                   empty=t("overview.silent_empty"))
        show(tag("p", link(t("overview.rows_close"), "/"), class_="gd-small"))


def silent_columns() -> tuple[Column, ...]:
    """Return the columns: where, the last own record, what the hotline heard, what is usual."""
    return (
        Column("name", t("table.place"), href=lambda row: address("/village", place=row["code"])),
        Column("parent", t("term.level_township"), is_narrow=False),
        Column("last_own", t("overview.silent_last"), "day"),
        Column("n_calls", t("overview.silent_calls", weeks=SILENT_WEEKS), "count"),
        Column("usual", t("overview.silent_usual", weeks=SILENT_WEEKS), "number"),
    )
