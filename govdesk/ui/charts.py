"""Charts over weeks as Vega-Lite specifications, drawn by the copy that Streamlit ships: no outside request.

Written as plain mappings: Altair's validation of the same chart cost 0.3 s a rerun, more than all queries of the page.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from govdesk import palette
from govdesk.clock import monday_of, week_label
from govdesk.terms import Stream
from govdesk.words import say

#: Height of one stream's row, in pixels.
ROW_HEIGHT = 62

#: A Vega-Lite specification, or a part of one.
Spec = dict[str, Any]

#: Share of a row that its tallest bar fills; the rest is for the row's name.
_FILL = 0.6


def prepare_history(stream_weeks: pd.DataFrame, words: str) -> pd.DataFrame:
    """Return weekly counts as bars stacked in rows, one row a stream, each with its own scale.

    Parameters
    ----------
    stream_weeks : DataFrame
        `week` (int), `stream` (code), `n_incidents` (int); a week that is not there was not recorded.
    words : str
        Language of the streams.

    Returns
    -------
    DataFrame
        `monday`, `next_monday` (datetime64), `week_name`, `stream_name`, `n_incidents`, `most` (largest count of the
        stream), `bottom` and `top` (rows from below).
    """
    present = [stream.value for stream in Stream if stream.value in set(stream_weeks["stream"])]
    drawn = stream_weeks[stream_weeks["stream"].isin(present)].copy()
    most = drawn.groupby("stream")["n_incidents"].transform("max").clip(lower=1)
    bottom = drawn["stream"].map({stream: len(present) - 1 - place for place, stream in enumerate(present)})
    return drawn.assign(
        monday=[pd.Timestamp(monday_of(int(week))) for week in drawn["week"]],
        next_monday=[pd.Timestamp(monday_of(int(week) + 1)) for week in drawn["week"]],
        week_name=[week_label(int(week)) for week in drawn["week"]],
        stream_name=[say(f"term.stream_{code}", words) for code in drawn["stream"]],
        most=most, bottom=bottom.astype(float),
        top=bottom + _FILL * drawn["n_incidents"].clip(lower=0) / most,
    ).reset_index(drop=True)


def build_history(
    stream_weeks: pd.DataFrame, words: str, changes: Sequence[tuple[date, str]] = (),
) -> tuple[pd.DataFrame, Spec]:
    """Return the bars and the chart of weekly counts, one row a stream; changes of place or recording are marked.

    Parameters
    ----------
    stream_weeks : DataFrame
        As `prepare_history` takes; not empty.
    words : str
        Language.
    changes : sequence of (date, str)
        Day and word of a split, a merger or a new way of recording inside the period.

    Returns
    -------
    (DataFrame, dict)
        What ``st.vega_lite_chart`` takes. Weeks without an incident need no bar and are not sent.
    """
    drawn = prepare_history(stream_weeks, words)
    n_rows = drawn["stream"].nunique()
    span = [_day(drawn["monday"].min()), _day(drawn["next_monday"].max())]
    bars = {
        "mark": {"type": "bar", "binSpacing": 0.5},
        "encoding": {
            "x": {"field": "monday", "type": "temporal", "scale": {"domain": span},
                  "axis": {"title": None, "format": "%Y-%m", "grid": False, "labelOverlap": True}},
            "x2": {"field": "next_monday"}, "y": _height("bottom", n_rows), "y2": {"field": "top"},
            "color": {"field": "stream", "type": "nominal", "legend": None, "scale": {
                "domain": list(palette.STREAMS), "range": list(palette.STREAMS.values())}},
            "tooltip": [
                {"field": "week_name", "type": "nominal", "title": say("table.week", words)},
                {"field": "stream_name", "type": "nominal", "title": say("table.stream", words)},
                {"field": "n_incidents", "type": "quantitative", "title": say("table.incidents", words)},
            ],
        },
    }
    spec: Spec = {
        "height": ROW_HEIGHT * n_rows + 24, "background": palette.CARD, "padding": {"left": 2, "right": 8},
        "layer": [*_rules(changes), bars, *_names(drawn, n_rows, words)],
        "config": {
            "font": palette.FONT, "view": {"stroke": None},
            "axis": {"labelColor": palette.MUTED, "domainColor": palette.LINE, "tickColor": palette.LINE,
                     "labelFontSize": 12},
        },
    }
    sent = ["monday", "next_monday", "week_name", "stream", "stream_name", "n_incidents", "bottom", "top"]
    return drawn.loc[drawn["n_incidents"] > 0, sent].reset_index(drop=True), spec


def _day(value: pd.Timestamp) -> Mapping[str, int]:
    """Return a day as Vega-Lite wants it in a scale."""
    return {"year": value.year, "month": value.month, "date": value.day}


def _height(field: str, n_rows: int) -> Spec:
    scale = {"domain": [0, n_rows], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _names(drawn: pd.DataFrame, n_rows: int, words: str) -> list[Spec]:
    """Return a baseline and the name of each row, with its scale in words."""
    rows = []
    for name, weeks in drawn.groupby("stream_name", sort=False):
        bottom = float(weeks["bottom"].iloc[0])
        text = say("village.history_row", words, stream=name, total=f"{int(weeks['n_incidents'].sum()):,}",
                   most=f"{int(weeks['n_incidents'].max()):,}")
        rows.append({"bottom": bottom, "above": bottom + 0.8, "text": text})
    data = {"values": rows}
    return [
        {"data": data, "mark": {"type": "rule", "color": palette.LINE}, "encoding": {"y": _height("bottom", n_rows)}},
        {"data": data, "mark": {"type": "text", "align": "left", "baseline": "middle", "color": palette.INK,
                                "fontSize": 13},
         "encoding": {"x": {"value": 2}, "y": _height("above", n_rows), "text": {"field": "text", "type": "nominal"}}},
    ]


def _rules(changes: Sequence[tuple[date, str]]) -> list[Spec]:
    if not changes:
        return []
    rows = [{"monday": on.isoformat(), "what": what} for on, what in changes]
    return [{
        "data": {"values": rows},
        "mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3], "strokeWidth": 1.5},
        "encoding": {"x": {"field": "monday", "type": "temporal"},
                     "tooltip": [{"field": "what", "type": "nominal", "title": " "}]},
    }]
