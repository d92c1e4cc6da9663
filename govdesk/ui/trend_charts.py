"""The main charts of trends as Vega-Lite: what came in, what was open, this year over earlier ones.

The axis counts weeks, not instants: a browser in another time zone shows the same Mondays, and a brush gives weeks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from govdesk import palette
from govdesk.clock import monday_of, week_label, week_of
from govdesk.queries.trend_periods import Granularity, compare_periods, find_earlier, match_earlier, name_period
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.ui.formats import write_change, write_count
from govdesk.words import say
from models.trend import Trend

#: Name of the brush in what Streamlit gives back.
BRUSH = "period"
#: Weeks from which the axis names years instead of quarters.
_LONG = 170
#: Earlier years drawn beside this one.
YEARS_BACK = 3
_AXIS_ROOM = {"minExtent": 34, "maxExtent": 34}

#: Week, text: a rule across a chart.
Rule = tuple[int, str]


def prepare_course(
    weekly: pd.Series, trend: Trend, stock: pd.Series | None, grain: Granularity, festivals: Mapping[int, int],
) -> pd.DataFrame:
    """Return the periods of a series with all that is drawn of them.

    Returns
    -------
    DataFrame
        As `trend_periods.compare_periods`; ``middle`` (week), ``rate`` (cases a week: months differ in weeks),
        ``trend``, ``low``, ``high`` (a week, at the level of the trend, and its 95 % interval with the season; NaN
        where the period is not whole), ``n_open`` at its end (NaN where not known).
    """
    periods = compare_periods(weekly, grain, festivals)
    starts = periods["week_from"].to_numpy() - int(weekly.index[0])
    parts = trend.frame
    season = parts["season"].to_numpy()
    drawn = {"trend": parts["trend"].to_numpy(), "low": parts["low"].to_numpy() * season,
             "high": parts["high"].to_numpy() * season}
    n_weeks = periods["n_weeks"].to_numpy(dtype=float)
    means = {name: np.add.reduceat(np.nan_to_num(values), starts) / n_weeks for name, values in drawn.items()}
    for values in means.values():
        values[~periods["is_whole"].to_numpy(dtype=bool)] = np.nan
    opened = np.full(len(periods), np.nan) if stock is None else stock.reindex(periods["week_to"] - 1).to_numpy(float)
    return periods.assign(**means, rate=periods["n"] / n_weeks, n_open=opened,
                          middle=(periods["week_from"] + periods["week_to"]) / 2)


def tell_course(rows: pd.DataFrame, weeks: range, words: str) -> pd.DataFrame:
    """Return the rows of `prepare_course` inside some weeks with their words.

    ``name`` (with a mark where it is not whole), ``first_day``, ``previous``, ``year``: comparisons as text.
    """
    inside = rows[(rows["week_to"] > weeks.start) & (rows["week_from"] < weeks.stop)].reset_index(drop=True)
    names = [name + ("" if whole else "*") for name, whole in zip(inside["period"], inside["is_whole"], strict=True)]
    told = {key: [tell(n, then, ratio, words) for n, then, ratio in zip(
        inside["n"], inside[f"n_{key}"], inside[f"ratio_{key}"], strict=True)] for key in ("previous", "year")}
    days = [monday_of(int(week)).isoformat() for week in inside["week_from"]]
    return inside.assign(**told, name=names, first_day=days)


def tell(n: float, then: float, ratio: float, words: str) -> str:
    """Return a comparison as text: in per cent from ten cases, in counts below, a dash where nothing is known."""
    if np.isnan(then):
        return say("trends.not_compared", words)
    if np.isnan(ratio):
        return say("trends.counts", words, n=write_count(round(n)), then=write_count(round(then)))
    return say("trends.against", words, change=write_ratio(ratio), then=write_count(round(then)))


def write_ratio(ratio: float) -> str:
    """Return a ratio as a change in per cent, from a doubling on as a multiple.

    Examples
    --------
    >>> write_ratio(1.04), write_ratio(0.5), write_ratio(1.0), write_ratio(2.34)
    ('+4 %', '−50 %', '0 %', '2.3 ×')
    """
    if ratio >= 2:
        return f"{ratio:.1f} ×"
    percent = round(100 * (ratio - 1))
    return f"{write_change(percent).removesuffix('.0')} %" if percent else "0 %"


def _rate_axis(words: str, most: float) -> Spec:
    """Return the axis of cases a week, with room above for the words of rules."""
    return {"field": "rate", "type": "quantitative", "scale": {"domain": [0, 1.15 * most], "nice": False},
            "axis": {"title": say("trends.rate_title", words), "tickCount": 5, **_AXIS_ROOM}}


def weeks_scale(weeks: range) -> Spec:
    """Return the scale over weeks; every layer names it, or a bar would pull the axis to week 0."""
    return {"domain": [weeks.start, weeks.stop], "nice": False, "zero": False}


def _weeks_axis(weeks: range) -> Spec:
    """Return the axis over weeks, with the beginnings of quarters (of years, where it is long) as ticks."""
    step = 12 if len(weeks) > _LONG else 3
    first, last = monday_of(weeks.start), monday_of(weeks.stop)
    ticks, names = [], []
    for year in range(first.year, last.year + 1):
        for month in range(1, 13, step):
            week = week_of(first.replace(year=year, month=month, day=4))  # 4 January is in week 1
            if week in weeks:
                ticks.append(week)
                names.append(str(year) if step == 12 else f"{year}-{month:02d}")
    return {
        "field": "week_from", "type": "quantitative", "scale": weeks_scale(weeks),
        "axis": {"title": None, "values": ticks, "grid": False, "labelOverlap": True, "labelSeparation": 10,
                 "labelExpr": f"{names}[indexof({ticks}, datum.value)]"}}


def build_course(
    rows: pd.DataFrame, weeks: range, span: range, rules: Sequence[Rule], words: str, *, alt: str,
    works: tuple[Sequence[Spec], Sequence[Spec]] = ((), ()),
) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and the chart of what came in: bars, trend, range of the season, rules, the period chosen.

    Parameters
    ----------
    rows : DataFrame
        As `tell_course`; not empty.
    weeks, span : range
        What is drawn; what is chosen.
    works : pair of sequences of layers
        Works projects, below the bars and above them (`trend_bands.build_works`).
    """
    x = _weeks_axis(weeks)
    x_middle = {**x, "field": "middle"}
    y = _rate_axis(words, max(float(rows["rate"].max()), float(np.nan_to_num(rows["high"].max())), 1.0))
    known = [{"calculate": "isValid(datum.trend)", "as": "has_trend"}, {"filter": "datum.has_trend"}]
    tooltip = [tip("name", say("trends.period_name", words)), tip("first_day", say("trends.first_day", words)),
               tip("n", say("table.incidents", words), ",.0f"), tip("rate", say("trends.rate", words), ",.1f"),
               tip("trend", say("trends.trend", words), ",.1f"),
               tip("previous", say("trends.previous", words)), tip("year", say("trends.year_before", words))]
    bars: Spec = {
        "name": "bars", "mark": {"type": "bar", "binSpacing": 0.5},
        "encoding": {"x": x, "x2": {"field": "week_to"}, "y": y, "y2": {"datum": 0},
                     "color": {"condition": {"test": "datum.is_whole", "value": palette.CLASSES[2]},
                               "value": palette.CLASSES[1]}, "tooltip": tooltip}}
    band: Spec = {"transform": known, "mark": {"type": "area", "color": palette.ACCENT, "opacity": 0.14}, "encoding": {
        "x": x_middle, "y": {**y, "field": "low"}, "y2": {"field": "high"}}}
    line: Spec = {"transform": known, "mark": {"type": "line", "color": palette.INK, "strokeWidth": 2}, "encoding": {
        "x": x_middle, "y": {**y, "field": "trend"}}}
    brush = {"name": BRUSH, "views": ["bars"], "select": {"type": "interval", "encodings": ["x"]}}
    layers = [_shade(span, weeks), *works[0], bars, band, line, *works[1], *build_rules(rules, weeks)]
    # Nothing is smoothed across a change of recording, nor is a line drawn across it.
    rows = rows.assign(piece=[sum(week <= middle for week, _ in rules) for middle in rows["middle"]])
    piece = {"field": "piece", "type": "nominal"}
    band["encoding"]["detail"] = line["encoding"]["detail"] = piece
    sent = ["piece", "week_from", "week_to", "middle", "name", "first_day", "n", "rate", "is_whole", "trend", "low",
            "high", "previous", "year"]
    return rows[sent].round(2), frame_chart(250, alt, params=[brush], layer=layers)


