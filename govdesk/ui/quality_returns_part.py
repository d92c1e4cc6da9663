"""Part of case quality: what came back after it was closed, and what a revisit found."""

import pandas as pd

from govdesk.queries.quality_returns import SATISFIED, sum_recurrences, sum_reopenings, sum_revisits
from govdesk.queries.quality_sums import RETURN_DAYS
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.quality_view import Facts, View
from govdesk.ui.quality_words import draw_not_recorded, is_recorded, name_of, write_interval, write_of, write_rate
from govdesk.ui.tables import Column, draw_table
from models.share_interval import wilson_interval


def draw_returns(view: View, facts: Facts) -> None:
    """Draw re-opened, revisited, happened again."""
    if not view.recorded.closings:
        draw_not_recorded("reopened_share", "recurrence_share", "revisited_share", "satisfied_share")
        return
    with panel("reopened"):
        if is_recorded("reopened_share", view.recorded):
            _draw_reopened(view, facts)
        else:
            draw_not_recorded("reopened_share")
    with panel("revisits"):
        if is_recorded("revisited_share", view.recorded):
            _draw_revisits(view, facts)
        else:
            draw_not_recorded("revisited_share", "unsettled_share", "response_share", "satisfied_share")
    with panel("recurrence"):
        _draw_recurrences(view)


def draw_rates(view: View, rows: list[tuple[str, int, int]], *, name: str, title: str) -> None:
    """Draw shares as a table: what, share, numerator and denominator, interval.

    Parameters
    ----------
    rows : list of (str, int, int)
        Words, numerator, denominator.
    """
    interval = wilson_interval([row[1] for row in rows], [row[2] for row in rows])
    table = pd.DataFrame({
        "what": [row[0] for row in rows], "numerator": [row[1] for row in rows],
        "denominator": [row[2] for row in rows], "share": [write_rate(row[1], row[2]) for row in rows],
        "interval": [write_interval(low, high) if write_of(1, row[2]) else "—" for row, low, high in
                     zip(rows, interval["low"], interval["high"], strict=True)]})
    draw_table(table, (
        Column("what", t("quality.what")), Column("numerator", t("quality.numerator"), "count", is_narrow=False),
        Column("denominator", t("quality.denominator"), "count"), Column("share", t("quality.share"), "rate"),
        Column("interval", t("quality.interval"), "rate", is_narrow=False),
    ), export_name=f"quality_{name}", note=view.note(title), empty=t("quality.nothing_in_window"))


def _draw_reopened(view: View, facts: Facts) -> None:
    undone = view.load(sum_reopenings).iloc[0]
    title = name_of("reopened_share")
    show(build_panel_title(title, t("quality.reopened_note")))
    rows = []
    for days in RETURN_DAYS:
        n = facts.sums[f"n_closed_{days}"] + int(undone[f"n_undone_{days}"])
        rows.append((t("quality.reopened_within", n=days), int(undone[f"n_reopened_{days}"]), n))
    draw_rates(view, rows, name="reopened", title=title)


def _draw_revisits(view: View, facts: Facts) -> None:
    sums = {name: int(value) for name, value in view.load(sum_revisits).iloc[0].items()}
    title = t("quality.revisits_title")
    show(build_panel_title(title, t("quality.revisits_note", n=SATISFIED)))
    rows = [(name_of("revisited_share"), sums["n_revisited"], facts.sums["n_closed"]),
            (name_of("unsettled_share"), sums["n_not_settled"], sums["n_reached"])]
    if is_recorded("satisfied_share", view.recorded):
        rows += [(name_of("response_share"), sums["n_rated"], sums["n_revisits"]),
                 (name_of("satisfied_share"), sums["n_satisfied"], sums["n_rated"])]
    draw_rates(view, rows, name="revisits", title=title)
    if not is_recorded("satisfied_share", view.recorded):
        draw_not_recorded("response_share", "satisfied_share")


def _draw_recurrences(view: View) -> None:
    found = view.load_held(sum_recurrences).sort_values("n_closed", ascending=False)
    title = name_of("recurrence_share")
    show(build_panel_title(title, t("quality.recurrence_note")))
    rows = [(t("quality.all_categories"), int(found["n_recurred"].sum()), int(found["n_closed"].sum()))]
    rows += [(view.names.categories.get(code, code), int(again), int(n)) for code, n, again in
             found[["category", "n_closed", "n_recurred"]].itertuples(index=False, name=None)]
    draw_rates(view, rows if rows[0][2] > 0 else [], name="recurrence", title=title)
    show(tag("p", t("quality.recurrence_meaning"), class_="gd-muted gd-small"))
