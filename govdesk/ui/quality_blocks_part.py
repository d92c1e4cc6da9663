"""Parts of case quality: mediation 调解 and petitions 信访."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.clock import local_day
from govdesk.queries.mediation_quality import MEDIATED, sum_mediations
from govdesk.queries.performance_due import WINDOW_DAYS, read_performance_due
from govdesk.queries.petition_quality import PETITIONS, sum_petitions
from govdesk.terms import Stream
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import address, show, tag
from govdesk.ui.quality_view import View
from govdesk.ui.quality_words import draw_not_recorded, is_recorded, name_of, spell_out, write_of, write_rate
from govdesk.ui.tables import Column, draw_table

#: Indicator, numerator, denominator.
_MEDIATION = (
    ("mediation_settled", "n_settled", "n_ended"), ("mediation_performed", "n_performed", "n_due"),
    ("mediation_confirmed", "n_confirmed", "n_agreed"), ("mediation_revisited", "n_revisited", "n_ended"),
    ("mediation_returned", "n_returned", "n_returnable"),
)


def draw_mediation(view: View) -> None:
    """Draw how it was mediated and what became of it, by method and by channel."""
    if not view.recorded.mediations:
        draw_not_recorded("mediation_settled", "mediation_performed", "mediation_confirmed", "mediation_returned")
        return
    found = view.load(sum_mediations)
    for key, group in (("method", "method"), ("channel", "mediation")):
        with panel(f"mediation_{key}"):
            title = t(f"quality.mediation_by_{key}")
            show(build_panel_title(title, t("quality.mediation_note")))
            rows = found.groupby(key, as_index=False)[list(MEDIATED)].sum()
            rows["name"] = [write_term(group, code, view.setting.words) for code in rows[key]]
            if len(rows):
                total = pd.DataFrame([{**rows[list(MEDIATED)].sum().to_dict(), "name": t("quality.all")}])
                rows = pd.concat([total, rows], ignore_index=True)
            _draw_shares(view, rows, _MEDIATION, name=f"mediation_{key}", title=title, label=t(f"quality.{key}"),
                         counted=t("quality.n_mediations"))


    with panel("performance"):
        _draw_performance(view)


def _draw_performance(view: View) -> None:
    """Draw the agreements whose day has passed and of which nothing is recorded."""
    due = load_loop(read_performance_due, view.setting.scope, local_day(view.as_of))
    title = t("mediation.due_title")
    show(build_panel_title(title, t("mediation.due_note", n=WINDOW_DAYS, first=due.day_from, last=due.day)))
    show(tag("p", t("mediation.due_counts", due=f"{due.n_due:,}", kept=f"{due.n_kept:,}", late=f"{due.n_kept_late:,}",
                    open=f"{due.n_open:,}", shown=f"{len(due.rows):,}")))
    show(tag("p", t("mediation.due_counting"), class_="gd-muted gd-small"))
    draw_table(due.rows, (
        Column("due_on", t("mediation.due_on"), "day"),
        Column("source_ref", t("mediation.number"), href=lambda row: address("/incident", id=row["id"])),
        Column("place_name", t("mediation.place")), Column("handling_unit_name", t("mediation.unit"), is_narrow=False),
    ), export_name="performance_due", note=view.note(title), empty=t("mediation.due_empty"))


def draw_petitions(view: View) -> None:
    """Draw petitions by kind, by the level they were lodged at, and by district."""
    if view.choice.stream not in ("all", Stream.PETITION.value):
        show(tag("p", t("quality.petitions_left_out"), class_="gd-empty"))
        return
    found = view.load(sum_petitions, "district")
    in_time = (("petition_in_time", "n_in_time", "n_due"), ("closed_share", "n_closed", "n"))
    left, right = st.columns(2)
    for place, key, column, group in ((left, "petition_kinds", "kind", "petition"),
                                      (right, "petition_levels", "level", "resolution")):
        with place, panel(key, fills=True):
            show(build_panel_title(name_of(key)))
            if not is_recorded(key, view.recorded):
                draw_not_recorded(key)
                continue
            rows = found.groupby(column, as_index=False)[list(PETITIONS)].sum()
            rows["name"] = [write_term(group, code, view.setting.words) if code else t("quality.not_recorded")
                            for code in rows[column]]
            rows["part"] = [write_rate(n, rows["n"].sum()) for n in rows["n"]]
            _draw_shares(view, rows, in_time, name=key, title=name_of(key), label=name_of(key),
                         counted=t("quality.n_petitions"), extra=(Column("part", t("quality.part"), "rate"),))
    with panel("petitions_district"):
        _draw_districts(view, found, in_time)


def _draw_districts(view: View, found: pd.DataFrame, shares: tuple[tuple[str, str, str], ...]) -> None:
    title = t("quality.petitions_by_district", level=view.names.district.lower())
    show(build_panel_title(title, t("quality.petitions_note")))
    rows = found.groupby("district", as_index=False)[list(PETITIONS)].sum()
    kinds = found.pivot_table(index="district", columns="kind", values="n", aggfunc="sum", fill_value=0)
    extra = []
    for kind in ("repeat", "group", "skip_level") if view.recorded.petition_kinds else ():
        rows[kind] = rows["district"].map(kinds[kind]) if kind in kinds else 0
        extra.append(Column(kind, write_term("petition", kind, view.setting.words), "count", is_narrow=False))
    rows["name"] = [view.names.places.get(code, code or t("quality.unknown_place")) for code in rows["district"]]
    _draw_shares(view, rows.sort_values("n", ascending=False), shares, name="petitions_district", title=title,
                 label=view.names.district, counted=t("quality.n_petitions"), extra=tuple(extra))


def _draw_shares(
    view: View, rows: pd.DataFrame, shares: tuple[tuple[str, str, str], ...], *, name: str, title: str, label: str,
    counted: str, extra: tuple[Column, ...] = (),
) -> None:
    """Draw a table of shares, each with what it is made of under it; what no source records is left out, and said."""
    known = [share for share in shares if is_recorded(share[0], view.recorded)]
    columns = [Column("name", label), Column("n", counted, "count"), *extra]
    for place, (key, numerator, denominator) in enumerate(known):
        pairs = list(zip(rows[numerator], rows[denominator], strict=True))
        rows = rows.assign(**{
            key: [write_rate(*pair) for pair in pairs], f"{key}_of": [write_of(*pair) for pair in pairs]})
        columns.append(Column(key, name_of(key), "rate", muted=_small(f"{key}_of"), is_narrow=place == 0))
    draw_table(rows, tuple(columns), export_name=f"quality_{name}", note=view.note(title),
               empty=t("quality.nothing_in_window"), n_shown=40,
               prepare_export=lambda found: spell_out(found, {key: f"{key}_of" for key, _, _ in known}))
    missing = [share[0] for share in shares if share not in known]
    if missing:
        draw_not_recorded(*missing)


def _small(column: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda row: row[column] or None
