"""Charts over weeks, drawn by Altair from the copy that Streamlit ships: no outside request."""

from collections.abc import Sequence
from datetime import date

import altair as alt
import pandas as pd

from govdesk import palette
from govdesk.clock import monday_of, week_label
from govdesk.terms import Stream
from govdesk.words import say

#: Height of one stream's row, in pixels.
ROW_HEIGHT = 62

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


def draw_history(
    stream_weeks: pd.DataFrame, words: str, changes: Sequence[tuple[date, str]] = (),
) -> alt.LayerChart:
    """Return weekly counts, one row a stream; changes of the place or of the recording are marked.

    Parameters
    ----------
    stream_weeks : DataFrame
        As `prepare_history` takes.
    words : str
        Language.
    changes : sequence of (date, str)
        Day and word of a split, a merger or a new way of recording inside the period.
    """
    drawn = prepare_history(stream_weeks, words)
    n_rows = drawn["stream"].nunique()
    y = alt.Scale(domain=[0, n_rows], nice=False)
    x = alt.X("monday:T", axis=alt.Axis(title=None, format="%Y-%m", grid=False, labelOverlap=True))
    bars = alt.Chart(drawn).mark_bar(binSpacing=0.5).encode(
        color=alt.Color("stream:N", legend=None, scale=alt.Scale(
            domain=list(palette.STREAMS), range=list(palette.STREAMS.values()))),
        x=x, x2="next_monday:T", y=alt.Y("bottom:Q", scale=y, axis=None), y2="top:Q",
        tooltip=[alt.Tooltip("week_name:N", title=say("table.week", words)),
                 alt.Tooltip("stream_name:N", title=say("table.stream", words)),
                 alt.Tooltip("n_incidents:Q", title=say("table.incidents", words))],
    )
    layers = [*_rules(changes), bars, *_names(drawn, y, words)]
    return alt.layer(*layers).properties(
        height=ROW_HEIGHT * n_rows + 24, width="container", background=palette.CARD, padding={"left": 2, "right": 8},
    ).configure(font=palette.FONT).configure_view(stroke=None).configure_axis(
        labelColor=palette.MUTED, domainColor=palette.LINE, tickColor=palette.LINE, labelFontSize=12,
    )


def _names(drawn: pd.DataFrame, y: alt.Scale, words: str) -> list[alt.Chart]:
    """Return a baseline and the name of each row, with its scale in words."""
    rows = drawn.groupby("stream", as_index=False).agg(
        bottom=("bottom", "first"), stream_name=("stream_name", "first"), most=("n_incidents", "max"),
        total=("n_incidents", "sum"), monday=("monday", "min"),
    )
    rows["text"] = [
        say("village.history_row", words, stream=row["stream_name"], total=f"{row['total']:,}", most=f"{row['most']:,}")
        for row in rows.to_dict("records")
    ]
    base = alt.Chart(rows)
    return [
        base.mark_rule(color=palette.LINE).encode(y=alt.Y("bottom:Q", scale=y, axis=None)),
        base.transform_calculate(above="datum.bottom + 0.8").mark_text(
            align="left", baseline="middle", color=palette.INK, fontSize=13).encode(
            x=alt.value(2), y=alt.Y("above:Q", scale=y, axis=None), text="text:N"),
    ]


def _rules(changes: Sequence[tuple[date, str]]) -> list[alt.Chart]:
    if not changes:
        return []
    marks = pd.DataFrame({
        "monday": [pd.Timestamp(on) for on, _ in changes], "what": [what for _, what in changes],
    })
    return [alt.Chart(marks).mark_rule(color=palette.INK, strokeDash=[4, 3], strokeWidth=1.5).encode(
        x="monday:T", tooltip=[alt.Tooltip("what:N", title=" ")])]
