"""Categories by townships as a heat table: how many in the period, and how that compares with the year before."""

import numpy as np
import pandas as pd
import streamlit as st

from govdesk.queries.trend_changes import find_changes_by_cell
from govdesk.queries.trend_findings import describe_changes
from govdesk.queries.trend_periods import compare_spans
from govdesk.queries.trends import read_series
from govdesk.rules.small_counts import hide_small_counts
from govdesk.terms import Level
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, clean_text, show, tag
from govdesk.ui.tables import Column
from govdesk.ui.trend_charts import write_ratio
from govdesk.ui.trend_heat import build_heat
from govdesk.ui.trend_view import View, list_all_crossed, list_crossed, name_changes, name_things

#: From which ratio on a cell is tinted, weakly and strongly; falls by the inverse.
TINTS = (1.3, 2.0)
#: Weeks read beside the period: its counterpart of the year before lies within them.
_A_YEAR = 60
#: Findings of single cells written out.
MOST_FOUND = 8


def compare_cells(view: View) -> pd.DataFrame:
    """Return each category in each district: ``category``, ``place_code``, ``n``, ``n_then``, ``ratio``.

    ``is_crossed``: recording changed in the district between the two periods, so that nothing is to be tinted.
    """
    span = view.choice.span
    weeks = range(max(view.weeks.start, span.start - _A_YEAR), span.stop)
    cells = load(read_series, view.setting.scope, view.choice.filters(weeks), ("category", "district"))
    found = compare_spans(cells, span, view.festivals)
    places = [one[1] for one in found.index]
    crossed = {code for code in set(places) if list_crossed(view, code)}
    return pd.DataFrame({
        "category": [one[0] for one in found.index], "place_code": places,
        "n": found["n"].to_numpy(), "n_then": found["n_then"].to_numpy(), "ratio": found["ratio"].to_numpy(),
        "is_crossed": [code in crossed for code in places]})


def draw_cells(view: View) -> None:
    """Draw the table, and on demand the changes of level of single cells."""
    cells = compare_cells(view)
    cells = cells[(cells["n"] > 0) | (cells["n_then"] > 0)]
    with panel("trend-cells"):
        title = _write_title(view, cells)
        show(build_panel_title(title, view.period))
        if cells.empty:
            show(tag("p", t("trends.cells_empty"), class_="gd-empty"))
            return
        named = _name(view, cells)
        show(tag("div", _build_table(named), class_="gd-scroll", tabindex="0", role="region",
                 aria_label=clean_text(title)))
        show(tag("p", t("trends.cells_note") + _write_crossed(view, cells), class_="gd-muted gd-small"))
        columns = (Column("name", t("table.place")), Column("what", t("table.category")),
                   Column("n", t("table.incidents"), "count"), Column("n_then", t("trends.year_before_n"), "count"),
                   Column("change", t("trends.change")))
        draw_downloads(lambda: _tell(hide_small(named, view.names.level)), columns, name="dispute_cells",
                       note=view.note(title), chart=lambda: build_heat(hide_small(named, view.names.level), alt=title))
        _draw_changes(view)


def _name(view: View, cells: pd.DataFrame) -> pd.DataFrame:
    names, words = view.names, view.setting.words
    is_marked = cells["is_crossed"] & (not cells["is_crossed"].all())
    return cells.assign(
        name=[names.places.get(code, clean_text(code, 30)) + (" ‡" if marked else "")
              for code, marked in zip(cells["place_code"], is_marked, strict=True)],
        what=[names.categories[code][words] if code in names.categories else code for code in cells["category"]],
        tint=[0 if crossed else tint(ratio)
              for ratio, crossed in zip(cells["ratio"], cells["is_crossed"], strict=True)])


def _write_crossed(view: View, cells: pd.DataFrame) -> str:
    """Return in words which changes of recording lie between the two periods; nothing where none does."""
    crossed = cells[cells["is_crossed"]]
    if crossed.empty:
        return ""
    places = set(crossed["place_code"])
    changes = [one for one in list_all_crossed(view) if any(one.touches(code) for code in places)]
    key = "trends.cells_all_crossed" if len(crossed) == len(cells) else "trends.cells_crossed"
    return t(key, changes=name_changes(changes, view))


def tint(ratio: float) -> int:
    """Return −2 to 2: how much a cell changed; 0 also where that cannot be told.

    Examples
    --------
    >>> tint(2.5), tint(1.3), tint(1.0), tint(0.7), tint(0.4), tint(float("nan"))
    (2, 1, 0, -1, -2, 0)
    """
    if np.isnan(ratio):
        return 0
    size = sum(max(ratio, 1 / max(ratio, 1e-9)) >= edge for edge in TINTS)
    return size if ratio > 1 else -size


