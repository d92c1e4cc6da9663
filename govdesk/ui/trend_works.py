"""Works projects on the page of trends: bands to shade charts with, and the weeks before and after the starts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from govdesk import palette
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.works_exposure import ARMS, EXPOSED, SPAN, UNEXPOSED, WHATS, YEAR_BEFORE, list_bands, read_exposure
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.ui.downloads import describe_filters, draw_downloads
from govdesk.ui.formats import is_known
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table
from govdesk.words import say
from models.event_study import LEAST_CLUSTERS, cluster_rates

#: Rates are of so many villages and a week.
PER = 100
_COLOURS = {EXPOSED: palette.STREAMS["dispute"], YEAR_BEFORE: palette.MUTED, UNEXPOSED: palette.STREAMS["request"]}
_DASHES = {EXPOSED: [1, 0], YEAR_BEFORE: [6, 4], UNEXPOSED: [2, 2]}


def works_bands(setting: Setting, filters: IncidentFilter) -> pd.DataFrame:
    """Return the works projects of the window and place of `filters`, oldest first.

    Returns
    -------
    DataFrame
        ``start``, ``end`` (datetime64, cut to the window, `end` exclusive), ``kind`` (code), ``place`` (words),
        ``name``, ``started_on``.
    """
    where = IncidentFilter(filters.week_from, filters.week_to, place_code=filters.place_code)
    bands = load(list_bands, setting.scope, where)
    places = [
        t("exposure.places", place=place, n=n) if n > 1 else place
        for place, n in zip([clean_text(one, 30) for one in bands["place"]], bands["n_places"], strict=True)]
    names = [clean_text(name, 60) for name in bands["name"]]
    return bands.assign(place=places, name=names)[["start", "end", "kind", "place", "name", "started_on"]]


def about_disputes(filters: IncidentFilter) -> IncidentFilter:
    """Return `filters` without streams and categories: exposure is about disputes, whatever is chosen above."""
    return replace(filters, streams=(), categories=())


def draw_works_exposure(setting: Setting, filters: IncidentFilter) -> None:
    """Draw disputes in the ten weeks before and after the start of works, beside the two comparisons.

    Parameters
    ----------
    setting : Setting
        Who reads.
    filters : IncidentFilter
        Projects that started in its weeks; streams and categories are not used.
    """
    if setting.as_of is None:
        return
    found = load(read_exposure, setting.scope, about_disputes(filters), setting.as_of)
    words = describe_filters(setting, IncidentFilter(
        filters.week_from, filters.week_to, place_code=filters.place_code, channels=filters.channels,
        kinds=filters.kinds, units=filters.units))
    n_left_out = int(found.attrs.get("n_left_out", 0))
    with panel("exposure"):
        exposed = found[found["arm"] == EXPOSED]
        n_projects = exposed["project"].nunique()
        if n_projects == 0:
            show(build_panel_title(t("exposure.title"), words))
            show(tag("p", t("exposure.none", n=n_left_out, span=SPAN), class_="gd-empty"))
            return
        totals = sum_halves(found)
        show(build_panel_title(write_finding(totals, n_projects), words))
        if n_projects >= LEAST_CLUSTERS:
            _draw_charts(setting, found, words)
        else:
            show(tag("p", t("exposure.few", n=n_projects, least=LEAST_CLUSTERS), class_="gd-empty"))
        show(tag("p", t("exposure.counting", n=n_projects, n_left_out=n_left_out, span=SPAN, per=PER,
                        least=LEAST_CLUSTERS), class_="gd-muted gd-small"))
        _draw_totals(setting, totals, words)


def sum_halves(found: pd.DataFrame) -> pd.DataFrame:
    """Return rates of the ten weeks before and after by arm and kind of dispute.

    Parameters
    ----------
    found : DataFrame
        As `queries.works_exposure.read_exposure` gives.

    Returns
    -------
    DataFrame
        ``arm``, ``what`` (`WHATS`), ``is_after``, ``n`` (disputes), ``n_village_weeks``, ``rate``, ``low``, ``high`` (a
        village and week; the interval over projects), ``n_clusters``; missing arms are not in it.
    """
    return _sum_cells(found.assign(is_after=found["week"] >= 0), "is_after")


def sum_weeks(found: pd.DataFrame) -> pd.DataFrame:
    """Return the same as `sum_halves` for each ``week`` from the start."""
    return _sum_cells(found, "week")


def _sum_cells(found: pd.DataFrame, by: str) -> pd.DataFrame:
    parts = []
    for arm in ARMS:
        rows = found[found["arm"] == arm]
        for what in WHATS if len(rows) else ():
            counts, exposures = (
                rows.pivot_table(index="project", columns=by, values=name, aggfunc="sum", fill_value=0)
                for name in (f"n_{what}", "n_villages"))
            rates = cluster_rates(counts.to_numpy(), exposures.to_numpy())
            parts.append(rates.assign(**{
                "arm": arm, "what": what, by: counts.columns, "n": counts.sum().to_numpy(),
                "n_village_weeks": exposures.sum().to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def write_finding(totals: pd.DataFrame, n_projects: int) -> str:
    """Return the finding in words: when, how much, beside what; a date is known, a cause is not."""
    def of(arm: str, *, is_after: bool) -> str:
        rows = totals[(totals["arm"] == arm) & (totals["what"] == "land") & (totals["is_after"] == is_after)]
        return write_rate(rows.iloc[0]) if len(rows) else t("exposure.no_comparison")

    return t("exposure.finding", span=SPAN, n=n_projects, per=PER, after=of(EXPOSED, is_after=True),
             before=of(EXPOSED, is_after=False), unexposed=of(UNEXPOSED, is_after=True))


def write_rate(row: Mapping[str, Any] | pd.Series) -> str:
    """Return a rate with its interval, or the counts where fewer than 10 disputes were counted."""
    if row["n"] < RATE_MINIMUM:
        return t("exposure.counts", n=f"{int(row['n']):,}", weeks=f"{int(row['n_village_weeks']):,}")
    rate = f"{PER * row['rate']:.1f}"
    if not is_known(row["low"]):
        return rate
    return t("exposure.rate_text", rate=rate, low=f"{PER * row['low']:.1f}", high=f"{PER * row['high']:.1f}")


def _draw_charts(setting: Setting, found: pd.DataFrame, words: str) -> None:
    weeks = sum_weeks(found)
    weeks = weeks.assign(
        arm_name=[t(f"exposure.arm_{arm}") for arm in weeks["arm"]],
        week_name=[_name_week(one) for one in weeks["week"]],
        **{name: PER * weeks[name] for name in ("rate", "low", "high")})
    totals = sum_halves(found)
    for place, what in zip(st.columns(2), WHATS, strict=True):
        with place:
            title = t(f"exposure.what_{what}")
            rows = weeks[weeks["what"] == what].reset_index(drop=True)
            alt = t("exposure.alt", what=title, finding=_say_arms(totals[totals["what"] == what]))
            drawn, spec = build_weeks(rows, setting.words, alt=alt)
            show(tag("p", title, class_="gd-small"))
            st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key=f"exposure_{what}")
            columns = (
                Column("arm_name", t("exposure.arm")), Column("week", t("exposure.week"), "count"),
                Column("n", t("exposure.n"), "count"), Column("n_village_weeks", t("exposure.village_weeks"), "count"),
                *(Column(name, t(f"exposure.{name}", per=PER), "number") for name in ("rate", "low", "high")),
                Column("n_clusters", t("exposure.projects"), "count"))
            draw_downloads(drawn, columns, name=f"exposure_{what}", note=setting.note(title, words),
                           chart=(drawn, spec))


def _say_arms(totals: pd.DataFrame) -> str:
    parts = [t("exposure.said", arm=t(f"exposure.arm_{row['arm']}"), rate=write_rate(row))
             for row in totals[totals["is_after"]].to_dict("records")]
    return t("exposure.comma").join(parts)


def _name_week(week: int) -> str:
    return t("exposure.week_after", n=week + 1) if week >= 0 else t("exposure.week_before", n=-week)


def build_weeks(rows: pd.DataFrame, words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the points and the chart of one kind of dispute: three lines with their intervals, the start marked.

    Parameters
    ----------
    rows : DataFrame
        ``week``, ``arm``, ``arm_name``, ``rate``, ``low``, ``high`` (a hundred villages and week), ``n``,
        ``n_village_weeks``, ``n_clusters``, ``week_name``.
    """
    arms = [arm for arm in ARMS if arm in set(rows["arm"])]
    names = [say(f"exposure.arm_{arm}", words) for arm in arms]
    x = {"field": "week", "type": "quantitative", "scale": {"domain": [-SPAN - 0.5, SPAN - 0.5], "nice": False},
         "axis": {"title": say("exposure.axis_week", words), "grid": False, "tickCount": 10, "format": "d"}}
    y = {"field": "rate", "type": "quantitative", "scale": {"zero": True},
         "axis": {"title": say("exposure.axis_rate", words, per=PER), "tickCount": 5}}
    legend = {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3, "labelLimit": 320}
    colour = {"field": "arm_name", "type": "nominal", "legend": legend,
              "scale": {"domain": names, "range": [_COLOURS[arm] for arm in arms]}}
    dash = {"field": "arm_name", "type": "nominal", "legend": legend,
            "scale": {"domain": names, "range": [_DASHES[arm] for arm in arms]}}
    tooltip = [
        {"field": "arm_name", "type": "nominal", "title": say("exposure.arm", words)},
        {"field": "week_name", "type": "nominal", "title": say("exposure.week", words)},
        *({"field": name, "type": "quantitative", "format": ".1f", "title": say("exposure." + name, words, per=PER)}
          for name in ("rate", "low", "high")),
        {"field": "n", "type": "quantitative", "format": ",", "title": say("exposure.n", words)},
        {"field": "n_village_weeks", "type": "quantitative", "format": ",",
         "title": say("exposure.village_weeks", words)},
        {"field": "n_clusters", "type": "quantitative", "title": say("exposure.projects", words)}]
    start = {"data": {"values": [{"week": -0.5, "text": say("exposure.start", words)}]}}
    layers = [
        {"mark": {"type": "area", "opacity": 0.15}, "encoding": {
            "x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash}},
        {"mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip}},
        {**start, "mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3]},
         "encoding": {"x": {"field": "week", "type": "quantitative"}}},
        {**start, "mark": {"type": "text", "align": "left", "dx": 5, "color": palette.INK, "fontSize": 12},
         "encoding": {"x": {"field": "week", "type": "quantitative"}, "y": {"value": 8},
                      "text": {"field": "text", "type": "nominal"}}},
    ]
    return rows, frame_chart(260, alt, layer=layers)


def _draw_totals(setting: Setting, totals: pd.DataFrame, words: str) -> None:
    title = t("exposure.totals_title", span=SPAN)
    show(build_panel_title(title, t("exposure.totals_note", per=PER, least=RATE_MINIMUM)))
    rows = []
    for what in WHATS:
        for arm in ARMS:
            pair = totals[(totals["what"] == what) & (totals["arm"] == arm)].set_index("is_after")
            row: dict[str, Any] = {"name": t(f"exposure.arm_{arm}"), "what": t(f"exposure.what_{what}")}
            for name, after in (("before", False), ("after", True)):
                known = after in pair.index
                row[name] = write_rate(pair.loc[after]) if known else t("exposure.no_comparison")
                row[f"{name}_of"] = t("exposure.counts", n=f"{int(pair.loc[after, 'n']):,}",
                                      weeks=f"{int(pair.loc[after, 'n_village_weeks']):,}") if known else ""
            row["n_clusters"] = int(pair["n_clusters"].max()) if len(pair) else 0
            rows.append(row)
    columns = (
        Column("name", t("exposure.arm"), muted=lambda row: row["what"]),
        Column("before", t("exposure.before", span=SPAN), muted=lambda row: row["before_of"] or None),
        Column("after", t("exposure.after", span=SPAN), muted=lambda row: row["after_of"] or None),
        Column("n_clusters", t("exposure.projects"), "count", is_narrow=False))
    draw_table(pd.DataFrame(rows), columns, export_name="exposure_totals", note=setting.note(title, words),
               empty=t("exposure.title"),
               prepare_export=lambda frame: frame.assign(name=frame["name"] + " · " + frame["what"]))
