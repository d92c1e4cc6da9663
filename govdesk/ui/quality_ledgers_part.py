"""Parts of case quality: the ledger of old cases 信访积案, and which village reported in which week."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.clock import week_of
from govdesk.queries.old_cases import OLD_DAYS, count_old_cases, list_old_cases
from govdesk.queries.places import list_places
from govdesk.queries.reporting_completeness import NIL, REPORTED, SILENT, read_completeness
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.change_marks import list_marks
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.export import hide_small_categories
from govdesk.ui.formats import is_known, write_day, write_term
from govdesk.ui.i18n import t
from govdesk.ui.incident_table import name_incidents
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.quality_charts import build_reports
from govdesk.ui.quality_view import View
from govdesk.ui.quality_words import draw_not_recorded, name_of, write_rate
from govdesk.ui.silence_part import draw_silence
from govdesk.ui.tables import Column, draw_table

#: Weeks of the heat map: half a year.
WEEKS = 26
#: Places drawn at once; a township has fewer, a city without townships more.
MOST_PLACES = 40


def draw_old_cases(view: View) -> None:
    """Draw the ledger: age, responsible post, plan, last step."""
    if not view.recorded.closings:
        draw_not_recorded("old_cases")
        return
    n = view.load(count_old_cases)
    title = t("quality.old_title", name=name_of("old_cases"), n=f"{n:,}", days=OLD_DAYS)
    with panel("old_cases"):
        show(build_panel_title(title, t("quality.old_note")))
        cases = view.load(list_old_cases)
        rows = cases if cases.empty else _write_cases(name_incidents(cases, view.setting), view.setting.words)
        draw_table(rows, _case_columns(), export_name="quality_old_cases", note=view.note(title),
                   empty=t("quality.old_empty", days=OLD_DAYS), n_shown=40,
                   prepare_export=lambda found: _hide_small(found, view.setting.words))


def _write_cases(cases: pd.DataFrame, words: str) -> pd.DataFrame:
    nothing = t("quality.not_recorded")
    return cases.assign(
        post=[one if is_known(one) else nothing for one in cases["post_title"]],
        plan_text=[clean_text(one, 60) if is_known(one) else nothing for one in cases["plan"]],
        last=[write_term("step", kind, words) if is_known(kind) else nothing for kind in cases["last_kind"]])


def _hide_small(cases: pd.DataFrame, words: str) -> pd.DataFrame:
    weeks = cases.assign(week=[week_of(day.date()) for day in cases["occurred_on"]])
    return hide_small_categories(
        weeks, place="place_code", week="week", category="category_name", n=None, words=words)


def _case_columns() -> tuple[Column, ...]:
    return (
        Column("source_ref", t("table.number"), href=lambda row: address("/incident", id=row["id"])),
        Column("category_name", t("table.category"), is_narrow=False),
        Column("where", t("table.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("age_days", t("table.age"), "age"),
        Column("handling_unit_name", t("table.unit"), is_narrow=False),
        Column("post", t("quality.post"), is_narrow=False),
        Column("plan_text", t("quality.plan"), is_narrow=False),
        Column("last", t("quality.last_step"), muted=_last_day))


def _last_day(row: Mapping[str, Any]) -> str | None:
    return write_day(row["last_at"]) if is_known(row["last_at"]) else None


def draw_reporting(view: View) -> None:
    """Draw the heat map of one district, and all districts as a table."""
    week_to = view.filters.week_to
    first = view.setting.first_week
    if first is None or not view.names.places:
        show(tag("p", t("quality.nothing_in_window"), class_="gd-empty"))
        return
    week_from = max(week_to - WEEKS, first)
    rows = load(read_completeness, view.setting.scope, view.choice.place or None, week_from, week_to, view.as_of)
    rows = rows.assign(district=rows["place_code"].map(_districts(view)))
    if view.choice.kind:
        rows = rows[rows["place_code"].isin(_villages_of_kind(view))].reset_index(drop=True)
    if not view.recorded.nil_returns:
        draw_not_recorded_nil()
    with panel("reporting_map"):
        _draw_map(view, rows)
    with panel("reporting_table"):
        _draw_districts(view, rows)
    draw_silence(view.setting)


def draw_not_recorded_nil() -> None:
    """Say that silence may be a nil return nobody sent in."""
    show(tag("p", t("quality.no_nil_returns"), class_="gd-notice", role="note"))


def _districts(view: View) -> dict[str, str]:
    """Return the district of each place that reports: itself, or what it lies in."""
    places = view.names.places
    villages = load(list_places, view.setting.scope, "village", view.setting.day)
    above = dict(zip(villages["code"], villages["parent_code"], strict=True))
    return {code: code if code in places else above[code] for code in above} | {code: code for code in places}


def _villages_of_kind(view: View) -> list[str]:
    villages = load(list_places, view.setting.scope, "village", view.setting.day)
    return [code for code, kind in zip(villages["code"], villages["kind"], strict=True) if kind == view.choice.kind]


def _draw_map(view: View, rows: pd.DataFrame) -> None:
    present = set(rows["district"].unique())
    options = [code for code in view.names.places if code in present]
    if not options:
        show(tag("p", t("quality.nothing_in_window"), class_="gd-empty"))
        return
    part, name = rows, view.setting.area
    if (rows["district"] != rows["place_code"]).any():
        silent = (rows["state"] == SILENT).groupby(rows["district"]).mean()
        first = str(silent[options].idxmax())
        asked = view.choice.place or session.read_param("district", session.one_of(*options), first)
        chosen = asked if asked in options else first
        if not view.choice.place:
            chosen = st.selectbox(
                view.names.district, options, index=options.index(chosen), key="quality_district", width=220,
                format_func=lambda code: view.names.places[code], placeholder=t("frame.choose"))
            session.write_params(district=None if chosen == first else chosen)
        part, name = rows[rows["district"] == chosen], view.names.places[chosen]
    n_silent, n = int((part["state"] == SILENT).sum()), len(part)
    title = t("quality.reports_title", place=name, rate=write_rate(n_silent, n), n=f"{n_silent:,}", total=f"{n:,}")
    show(build_panel_title(title))
    drawn = _most_silent(part)
    weeks = range(int(part["week"].min()), int(part["week"].max()) + 1)
    code = str(part["district"].iloc[0]) if part["district"].nunique() == 1 else None
    marks = list_marks(view.setting, weeks, code)
    cells, spec = build_reports(drawn, view.setting.words, alt=title, marks=[(one.week, one.text) for one in marks])
    st.vega_lite_chart(cells, spec, theme=None, width="stretch", key="quality_reports")
    n_drawn, n_places = drawn["place_code"].nunique(), part["place_code"].nunique()
    cut = t("quality.reports_cut", n=n_drawn, total=n_places) if n_drawn < n_places else None
    show(tag("p", t("quality.reports_legend"), tag("span", " ", cut) if cut else None, class_="gd-muted gd-small"))
    everything, _ = build_reports(part, view.setting.words, alt=title)
    columns = (
        Column("name", t("table.place")), Column("week_name", t("table.week")), Column("monday", t("quality.monday")),
        Column("state_name", t("quality.state")), Column("n_known", t("table.incidents"), "count"))
    # Where nothing came nobody knows how many there were: no 0.
    known = everything["n_incidents"].astype("Int64").where(everything["state"] != SILENT)
    draw_downloads(everything.assign(n_known=known), columns, name="quality_reports", note=view.note(title),
                   chart=(cells, spec))


def _most_silent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the places that were silent most often, where there are more than can be drawn."""
    silent = (rows["state"] == SILENT).groupby(rows["place_code"]).sum().sort_values(ascending=False, kind="stable")
    return rows[rows["place_code"].isin(silent.head(MOST_PLACES).index)]