def _tell(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(change=[_write_change(row) for row in cells.itertuples()])


def hide_small(cells: pd.DataFrame, level: str | None) -> pd.DataFrame:
    """Return the cells as they may leave the house: in villages, none that is small, none that gives a small one away.

    The totals of villages and of categories stand in other files of the same page: `rules.small_counts` hides so many
    more cells that no subtraction finds a hidden one. A hidden cell is left out as one without incidents is, so that
    a file does not even say where something is hidden.
    """
    if level != Level.VILLAGE:
        return cells
    is_told = pd.Series(data=True, index=cells.index)
    for column in ("n", "n_then"):
        table = cells.pivot_table(index="place_code", columns="category", values=column, aggfunc="sum", fill_value=0)
        hidden = pd.DataFrame(
            hide_small_counts(table.to_numpy(np.int64), tells_totals=True)[:-1, :-1], table.index, table.columns)
        pairs = zip(cells["place_code"], cells["category"], strict=True)
        is_told &= np.array([pair[0] not in hidden.index or not hidden.at[pair] for pair in pairs], dtype=bool)
    return cells[is_told]


def _write_title(view: View, cells: pd.DataFrame) -> str:
    told = cells[cells["ratio"].notna() & ~cells["is_crossed"]]
    words = name_things(view)
    if told.empty:
        return t("trends.cells_title")
    score = np.sqrt(told["n"] + 0.375) - np.sqrt(told["n_then"] + 0.375)
    top = told.loc[score.abs().idxmax()]
    what = words.categories.get(top["category"], {}).get(view.setting.words, top["category"])
    return t("trends.cells_finding", what=what, place=words.places.get(top["place_code"], top["place_code"]),
             n=write_count(top["n"]), then=write_count(top["n_then"]), change=write_ratio(top["ratio"]))


def _build_table(cells: pd.DataFrame) -> Html:
    """Return the longer of the two as rows, both with the greatest first."""
    by = ("name", "what") if cells["name"].nunique() >= cells["what"].nunique() else ("what", "name")
    orders = [list(cells.groupby(key, sort=False)["n"].sum().sort_values(ascending=False, kind="stable").index)
              for key in by]
    found = {(getattr(row, by[0]), getattr(row, by[1])): row for row in cells.itertuples()}
    names = [*orders[1], t("trends.sum")]
    head = tag("tr", tag("td"), *(tag("th", name, scope="col") for name in names))
    body = []
    for name in orders[0]:
        rows = [found.get((name, other)) for other in orders[1]]
        total = sum(row.n for row in rows if row is not None)
        body.append(tag("tr", tag("th", name, scope="row"), *(_build_cell(row) for row in rows),
                        tag("td", write_count(total))))
    return tag("table", tag("thead", head), tag("tbody", *body), class_="gd-heat")


_CLASSES = {2: ("gd-up2", "▲"), 1: ("gd-up1", "▲"), 0: (None, ""), -1: ("gd-down1", "▼"), -2: ("gd-down2", "▼")}


def _build_cell(row: object) -> Html:
    if row is None:
        return tag("td", "0", class_="gd-none")
    class_, mark = _CLASSES[row.tint]  # type: ignore[attr-defined]
    n = write_count(row.n)  # type: ignore[attr-defined]
    title = f"{row.name} · {row.what}: {n} · {_write_change(row)}"  # type: ignore[attr-defined]
    return tag("td", f"{mark}{n}", class_=class_, title=clean_text(title))


def _write_change(row: object) -> str:
    n, then, ratio = row.n, row.n_then, row.ratio  # type: ignore[attr-defined]
    if pd.isna(then):
        return t("trends.not_compared")
    if pd.isna(ratio):
        return t("trends.counts", n=write_count(n), then=write_count(then))
    mark = " ‡" if row.is_crossed else ""  # type: ignore[attr-defined]
    return t("trends.against", change=write_ratio(ratio), then=write_count(then)) + mark


def _draw_changes(view: View) -> None:
    """Draw a button that looks for changes of level in every cell: some 400 series, half a second."""
    if not st.button(t("trends.look_into_cells"), key="trend_look_cells", type="secondary"):
        return
    with st.spinner(t("table.loading")):
        found = load(find_changes_by_cell, view.setting.scope, view.filters)
    findings = describe_changes(found.flags, view.look.changes, name_things(view), weeks=view.choice.span,
                                last_week=view.weeks.stop - 1)
    texts = [one.sentence(view.setting.words) for one in findings[:MOST_FOUND]]
    if not texts:
        show(tag("p", t("trends.cells_nothing", n=found.n_heard, total=len(found.silence)), class_="gd-empty"))
        return
    show(tag("ul", *(tag("li", one) for one in texts), class_="gd-trend-more"))
    show(tag("p", t("trends.cells_heard", n=found.n_heard, total=len(found.silence), shown=len(texts),
                    found=len(findings)), class_="gd-muted gd-small"))