def build_stock(
    rows: pd.DataFrame, weeks: range, span: range, rules: Sequence[Rule], words: str, *, alt: str
) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and the chart of what was open at the end of each period, on the same axis."""
    x = {**_weeks_axis(weeks), "field": "week_to"}
    y: Spec = {"field": "n_open", "type": "quantitative", "scale": {"domainMin": 0},
               "axis": {"title": say("trends.open_title_short", words), "tickCount": 3, **_AXIS_ROOM}}
    tooltip = [tip("name", say("trends.period_name", words)), tip("n_open", say("trends.open_at_end", words), ",.0f")]
    layers = [
        _shade(span, weeks),
        {"mark": {"type": "area", "color": palette.CLASSES[1]}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "line", "color": palette.CLASSES[4], "strokeWidth": 1.5}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "point", "opacity": 0, "size": 60}, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        *build_rules(rules, weeks)]
    known = rows.loc[rows["n_open"].notna(), ["week_to", "name", "n_open"]].reset_index(drop=True)
    return known, frame_chart(100, alt, layer=layers)


def prepare_years(
    weekly: pd.Series, grain: Granularity, festivals: Mapping[int, int], words: str
) -> pd.DataFrame:
    """Return the last 52 weeks by period, and their counterparts of up to `YEARS_BACK` earlier years.

    Returns
    -------
    DataFrame
        ``middle`` (week of now), ``back`` (years), ``series`` (its name), ``name``, ``n``, ``rate`` (cases a week);
        what is not wholly recorded is left out.
    """
    last = weekly.iloc[-52:]
    weeks = last.index.to_numpy()
    names = np.array([name_period(int(week), grain) for week in weeks], dtype=object)
    first = np.flatnonzero(np.append(True, names[1:] != names[:-1]))
    middle = (weeks[first] + np.append(weeks[first[1:]], weeks[-1] + 1)) / 2
    frames, n_weeks = [], np.diff(np.append(first, len(weeks)))
    for back in range(YEARS_BACK + 1):
        counts = last.to_numpy(float) if back == 0 else match_earlier(weekly, festivals, back)[-52:]
        name = say("trends.last_52", words) if back == 0 else say("trends.years_back", words, n=back)
        frames.append(pd.DataFrame({
            "middle": middle, "back": back, "series": name, "name": names[first], "n": np.add.reduceat(counts, first),
            "n_weeks": n_weeks}))
    rows = pd.concat(frames, ignore_index=True).dropna(subset="n", ignore_index=True)
    return rows.assign(rate=rows["n"] / rows["n_weeks"])


def list_rules_over_years(
    weekly: pd.Series, rules: Sequence[Rule], festivals: Mapping[int, int], words: str
) -> list[Rule]:
    """Return the rules of this year and, where their counterparts stand, those of the earlier years drawn over it."""
    weeks = weekly.index.to_numpy()[-52:]
    found = [(week, text) for week, text in rules if weeks[0] <= week <= weeks[-1]]
    for back in range(1, YEARS_BACK + 1):
        earlier = find_earlier(weekly, festivals, back)[-52:]
        for week, text in rules:
            if earlier.min() < week <= earlier.max() and week >= weekly.index[0]:
                place = int(np.abs(earlier - week).argmin())
                found.append((int(weeks[place]), say("trends.years_rule", words, text=text, n=back)))
    return sorted(found)


def build_years(rows: pd.DataFrame, rules: Sequence[Rule], words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and the chart of this year over the same weeks of earlier years."""
    first, last = int(rows["middle"].min()), int(np.ceil(rows["middle"].max()))
    weeks = range(first, last + 1)
    names = list(dict.fromkeys(rows["series"]))
    colours = [palette.ACCENT, "#5B6776", "#93A0AE", "#BCC6D1"][: len(names)]
    dashes = [[1, 0], [1, 0], [6, 3], [2, 3]][: len(names)]
    x = {**_weeks_axis(weeks), "field": "middle"}
    y = _rate_axis(words, max(float(rows["rate"].max()), 1.0))
    by = {"field": "series", "type": "nominal", "sort": names}
    tooltip = [tip("series", say("trends.series", words)), tip("name", say("trends.period_name", words)),
               tip("n", say("table.incidents", words), ",.0f"), tip("rate", say("trends.rate", words), ",.1f")]
    lines = {"mark": {"type": "line", "interpolate": "monotone"}, "encoding": {
        "x": x, "y": y, "color": {**by, "scale": {"domain": names, "range": colours}},
        "strokeDash": {**by, "scale": {"domain": names, "range": dashes}},
        "strokeWidth": {"condition": {"test": "datum.back == 0", "value": 2.8}, "value": 1.4}}}
    points = {"mark": {"type": "point", "opacity": 0, "size": 80}, "encoding": {"x": x, "y": y, "tooltip": tooltip}}
    return rows, frame_chart(290, alt, layer=[lines, points, *build_rules(rules, weeks)])