def _draw_districts(view: View, rows: pd.DataFrame) -> None:
    title = t("quality.reports_by_district", level=view.names.district.lower())
    show(build_panel_title(title, t("quality.reports_note", n=WEEKS)))
    table = rows.groupby(["district", "state"]).size().unstack("state", fill_value=0)
    table = table.reindex(columns=[REPORTED, NIL, SILENT], fill_value=0).reset_index()
    table["total"] = table[[REPORTED, NIL, SILENT]].sum(axis=1)
    table["name"] = [view.names.places.get(code, code) for code in table["district"]]
    table["share"] = [write_rate(total - silent, total) for total, silent in
                      zip(table["total"], table[SILENT], strict=True)]
    table = table.assign(rate=table[SILENT] / table["total"]).sort_values("rate", ascending=False, ignore_index=True)
    draw_table(table, (
        Column("name", view.names.district, href=lambda row: address("/village", place=row["district"])),
        Column("total", t("quality.village_weeks"), "count", is_narrow=False),
        Column(REPORTED, t("quality.state_reported"), "count", is_narrow=False),
        Column(NIL, t("quality.state_nil"), "count", is_narrow=False),
        Column(SILENT, t("quality.state_silent"), "count"), Column("share", name_of("reporting_share"), "rate"),
    ), export_name="quality_reporting", note=view.note(title), empty=t("quality.nothing_in_window"), n_shown=40)
