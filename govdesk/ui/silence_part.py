"""Villages that reported clearly less than expected 上报偏少提示: items to ask about, by code, judging nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.clock import monday_of
from govdesk.queries.coverage import reporting_level
from govdesk.queries.places import list_places
from govdesk.queries.silence_explanations import read_explanations
from govdesk.queries.silence_hints import LEAST_WEEKS, SilenceHints, first_judged_day, read_silence_hints
from govdesk.rules.access import allows
from govdesk.terms import Level
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_count, write_day, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table
from models.silence import QUIET, TOO_FEW, WINDOWS

#: Villages without enough records that are named one by one; of more only their number by township is told.
MOST_NAMED = 600
#: Columns in which something else that could explain it is told.
_ELSE = ("n_nil_weeks", "n_vacant_posts", "changes")


@st.fragment
def offer_silence(setting: Setting) -> None:
    """Draw a switch that opens the panel: it judges years of all villages, and a list must not wait for it."""
    with panel("silence-offer"):
        show(build_panel_title(t("silence.title"), t("silence.purpose")))
        is_open = st.toggle(t("silence.show"), key="silence_open")
    if is_open:
        draw_silence(setting)


def draw_silence(setting: Setting) -> None:
    """Draw the panel: what was judged, whom to ask, what else could explain it, of whom nothing can be told."""
    with panel("silence"):
        if setting.as_of is None or setting.first_week is None:
            show(build_panel_title(t("silence.title")))
            show(tag("p", t("silence.too_short", n=0, least=LEAST_WEEKS), class_="gd-empty"))
            return
        with st.spinner(t("table.loading")):
            hints = load(read_silence_hints, setting.scope, setting.week)
        rows = hints.rows
        quiet, few = rows[rows["state"] == QUIET], rows[rows["state"] == TOO_FEW]
        if rows.empty or len(few) == len(rows):
            _draw_nothing_told(hints)
        else:
            _draw_told(setting, setting.as_of, hints, quiet, len(few))
        if len(few):
            _draw_too_few(setting, few)
        _draw_method(len(rows) - len(few))


def _draw_nothing_told(hints: SilenceHints) -> None:
    show(build_panel_title(t("silence.title")))
    is_short = hints.rows.empty
    text = (t("silence.too_short", n=hints.n_weeks, least=LEAST_WEEKS) if is_short else t("silence.none_told"))
    show(tag("p", text, class_="gd-empty"))


def _draw_told(setting: Setting, as_of: datetime, hints: SilenceHints, quiet: pd.DataFrame, n_few: int) -> None:
    n = len(hints.rows)
    title = t("silence.title_of", n=write_count(len(quiet))) if len(quiet) else t("silence.title_none")
    last = monday_of(hints.week_to) - timedelta(days=1)
    window = t("silence.window", from_day=first_judged_day(hints), to_day=last)
    counts = t("silence.counts", all=write_count(n), told=write_count(n - n_few), few=write_count(n_few))
    show(build_panel_title(t("silence.title"), t("silence.purpose")))
    show(tag("p", tag("strong", title), " ", counts))
    show(tag("p", window, class_="gd-muted gd-small"))
    show(build_notice(t("silence.meaning")))
    rows = _add_else(setting, as_of, hints, quiet)
    draw_table(rows, _columns(), export_name="silence", note=setting.note(t("silence.export"), f"{window} {counts}"),
               empty=t("silence.empty"))
    if len(quiet):
        registers = allows(setting.scope, "register_source_change")
        show(tag("p", t("silence.ask"), " " if registers else None,
                 link(t("silence.ask_link"), address("/register")) if registers else None))


def _add_else(setting: Setting, as_of: datetime, hints: SilenceHints, quiet: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with township and what else could explain them, whole numbers for what was found."""
    level = load_common(reporting_level) or Level.VILLAGE.value
    found = load(read_explanations, setting.scope, tuple(quiet["code"]), hints.week_to - max(WINDOWS), hints.week_to,
                 level, as_of).drop(columns="code")
    rows = pd.concat([quiet.reset_index(drop=True), found], axis=1)
    names = _township_names(setting)
    return rows.assign(
        parent=[names.get(code, clean_text(code, 40)) for code in rows["parent_code"]],
        changes=[_write_changes(row, setting.words) for row in rows.to_dict("records")])


def _township_names(setting: Setting) -> dict[str, str]:
    """Return the name of every place that stands above a village."""
    found: dict[str, str] = {}
    for level in (Level.COUNTY, Level.TOWNSHIP):
        places = load(list_places, setting.scope, level.value, setting.day)
        found |= dict(zip(places["code"], places["name"], strict=True))
    return found


def _write_changes(row: Mapping[str, Any], words: str) -> str:
    """Return the changes of sources and places in the order in which they came."""
    told = [(day, write_term("source", kind, words)) for day, kind in row["source_changes"]]
    told += [(day, write_term("change", kind, words)) for day, kind in row["place_changes"]]
    said = [t("silence.source_change", day=write_day(day), kind=kind) for day, kind in sorted(told)]
    return t("silence.comma").join(said) or t("silence.nothing_known")


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("silence.place"), href=lambda row: address("/village", place=row["code"])),
        Column("parent", t("silence.township"), is_narrow=False),
        Column("observed_26", t("silence.found_26"), "count"),
        Column("expected_26", t("silence.expected_26"), "number"),
        Column("observed_13", t("silence.found_13"), "count", is_narrow=False),
        Column("expected_13", t("silence.expected_13"), "number", is_narrow=False),
        Column(_ELSE[0], t("silence.nil"), "count", is_narrow=False),
        Column(_ELSE[1], t("silence.vacant"), "count", is_narrow=False),
        Column(_ELSE[2], t("silence.changes"), is_narrow=False))


def _draw_too_few(setting: Setting, few: pd.DataFrame) -> None:
    names, comma = _township_names(setting), t("silence.names_comma")
    with st.expander(t("silence.too_few_title", n=write_count(len(few)))):
        is_named = len(few) <= MOST_NAMED
        lines = []
        for code, group in few.fillna({"parent_code": ""}).groupby("parent_code", sort=True):
            listed = comma.join(clean_text(name, 40) for name in group["name"]) if is_named else ""
            lines.append(tag("li", t("silence.too_few_line", township=names.get(str(code), clean_text(code, 40)),
                                     n=write_count(len(group)), names=listed)))
        if not is_named:
            show(tag("p", t("silence.too_few_many", n=write_count(len(few)))))
        show(tag("ul", *lines, class_="gd-small"))


def _draw_method(n_told: int) -> None:
    with st.expander(t("silence.how")):
        for key in ("how_expected", "how_tail", "how_found", "how_places"):
            show(tag("p", t(f"silence.{key}", told=write_count(n_told)) if key == "how_tail" else t(f"silence.{key}"),
                     class_="gd-small"))
