"""Every chart as a picture to take into a meeting: what it shows, of what and of which day stands on it.

Drawn on the server by vl-convert, which carries its own Vega: no browser and no network. Its import costs a tenth of a
second, so that it waits for the first who asks.
"""

import textwrap
from copy import deepcopy
from typing import Any

import pandas as pd

from govdesk import palette
from govdesk.ui.chart_frame import Spec
from govdesk.ui.export import ExportNote, describe
from govdesk.ui.markup import clean_text

#: Pixels, before `_SCALE`.
WIDTH = 1100
_SCALE = 2.0
_FONT = "Noto Sans CJK SC"
#: Characters a line of the title; Chinese ones take the room of two.
_LINE = 120


def write_png(rows: pd.DataFrame, spec: Spec, note: ExportNote, words: str) -> bytes:
    """Return a PNG of a chart under its title, filters, day of the data, use, and the mark of sample data.

    Parameters
    ----------
    rows : DataFrame
        What the chart is drawn of.
    spec : dict
        Vega-Lite, as ``st.vega_lite_chart`` takes it; what only works under a mouse is left out.
    """
    import vl_convert  # noqa: PLC0415 - see above

    picture: bytes = vl_convert.vegalite_to_png(complete(rows, spec, note, words), scale=_SCALE, allowed_base_urls=[])
    return picture


def complete(rows: pd.DataFrame, spec: Spec, note: ExportNote, words: str) -> Spec:
    """Return the specification of a picture that stands by itself: data, width, font and heading inside."""
    whole: Spec = deepcopy({name: part for name, part in spec.items() if name not in ("params", "usermeta")})
    title = {
        "text": wrap(note.title), "subtitle": [line for one in describe(note, words) for line in wrap(one)],
        "anchor": "start", "frame": "group", "fontSize": 18, "subtitleFontSize": 12, "offset": 14, "lineHeight": 24,
        "color": palette.INK, "subtitleColor": palette.MUTED, "subtitlePadding": 6}
    whole |= {"title": title, "padding": 18, "config": {**whole.get("config", {}), "font": _FONT}}
    if "facet" not in whole:
        whole |= {"width": WIDTH, "autosize": {"type": "fit", "contains": "padding"}}
        whole["height"] = whole.get("height", 300) + 130
    if "data" not in whole:
        whole["data"] = {"values": list_records(rows)}
    return whole


def list_records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values; what is not known is null."""
    frame = rows.astype(object).where(rows.notna(), None)
    found: list[dict[str, Any]] = frame.to_dict("records")
    return [{str(name): value.isoformat() if isinstance(value, pd.Timestamp) else value for name, value in row.items()}
            for row in found]


def wrap(text: str) -> list[str]:
    """Return a text in lines that fit the picture."""
    line = clean_text(text, 600)
    is_wide = sum(ord(sign) > 255 for sign in line) > len(line) / 3
    return textwrap.wrap(line, _LINE // 2 if is_wide else _LINE) or [""]
