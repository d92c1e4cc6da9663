"""Legal and mediation capacity: how many for how many people, and in how many villages anybody knows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from govdesk import palette
from govdesk.queries.capacity import KINDS, PEOPLE, has_capacities, read_capacities, sum_capacities
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_levels, list_places
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.ui.downloads import describe_filters, draw_downloads
from govdesk.ui.formats import NOTHING, is_known, write_day, write_share, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table
from govdesk.words import say


def draw_capacity(setting: Setting, filters: IncidentFilter) -> None:
    """Draw legal guides, legal advisers and volunteer mediators by township, and each village's counts.

    Parameters
    ----------
    setting : Setting
        Who reads.
    filters : IncidentFilter
        Of it the place and the kinds of village are used: capacity is of a day, not of a window.
    """
    if setting.as_of is None:
        return
    only = IncidentFilter(0, 0, place_code=filters.place_code, kinds=filters.kinds)
    with panel("capacity"):
        if not load(has_capacities, setting.scope):
            show(build_panel_title(t("capacity.title")))
            show(tag("p", t("capacity.none"), class_="gd-empty"))
            return
        rows = load(read_capacities, setting.scope, only, setting.as_of)
        total = sum_capacities(rows, None)
        words = _describe(setting, only)
        show(build_panel_title(t("capacity.title"), words))
        show(tag("ul", *(tag("li", write_finding(one, setting.words)) for one in total.to_dict("records")),
                 class_="gd-sentences"))
        show(tag("p", t("capacity.counting", people=f"{PEOPLE:,}", least=RATE_MINIMUM), class_="gd-muted gd-small"))
        names = _name_places(setting)
        sums = sum_capacities(rows)
        sums = sums.assign(name=[names.get(code, code) for code in sums["parent_code"]])
        if sums["parent_code"].nunique() > 1:
            _draw_comparison(setting, sums, total, words)
        _draw_villages(setting, rows, names, words)


def _describe(setting: Setting, filters: IncidentFilter) -> str:
    """Say of which day and where; the weeks of a filter mean nothing here."""
    parts = describe_filters(setting, filters).split(" · ")[1:]
    return " · ".join([t("capacity.on", day=setting.day), *parts])


def _name_places(setting: Setting) -> dict[str, str]:
    names: dict[str, str] = {}
    for level in load_common(list_levels):
        places = load(list_places, setting.scope, level, setting.day)
        names |= {code: clean_text(name, 30) for code, name in zip(places["code"], places["name"], strict=True)}
    return names


def write_finding(row: Mapping[str, Any], words: str) -> str:
    """Return one kind in words: how many, in how many villages, of how many, and for how many nobody knows."""
    kind = write_term("capacity", row["capacity"], words)
    if row["n_known"] == 0:
        return t("capacity.unknown_kind", kind=kind, villages=f"{row['n_villages']:,}")
    return t("capacity.finding", kind=kind, n=f"{row['n']:,}", known=f"{row['n_known']:,}",
             covered=f"{row['n_with']:,}", villages=f"{row['n_villages']:,}",
             missing=f"{row['n_villages'] - row['n_known']:,}", oldest=write_day(row["oldest"]))


def write_rate(row: Mapping[str, Any]) -> str:
    """Return a number for a thousand people; fewer than 10 stay a number."""
    if row["n_known"] == 0 or not is_known(row["rate"]):
        return NOTHING
    return f"{row['rate']:.2f}" if row["n"] >= RATE_MINIMUM else t("capacity.count", n=row["n"])


def write_coverage(row: Mapping[str, Any]) -> str:
    """Return in how many of the villages with a record there is at least one."""
    return f"{row['n_with']}/{row['n_known']}" if row["n_known"] else NOTHING


def _draw_comparison(setting: Setting, sums: pd.DataFrame, total: pd.DataFrame, words: str) -> None:
    kind = st.segmented_control(
        t("capacity.kind"), KINDS, default=KINDS[0], required=True, key="capacity_kind", label_visibility="collapsed",
        format_func=lambda one: write_term("capacity", one, setting.words))
    rows = sums[sums["capacity"] == kind].reset_index(drop=True)
    mean = total.set_index("capacity").loc[kind]
    name = write_term("capacity", kind, setting.words)
    rates = rows["rate"].where(rows["n"] >= RATE_MINIMUM)
    title = t("capacity.compare_title", kind=name, people=f"{PEOPLE:,}")
    written = rows.to_dict("records")
    texts = rows.assign(
        shown=rates, rate_text=[write_rate(one) for one in written],
        coverage=[write_coverage(one) for one in written], share=[write_share(one["n_with"], one["n_known"]) for one in
                                                                  written],
        missing=rows["n_villages"] - rows["n_known"])
    show(build_panel_title(title, t("capacity.order")))
    if rates.notna().sum() >= 2:
        alt = t("capacity.alt", title=title, low=f"{rates.min():.2f}", high=f"{rates.max():.2f}",
                mean=f"{mean['rate']:.2f}", n=int(rates.notna().sum()))
        drawn, spec = build_comparison(texts, float(mean["rate"]), setting.words, alt=alt)
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="capacity_chart")
        draw_downloads(texts, _columns(), name=f"capacity_{kind}", note=setting.note(title, words),
                       chart=(drawn, spec))
    draw_table(texts, _columns(), export_name=f"capacity_townships_{kind}", note=setting.note(title, words),
               empty=t("capacity.none"), n_shown=40)


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("table.place"), href=lambda row: address("/village", place=row["parent_code"])),
        Column("n", t("capacity.n"), "count"),
        Column("rate_text", t("capacity.rate", people=f"{PEOPLE:,}"),
               muted=lambda row: t("capacity.of_people", n=f"{row['people']:,}")),
        Column("coverage", t("capacity.coverage"), muted=lambda row: row["share"] if row["n_known"] >= 10 else None),
        Column("missing", t("capacity.missing"), "count", muted=lambda row: t("capacity.of", n=row["n_villages"])),
        Column("oldest", t("capacity.oldest"), "day", is_narrow=False),
    )


def build_comparison(rows: pd.DataFrame, mean: float, words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the points and the chart: one dot a township in order of code, a line where all together are.

    Parameters
    ----------
    rows : DataFrame
        ``name``, ``shown`` (a thousand people; missing where fewer than 10), ``n``, ``rate_text``, ``coverage``.
    mean : float
        Of all together.
    """
    names = rows["name"].tolist()
    drawn = rows.loc[rows["shown"].notna(), ["name", "shown", "n", "rate_text", "coverage"]].reset_index(drop=True)
    x = {"field": "name", "type": "nominal", "scale": {"domain": names},
         "axis": {"title": None, "labelAngle": -45, "ticks": False, "labelOverlap": False}}
    y = {"type": "quantitative", "scale": {"zero": True},
         "axis": {"title": say("capacity.rate", words, people=f"{PEOPLE:,}"), "tickCount": 5}}
    tooltip = [{"field": "name", "type": "nominal", "title": say("table.place", words)},
               {"field": "rate_text", "type": "nominal", "title": say("capacity.rate", words, people=f"{PEOPLE:,}")},
               {"field": "n", "type": "quantitative", "format": ",", "title": say("capacity.n", words)},
               {"field": "coverage", "type": "nominal", "title": say("capacity.coverage", words)}]
    together = {"data": {"values": [{"mean": mean, "text": say("capacity.mean_mark", words, n=f"{mean:.2f}")}]}}
    layers = [
        {**together, "mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3]},
         "encoding": {"y": {**y, "field": "mean"}}},
        {**together, "mark": {"type": "text", "align": "right", "dy": -7, "color": palette.INK, "fontSize": 12},
         "encoding": {"x": {"value": "width"}, "y": {**y, "field": "mean"},
                      "text": {"field": "text", "type": "nominal"}}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "color": palette.ACCENT},
         "encoding": {"x": x, "y": {**y, "field": "shown"}, "tooltip": tooltip}},
    ]
    return drawn, frame_chart(240, alt, layer=layers)


def _draw_villages(setting: Setting, rows: pd.DataFrame, names: Mapping[str, str], words: str) -> None:
    with st.expander(t("capacity.villages")):
        shown = rows.assign(parent=[names.get(code, "") if is_known(code) else "" for code in rows["parent_code"]])
        columns = [Column("name", t("table.name"), href=lambda row: address("/village", place=row["code"]),
                          muted=lambda row: row["parent"] or None),
                   Column("population", t("capacity.population"), "count", is_narrow=False)]
        for kind in KINDS:
            columns.append(Column(f"n_{kind}", write_term("capacity", kind, setting.words), "count"))
            columns.append(Column(f"on_{kind}", t("capacity.counted_on"), "day", is_narrow=False))
        draw_table(shown, tuple(columns), export_name="capacity_villages",
                   note=setting.note(t("capacity.title"), words), empty=t("capacity.none"))