def build_rules(rules: Sequence[Rule], weeks: range) -> list[Spec]:
    """Return dashed rules at the weeks of source changes inside `weeks`, with their words."""
    inside = [(week, text, 2 + 15 * (place % 3)) for place, (week, text) in enumerate(rules) if week in weeks]
    if not inside:
        return []
    rows = [{"week_from": week, "text": text} for week, text, _ in inside]
    data = {"values": rows}
    x = {"field": "week_from", "type": "quantitative", "scale": weeks_scale(weeks)}
    layers: list[Spec] = [{
        "data": data, "mark": {"type": "rule", "color": palette.BAND_ORANGE, "strokeDash": [5, 3], "strokeWidth": 1.5},
        "encoding": {"x": x, "tooltip": [tip("text", " ")]}}]
    middle = (weeks.start + weeks.stop) / 2
    for week, text, height in inside:  # on the side where there is room
        left = week > middle
        layers.append({
            "data": {"values": [{"week_from": week, "text": text}]},
            "mark": {"type": "text", "align": "right" if left else "left", "dx": -5 if left else 5,
                     "baseline": "top", "fontSize": 12, "color": palette.BAND_ORANGE},
            "encoding": {"x": x, "y": {"value": height}, "text": {"field": "text", "type": "nominal"}}})
    return layers


def _shade(span: range, weeks: range) -> Spec:
    ends = {"week_from": max(span.start, weeks.start), "week_to": min(span.stop, weeks.stop)}
    return {"data": {"values": [ends]}, "mark": {"type": "rect", "color": palette.MARK, "opacity": 1},
            "encoding": {"x": {"field": "week_from", "type": "quantitative", "scale": weeks_scale(weeks)},
                         "x2": {"field": "week_to"}}}


def tip(field: str, title: str, number: str | None = None) -> dict[str, Any]:
    """Return one line of a tip: a field with its title, as text or in a number format."""
    kind = {"type": "quantitative", "format": number} if number else {"type": "nominal"}
    return {"field": field, "title": title, **kind}


def name_weeks(span: range) -> str:
    """Return first and last week of a span as text."""
    return f"{week_label(span.start)} – {week_label(span.stop - 1)}"
