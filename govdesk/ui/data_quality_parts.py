"""The parts of the page of data quality: heat table, one township, channels and sources, files, how it is counted."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from govdesk.clock import day_start
from govdesk.queries.data_quality import By, read_arrivals
from govdesk.queries.data_quality_parts import list_batch_sums
from govdesk.rules.access import allows
from govdesk.terms import RATE_MINIMUM
from govdesk.ui import session
from govdesk.ui.cards import Card, build_cards, build_facts, build_panel_title, panel
from govdesk.ui.data_quality_view import (
    SHARES,
    SHOWN,
    Measures,
    name_measure,
    name_of,
    name_window,
    write_cell,
)
from govdesk.ui.formats import write_share, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, address, clean_text, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.source_log_part import draw_log
from govdesk.ui.tables import Column, draw_table

#: What stands side by side beside the townships.
BYS: tuple[By, ...] = ("channel", "source")
#: Days of imports that are looked at.
FILE_DAYS = 90
#: What is told of one township, in order.
TOLD = ("last", "median", "prompt", "timely", "own_time", "classified", "village", "point", "channel", "unit", "level",
        "heard", "nil", "hushed", "shift", "merged")


def draw_cards(found: Measures) -> None:
    """Draw what matters most, of all that the account sees."""
    recent, arrived = name_window(found.arrivals.recent), name_window(found.arrivals.arrived)
    windows = {"timely": arrived, "prompt": arrived}
    cards = []
    for measure in ("timely", "classified", "heard", "nil"):
        top, bottom = (int(found.whole[name]) for name in SHARES[measure])
        cards.append(Card(name_measure(measure), write_share(top, bottom), notes=(
            t(f"data_quality.of_{measure}", top=f"{top:,}", bottom=f"{bottom:,}"), windows.get(measure, recent))))
    show(build_cards(cards))


def draw_heat(setting: Setting, found: Measures) -> None:
    """Draw townships by measures; in order of code, never of a figure."""
    show(build_panel_title(t("data_quality.heat"), t("data_quality.heat_note")))
    head = tag("tr", tag("td"), *(tag("th", name_measure(one), scope="col", title=t(f"data_quality.how_{one}"))
                                  for one in SHOWN))
    whole = [_build_row(found.whole, setting)] if len(found.rows) != 1 else []
    body = [*whole, *(_build_row(row, setting) for row in found.rows.to_dict("records"))]
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="gd-heat gd-dq"), class_="gd-scroll"))
    show(_build_legend())
    show(tag("p", t("data_quality.use"), class_="gd-muted gd-small"))


def _build_row(row: Any, setting: Setting) -> Html:
    name = name_of(row, setting)
    where = link(name, address("/data_quality", place=row["code"])) if row["code"] else name
    cells = [write_cell(row, measure) for measure in SHOWN]
    return tag("tr", tag("th", where, scope="row"), *(
        tag("td", cell.text, class_=f"gd-miss{cell.shade}" if cell.shade else None, title=cell.small or None)
        for cell in cells), class_=None if row["code"] else "gd-sum")


def _build_legend() -> Html:
    keys = [tag("span", tag("span", " ", class_=f"gd-key gd-miss{shade}"), " ", t(f"data_quality.shade_{shade}"))
            for shade in (1, 2, 3)]
    return tag("p", t("data_quality.legend"), " ", *keys, class_="gd-muted gd-small gd-dq-legend")


def choose_township(found: Measures) -> str:
    """Return the township of the address; the only one where there is but one, else none."""
    codes = [str(code) for code in found.rows["code"]]
    return session.read_param("place", session.one_of(*codes), codes[0] if len(codes) == 1 else "")


def draw_detail(setting: Setting, found: Measures, code: str) -> None:
    """Draw every measure of one township, or of the whole, with what it is made of."""
    rows = found.rows[found.rows["code"] == code].to_dict("records")
    row = rows[0] if rows else dict(found.whole)
    show(build_panel_title(t("data_quality.detail", name=name_of(row, setting)), t(
        "data_quality.detail_note", recent=name_window(found.arrivals.recent),
        arrived=name_window(found.arrivals.arrived))))
    facts: list[tuple[str, object]] = []
    for measure in TOLD:
        cell = write_cell(row, measure)
        small = tag("span", f" {cell.small}", class_="gd-muted gd-small") if cell.small else None
        facts.append((name_measure(measure), tag("span", cell.text, small)))
    show(build_facts(facts))
    if code and len(found.rows) > 1:
        show(tag("p", link(t("data_quality.back"), "/data_quality"), class_="gd-small"))


def draw_channels(setting: Setting, found: Measures, code: str) -> None:
    """Draw channels and sources of one township, or of the whole."""
    for by in BYS:
        _draw_by(setting, found.as_of, by, code)


def _draw_by(setting: Setting, as_of: datetime, by: By, code: str) -> None:
    found = load(read_arrivals, setting.scope, as_of, by, code or None)
    rows = found.rows.sort_values(["n", by], ascending=[False, True], kind="stable")
    names = [t("data_quality.no_channel") if not key else write_term("channel", key, setting.words)
             if by == "channel" else clean_text(write_term("origin", key, setting.words), 40) for key in rows[by]]
    table = rows.assign(name=names)
    for measure in ("timely", "classified", "point", "unit"):
        pairs = [(int(row[SHARES[measure][0]]), int(row[SHARES[measure][1]])) for row in rows.to_dict("records")]
        table = table.assign(**{measure: [write_share(*pair) for pair in pairs], f"{measure}_of": [
            f"{top:,}/{bottom:,}" if bottom >= RATE_MINIMUM else "" for top, bottom in pairs]})
    table = table.assign(last=[write_cell(row, "last").text for row in rows.to_dict("records")],
                         median=[write_cell(row, "median").text for row in rows.to_dict("records")])
    columns = (
        Column("name", t(f"data_quality.by_{by}")), Column("n", name_measure("n"), "count"),
        Column("last", name_measure("last"), "rate"), Column("median", name_measure("median"), "rate"),
        *(Column(measure, name_measure(measure), "rate", muted=_told_of(f"{measure}_of"), is_narrow=False)
          for measure in ("timely", "classified", "point", "unit")))
    show(build_panel_title(t(f"data_quality.by_{by}_title")))
    draw_table(table, columns, export_name=f"data_quality_{by}", empty=t("data_quality.none_recent"),
               note=setting.note(t(f"data_quality.by_{by}_title"), name_window(found.recent)))


def _told_of(key: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda row: row[key] or None


def draw_files(setting: Setting) -> None:
    """Draw what the imports of the last `FILE_DAYS` days brought, refused and masked, by source."""
    since = setting.day - timedelta(days=FILE_DAYS)
    show(build_panel_title(t("data_quality.files"), t("data_quality.files_note", since=since)))
    if setting.scope.area_code is not None:
        show(tag("p", t("data_quality.files_area"), class_="gd-empty"))
        return
    rows = load(list_batch_sums, setting.scope, day_start(since)).copy()
    shares = [write_share(row["n_rejected"], row["n_read"]) for row in rows.to_dict("records")]
    rows = rows.assign(
        origin=[clean_text(write_term("origin", one, setting.words), 40) if isinstance(one, str) and one
                else t("data_quality.no_source") for one in rows["source"]],
        kind=[_name_kind(about) for about in rows["about"]], share=shares)
    columns = (
        Column("origin", t("data_quality.by_source"), href=_lead_to_batches if allows(
            setting.scope, "view_imports") else None), Column("kind", t("data_quality.kind"), is_narrow=False),
        Column("n_batches", t("data_quality.n_batches"), "count", is_narrow=False),
        Column("n_read", t("data_quality.n_read"), "count"),
        Column("n_rejected", t("data_quality.n_rejected"), "count", muted=lambda row: row["share"]),
        Column("n_masked", t("data_quality.n_masked"), "count", is_narrow=False),
        Column("last_at", t("data_quality.last_at"), "instant", is_narrow=False))
    draw_table(rows, columns, export_name="data_quality_files", empty=t("data_quality.files_none"),
               note=setting.note(t("data_quality.files"), t("data_quality.files_note", since=since)))


def _lead_to_batches(row: Any) -> str:
    return address("/import_batches", about=row["about"])


def _name_kind(about: str) -> str:
    try:
        return t(f"import_batches.about_{about}")
    except KeyError:
        return clean_text(about, 40)


def draw_method() -> None:
    """Say how each measure is counted."""
    with st.expander(t("data_quality.how")):
        items = ((name_measure(measure), t(f"data_quality.how_{measure}")) for measure in (
            "n", *TOLD))
        show(tag("dl", *(part for name, how in items for part in (tag("dt", name), tag("dd", how))), class_="gd-how"))


def draw_all(setting: Setting, found: Measures) -> None:
    """Draw the page below the cards."""
    with panel("dq-heat"):
        draw_heat(setting, found)
        draw_method()
    code = choose_township(found)
    left, right = st.columns([2, 3])
    with left, panel("dq-detail", fills=True):
        draw_detail(setting, found, code)
    with right, panel("dq-channels", fills=True):
        draw_channels(setting, found, code)
    with panel("dq-files"):
        draw_files(setting)
    with panel("dq-log"):
        draw_log(setting)
