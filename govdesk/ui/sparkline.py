"""A sparkline: the shape of some weeks in the space of a word.

It is an image (SVG in a data address), because the sanitiser of `st.html` drops inline SVG; as an image it can
neither run nor load anything.
"""

from collections.abc import Sequence
from math import isfinite
from urllib.parse import quote

from govdesk import palette
from govdesk.ui.markup import Html, clean_text, tag


def draw_sparkline(
    values: Sequence[float | None], title: str, *, width: int = 120, height: int = 28, marks: Sequence[int] = ()
) -> Html:
    """Return the line of `values`, the last one marked by a dot.

    Parameters
    ----------
    values : sequence of float or None
        One value a week, oldest first; None (or NaN) where nothing is known: the line breaks there.
    title : str
        What a screen reader says and the mouse shows.
    width, height : int
        Size in CSS pixels.
    marks : sequence of int
        Places among `values` from which the same things are recorded otherwise: a thin dashed line stands there.

    Returns
    -------
    Html
        An image; a dash where fewer than two values are known.
    """
    known = [float(v) for v in values if v is not None and isfinite(v)]
    if len(known) < 2:
        return tag("span", "—", class_="gd-muted", title=clean_text(title))
    low, span = _range(known)
    pad = 4
    step = (width - 2 * pad) / max(1, len(values) - 1)
    points = [
        None if v is None or not isfinite(v)
        else (round(pad + i * step, 1), round(height - pad - (v - low) / span * (height - 2 * pad), 1))
        for i, v in enumerate(values)
    ]
    lines = "".join(
        f'<polyline fill="none" stroke="{palette.ACCENT}" stroke-width="1.5" stroke-linejoin="round" points="'
        + " ".join(f"{x},{y}" for x, y in run) + '"/>'
        for run in split_at_gaps(points)
    )
    lines += "".join(
        f'<line x1="{at}" x2="{at}" y1="0" y2="{height}" stroke="{palette.BAND_ORANGE}" stroke-dasharray="3 2"/>'
        for at in (round(pad + place * step, 1) for place in marks if 0 <= place < len(values)))
    x, y = next(point for point in reversed(points) if point is not None)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'{lines}<circle cx="{x}" cy="{y}" r="2.5" fill="{palette.ACCENT}"/></svg>'
    )
    return tag("img", src=f"data:image/svg+xml,{quote(svg)}", alt=clean_text(title), title=clean_text(title),
               width=width, height=height, class_="gd-spark")


def _range(known: Sequence[float]) -> tuple[float, float]:
    """Return the lowest value drawn and the height of the drawing in values.

    A line that hardly moves must look so: the drawing spans at least a quarter of the largest value.
    """
    low, high = min(known), max(known)
    span = max(high - low, 0.25 * max(abs(high), abs(low))) or 1.0
    return (low + high - span) / 2, span


def split_at_gaps(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the stretches of two points and more without a gap (None)."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]
