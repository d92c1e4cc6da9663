"""Charts of staffing as Vega-Lite specifications: townships beside the county's median, groups by kind of village."""

from typing import Any

import pandas as pd

from govdesk import palette
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.words import say

#: Rates are of so many filled posts.
POSTS = 100
#: Carrying more than so many times the median is said in words.
HEAVY = 1.5


def write_load(load: float) -> str:
    """Return a load (incidents a filled post and week) as it is shown: of a hundred posts."""
    return f"{POSTS * load:.1f}"


def build_loads(districts: pd.DataFrame, median: float | None, words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the dots and the chart: a row a district in order of code, its load with interval, the median as a line.

    Parameters
    ----------
    districts : DataFrame
        As `queries.staffing.Staffing.districts`. From fewer than 10 incidents no dot is drawn, the row says the number;
        where posts are too few it says so and nothing else.
    """
    drawn = districts[["name", "state", "n_new", "n_posts", "n_vacant", "post_weeks"]].copy()
    has_dot = districts["load"].notna() & (districts["n_new"] >= RATE_MINIMUM)
    for name in ("load", "low", "high"):
        drawn[name] = (POSTS * districts[name]).where(has_dot)
    drawn["text"] = ["" if dot else _say_why(row, words)
                     for dot, row in zip(has_dot, districts.to_dict("records"), strict=True)]
    drawn["mark"] = ["vacant" if n else "filled" for n in districts["n_vacant"]]
    drawn["load_text"] = ["" if pd.isna(one) else say("staffing.interval", words, n=f"{one:.1f}", low=f"{low:.1f}",
                          high=f"{high:.1f}") for one, low, high in zip(drawn["load"], drawn["low"], drawn["high"],
                                                                          strict=True)]
    y = {"field": "name", "type": "nominal", "sort": drawn["name"].tolist(),
         "axis": {"title": None, "ticks": False, "labelLimit": 120, "grid": True, "domain": False}}
    x = {"type": "quantitative", "scale": {"zero": True},
         "axis": {"title": say("staffing.axis_load", words, posts=POSTS), "grid": False, "tickCount": 6}}
    tooltip = _tooltip(words, ("name", "staffing.col_district"), ("load_text", "staffing.load"),
                       ("n_new", "staffing.col_new"), ("n_posts", "staffing.col_posts"),
                       ("n_vacant", "staffing.col_vacant"))
    shape = {"field": "mark", "type": "nominal", "legend": None,
             "scale": {"domain": ["filled", "vacant"], "range": ["circle", "diamond"]}}
    colour = {**shape, "scale": {"domain": ["filled", "vacant"], "range": [palette.ACCENT, palette.BAND_ORANGE]}}
    dots: list[Spec] = [
        {"transform": [{"filter": "datum.load !== null"}], "mark": {"type": "rule", "color": "#8DA3BC", "size": 2.5},
         "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
        {"transform": [{"filter": "datum.load !== null"}],
         "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
         "encoding": {"y": y, "x": {**x, "field": "load"}, "shape": shape, "color": colour, "tooltip": tooltip}},
        {"transform": [{"filter": "datum.text !== ''"}],
         "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 12, "color": palette.MUTED},
         "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "text", "type": "nominal"}}}]
    rules = [] if median is None else _rules(median, x, words)
    sent = ["name", "load", "low", "high", "load_text", "text", "mark", "n_new", "n_posts", "n_vacant"]
    return drawn[sent], frame_chart(21 * len(drawn) + 46, alt, layer=[*rules, *dots])


def _rules(median: float, x: Spec, words: str) -> list[Spec]:
    layers: list[Spec] = []
    for times, colour in ((1.0, palette.INK), (HEAVY, palette.BAND_ORANGE)):
        key = "staffing.median_mark" if times == 1.0 else "staffing.heavy_mark"
        text = say(key, words, n=write_load(times * median), times=f"{HEAVY:g}")
        at = {"data": {"values": [{"at": POSTS * times * median, "text": text}]}}
        layers.append({**at, "mark": {"type": "rule", "color": colour, "strokeDash": [4, 3]},
                       "encoding": {"x": {**x, "field": "at"}}})
        layers.append({**at, "mark": {"type": "text", "align": "left" if times > 1 else "right", "baseline": "bottom",
                                      "dx": 3 if times > 1 else -3, "dy": -3, "fontSize": 12, "color": colour},
                       "encoding": {"x": {**x, "field": "at"}, "y": {"value": 0},
                                    "text": {"field": "text", "type": "nominal"}}})
    return layers


def _say_why(row: Any, words: str) -> str:
    """Return what stands in place of a dot."""
    if row["state"] == "shown":
        return say("staffing.few_incidents", words, n=f"{row['n_new']:.0f}", weeks=f"{row['post_weeks']:,.0f}")
    return say(f"staffing.state_{row['state']}", words)


def build_groups(groups: pd.DataFrame, kinds: pd.DataFrame, words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the dots and the small multiples: a group each, its incidents over its filled post-weeks.

    Counts and not rates, for most groups have fewer than 10 incidents; the line in each part is the load of all groups
    of that kind of village together, so a dot above it works on more than is usual there.

    Parameters
    ----------
    groups : DataFrame
        With ``district_name`` and ``text`` (names of its villages) beside `Staffing.groups`.
    kinds : DataFrame
        As `Staffing.kinds`.
    """
    names = {kind: say("staffing.kind_line", words, kind=say(f"term.kind_{kind}", words), n=write_load(rate))
             for kind, rate in zip(kinds["kind"], kinds["rate"], strict=True)}
    drawn = groups[groups["kind"].isin(list(names))][
        ["district_name", "text", "kind", "n_posts", "n_new", "post_weeks"]].reset_index(drop=True)
    drawn = drawn.assign(kind_name=drawn["kind"].map(names), post_weeks=drawn["post_weeks"].round(1))
    most = float(drawn["post_weeks"].max()) if len(drawn) else 1.0
    lines = [{"kind_name": names[kind], "post_weeks": at, "n_new": rate * at}
             for kind, rate in zip(kinds["kind"], kinds["rate"], strict=True) if kind in set(drawn["kind"])
             for at in (0.0, most)]
    x = {"field": "post_weeks", "type": "quantitative",
         "axis": {"title": say("staffing.axis_post_weeks", words), "grid": False, "tickCount": 4}}
    y = {"field": "n_new", "type": "quantitative",
         "axis": {"title": say("staffing.axis_new", words), "tickCount": 4, "tickMinStep": 1}}
    tooltip = _tooltip(words, ("district_name", "staffing.col_district"), ("text", "staffing.col_group"),
                       ("n_new", "staffing.col_new"), ("n_posts", "staffing.col_posts"),
                       ("post_weeks", "staffing.col_post_weeks"))
    # Every layer stands on the same rows, as a facet wants it; lines are rows without a group.
    rows = pd.concat([drawn, pd.DataFrame(lines)], ignore_index=True)
    layers: list[Spec] = [
        {"transform": [{"filter": "!isValid(datum.text)"}],
         "mark": {"type": "line", "color": palette.INK, "strokeDash": [4, 3]}, "encoding": {"x": x, "y": y}},
        {"transform": [{"filter": "isValid(datum.text)"}],
         "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.75, "color": palette.ACCENT},
         "encoding": {"x": x, "y": y, "tooltip": tooltip}}]
    spec = frame_chart(200, alt, facet={"column": {
        "field": "kind_name", "type": "nominal", "title": None, "sort": list(names.values()),
        "header": {"labelFontSize": 13, "labelColor": palette.INK, "labelFontWeight": 600}}},
        spec={"width": 290, "height": 200, "layer": layers})
    del spec["height"]  # of the whole; each part has its own
    return rows.astype({"text": "object"}).where(rows.notna(), None), spec


def _tooltip(words: str, *fields: tuple[str, str]) -> list[Spec]:
    return [{"field": name, "type": "nominal", "title": say(key, words)} for name, key in fields]
