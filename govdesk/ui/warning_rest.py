"""Everything as a table: the villages below the line on demand, and all of them to take away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.queries.risk_list import read_reasons
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import ExportNote, write_workbook
from govdesk.ui.formats import NOTHING, is_known, write_count, write_day
from govdesk.ui.giving import offer_file
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.tables import XLSX, Column, draw_table
from govdesk.ui.warning_details import find_change
from govdesk.ui.warning_view import View, read_all_changes
from govdesk.ui.warning_words import (
    KNOWN_TITLES,
    Words,
    band_name,
    split_known,
    write_known,
    write_odds,
    write_order,
    write_percent,
    write_reasons,
    write_sentence,
    write_step,
)

#: Rows drawn at once: a county has fewer villages; a prefecture or a province turns pages, chooses a township, or
#: takes the file.
MOST_ROWS = 400


def draw_rest(view: View) -> None:
    """Draw the villages below the line: how many and why, on demand each of them; and the file of all."""
    rows, run = view.rest, view.week.run
    is_few, is_resting = rows["probability"].isna(), rows["rests_since"].notna()
    n_few, n_resting = int(is_few.sum()), int((is_resting & ~is_few).sum())
    show(build_panel_title(t("warning.rest_title"), t(
        "warning.rest_note", n=write_count(len(rows)), resting=n_resting, few=n_few, h=run.horizon_weeks,
        others=write_count(len(rows) - n_few - n_resting), c=run.min_count or 1)))
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.session_state["warning_rest"] = view.choice.has_rest
        if len(rows):
            st.toggle(t("warning.rest_show", n=write_count(len(rows))), key="warning_rest", on_change=_keep_rest)
    with right:
        _draw_files(view)
    if view.choice.has_rest:
        page = _draw_pages(len(rows))
        draw_table(describe_rest(view, page), _rest_columns(run.horizon_weeks), export_name="below_the_line",
                   note=_note(view), empty=t("warning.rest_empty"), n_shown=MOST_ROWS,
                   prepare_export=lambda _: describe_all(view))


def _keep_rest() -> None:
    session.write_params(rest="all" if st.session_state["warning_rest"] else None, page=None)


def _draw_pages(n_rows: int) -> int:
    """Draw which rows are shown, where there are more than are drawn at once; return the page, from 0."""
    n_pages = -(-n_rows // MOST_ROWS)
    if n_pages < 2:
        return 0
    page = session.read_param("page", session.one_of(*map(str, range(1, n_pages + 1))), "1")
    # Kept by its key: a widget whose value is given anew at every run would not be turned a second time.
    st.session_state["warning_page"] = int(page)
    first = (int(page) - 1) * MOST_ROWS
    left, right = st.columns([1, 5], vertical_alignment="bottom")
    with left:
        st.number_input(t("warning.rest_page", n=write_count(n_pages)), 1, n_pages, key="warning_page", step=1,
                        on_change=_keep_page)
    with right:
        show(tag("p", t("warning.rest_shown", first=write_count(first + 1), n=write_count(n_rows),
                        last=write_count(min(first + MOST_ROWS, n_rows))), class_="gd-muted gd-small"))
    return int(page) - 1


def _keep_page() -> None:
    page = int(st.session_state["warning_page"])
    session.write_params(page=page if page > 1 else None)


def _note(view: View) -> ExportNote:
    words = t("warning.export_filters", as_of=write_day(view.week.run.as_of), k=view.week.n_listed,
              use=t("warning.use"))
    return view.setting.note(t("warning.title"), f"{words} {t('warning.export_small')}")


def _draw_files(view: View) -> None:
    """Draw the buttons; a file is made when somebody asks for it."""
    makers: tuple[tuple[str, str, Callable[..., bytes]], ...] = (
        ("csv", "text/csv", write_csv), ("xlsx", XLSX, write_workbook))
    with st.container(horizontal=True, horizontal_alignment="right", key="gd-downloads-warnings"):
        for kind, mime, write in makers:
            offer_file(t(f"downloads.{kind}"), partial(_make_file, view, write, _note(view)), name="early_warning",
                       kind=kind, file_name=f"early_warning.{kind}", mime=mime, key=f"warnings_{kind}",
                       look="tertiary")


def _make_file(view: View, write: Callable[..., bytes], note: ExportNote) -> bytes:
    columns = _export_columns(view.week.run.horizon_weeks)
    return write(describe_all(view), columns, note, view.setting.words)


def describe_rest(view: View, page: int = 0) -> pd.DataFrame:
    """Return one page of the villages below the line in words, as they are shown: of the reasons the first."""
    words = replace(view.words, has_links=False)
    rows = view.rest.iloc[page * MOST_ROWS:(page + 1) * MOST_ROWS]
    found = load(read_reasons, view.setting.scope, view.week.run.id, tuple(rows["place_code"]))
    rows = rows.assign(reasons=[found[code] for code in rows["place_code"]])
    return _add(rows, [_describe_row(row, words, n_reasons=1) for row in rows.to_dict("records")])


def describe_all(view: View) -> pd.DataFrame:
    """Return every village in words for a file: the listed ones first, without categories and courses."""
    words = replace(view.words, has_links=False, is_export=True)
    found = load(read_reasons, view.setting.scope, view.week.run.id)
    rest = view.rest.assign(reasons=[found[code] for code in view.rest["place_code"]])
    rows, view = pd.concat([view.listed, rest]), read_all_changes(view)
    percents = {name: (100 * rows[name]).round(1) for name in ("probability", "low", "high")}
    usual = (100 * rows["usual_level"].where(rows["probability"].notna())).round(1)
    described = [_describe_row(row, words) | _describe_more(view, row, words) for row in rows.to_dict("records")]
    return _add(rows.assign(**percents, usual_percent=usual), described)


def _add(rows: pd.DataFrame, described: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return rows.assign(**{name: [one[name] for one in described] for name in (described[0] if described else ())})


def _describe_row(row: Mapping[Any, Any], words: Words, n_reasons: int | None = None) -> dict[str, Any]:
    is_told = is_known(row["probability"])
    return {
        "band_name": band_name(row["band"]), "percent": write_percent(row["probability"]),
        "interval": f"{write_percent(row['low'])} – {write_percent(row['high'])}" if is_told else None,
        "usual": write_percent(row["usual_level"]) if is_told else NOTHING, "state": _state(row),
        "why": write_sentence(write_reasons(row["reasons"][:n_reasons], words)),
        "parent": clean_text(row["parent"], 40) if is_known(row["parent"]) else "",
    }


def _write_known(view: View, row: Mapping[Any, Any], words: Words) -> str:
    beside, counted = split_known(view.known.get(str(row["place_code"]), ()), row["contributions"])
    told = write_sentence(write_known(beside, view.setting.day, words))
    if not counted:
        return told
    more = write_sentence(write_known(counted, view.setting.day, words))
    also = f"[{t(KNOWN_TITLES[1])}] {more}"
    return t("warning.semicolon").join((told, also)) if beside else also  # "none open" would not be true beside it


def _describe_more(view: View, row: Mapping[Any, Any], words: Words) -> dict[str, Any]:
    """Return what only a file holds: list, change, step, who answers, last visit, what is known beside the score."""
    code, change, is_listed = str(row["place_code"]), find_change(view, row), isinstance(row["list"], str)
    moved = change["after"] - change["before"] if change else float("nan")
    known = _write_known(view, row, words) if is_listed else ""
    return {
        "list_name": t(f"warning.list_{row['list']}") if is_listed else "", "known": known,
        "moved": write_odds(moved) if is_known(moved) else "", "step": write_step(view.step(row)),
        "owner": view.owners.get(code, ""),
        "order_text": " · ".join((write_order(view.orders[code]), clean_text(view.orders[code]["owner"], 40)))
        if code in view.orders else "",
        "last_visit": pd.Timestamp(view.visited[code]) if code in view.visited else pd.NaT,
    }


def _state(row: Mapping[Any, Any]) -> str:
    if not is_known(row["probability"]):
        return t("warning.state_few")
    if is_known(row["rests_since"]):
        return t("warning.state_rests", day=write_day(row["rests_since"]))
    if isinstance(row["list"], str):
        return t("warning.mark_new") if row["is_new"] else ""
    return t("warning.state_below")


def _rest_columns(weeks: int) -> tuple[Column, ...]:
    return (
        Column("rank", t("warning.col_rank"), "count"), Column("band_name", t("warning.col_band")),
        Column("name", t("warning.col_village"), href=lambda row: address("/village", place=row["place_code"]),
               muted=lambda row: row["parent"]),
        Column("percent", t("warning.col_probability", h=weeks), "rate", muted=lambda row: row["interval"]),
        Column("usual", t("warning.col_usual"), "rate", is_narrow=False),
        Column("baseline_rank", t("warning.col_habit"), "count", is_narrow=False),
        Column("why", t("warning.col_why")), Column("state", t("warning.col_state"), is_narrow=False),
    )


def _export_columns(weeks: int) -> tuple[Column, ...]:
    """Return the columns of a file: everything but the parts of the score."""
    texts = (("change", "moved"), ("step", "step"), ("owner", "owner"))
    return (
        Column("list_name", t("warning.col_list")), Column("position", t("warning.col_position"), "count"),
        Column("rank", t("warning.col_rank"), "count"), Column("band_name", t("warning.col_band")),
        Column("place_code", t("table.place")), Column("name", t("warning.col_village")),
        Column("parent", t("term.level_township")),
        Column("probability", t("warning.col_probability_percent", h=weeks), "number"),
        Column("low", t("warning.col_low"), "number"), Column("high", t("warning.col_high"), "number"),
        Column("usual_percent", t("warning.col_usual_percent"), "number"),
        Column("baseline_rank", t("warning.col_habit"), "count"), Column("why", t("warning.col_why")),
        Column("known", t("warning.col_known")),
        *(Column(key, t(f"warning.col_{name}")) for name, key in texts),
        Column("order_text", t("visit_orders.warning_column")),
        Column("last_visit", t("warning.col_last"), "day"), Column("state", t("warning.col_state")),
    )
