"""A line of weeks with the year before behind it, as a drawing that fills its box."""

from collections.abc import Sequence

from govdesk import palette
from govdesk.ui.sparkline import split_at_gaps

WIDTH, HEIGHT, _PAD = 400.0, 150.0, 12.0

Values = Sequence[float | None]


def draw_line(values: Values, before: Values, most: float) -> str:
    """Return an SVG of one value a week, oldest first; None (not known) breaks the line.

    Parameters
    ----------
    before : sequence of float or None
        The same weeks a year before, as a muted line.
    most : float
        Value at the top; the foot is 0: a line that hardly moves must look so.
    """
    muted = "".join(_polyline(run, "#4A6078", 2.2) for run in split_at_gaps(_points(before, most)))
    points = _points(values, most)
    lines = "".join(_polyline(run, palette.WALL_ACCENT, 3.4) for run in split_at_gaps(points))
    foot = f'<path d="M0 {HEIGHT - 1}H{WIDTH}" stroke="{palette.WALL_LINE}" stroke-width="2"/>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" preserveAspectRatio="none">'
            f'{foot}{muted}{lines}</svg>')


def find_end(values: Values, most: float) -> tuple[float, float] | None:
    """Return where the newest known value lies, in per cent from the left and from the top; None without one.

    The mark on it is no part of the drawing, which is stretched.
    """
    last = next((point for point in reversed(_points(values, most)) if point is not None), None)
    return None if last is None else (round(100 * last[0] / WIDTH, 2), round(100 * last[1] / HEIGHT, 2))


def _points(values: Values, most: float) -> list[tuple[float, float] | None]:
    step = (WIDTH - 2 * _PAD) / max(len(values) - 1, 1)
    rise = (HEIGHT - 2 * _PAD) / (most or 1.0)
    return [None if value is None else (round(_PAD + place * step, 1), round(HEIGHT - _PAD - value * rise, 1))
            for place, value in enumerate(values)]


def _polyline(run: list[tuple[float, float]], colour: str, width: float) -> str:
    corners = " ".join(f"{x},{y}" for x, y in run)
    return (f'<polyline fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" '
            f'stroke-linecap="round" points="{corners}"/>')
