"""What tiles are made of: figures, rows, bars, pictures; sizes are those of `scene_css`."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from govdesk.ui.formats import NOTHING, write_count
from govdesk.ui.markup import Html, clean_text, join, tag

#: Longest name of a place or a unit on the wall, in characters.
LONGEST_NAME = 14


def write_name(value: object) -> str:
    """Return a name as it fits a row; a dash where there is none."""
    return clean_text(value, LONGEST_NAME) if isinstance(value, str) and value.strip() else NOTHING


def build_figure(value: object, *lines: object, unit: str = "", tone: str = "") -> Html:
    """Return a large number with its comparison and denominator under it, a line each.

    Parameters
    ----------
    value : object
        A text as it is; a number with thousands marks; None is a dash: the first line says why.
    tone : {"", "red"}
    """
    text = value if isinstance(value, str) else write_count(value)
    number = tag("div", tag("span", text, class_=f"w-num w-{tone}" if tone and value is not None else "w-num"),
                 tag("span", unit, class_="w-unit") if unit and value is not None else None, class_="w-fig")
    return tag("div", number, *(tag("div", line, class_="w-sub") for line in lines if line), class_="w-figure")


def build_nothing(reason: str) -> Html:
    """Return a dash with why there is nothing: never a zero."""
    return tag("div", tag("span", NOTHING, class_="w-dash"), tag("div", reason, class_="w-sub w-wrap"),
               class_="w-nothing")


def build_rows(rows: Iterable[Sequence[object]], layout: str, *, n_tall: int = 99) -> Html:
    """Return rows of cells in the columns of a layout (`scene_css`); those after `n_tall` only where there is width."""
    found = []
    for number, cells in enumerate(rows):
        extra = " w-wide" if number >= n_tall else ""
        found.append(tag("div", *(tag("span", cell, class_="w-cell") for cell in cells), class_=f"w-row{extra}"))
    return tag("div", *found, class_=f"w-rows {layout}")


def build_bar(share: float, tone: str = "", *, part: float = 0.0) -> Html:
    """Return a bar that fills `share` (0–1) of its cell; `part` of it, from the left, in red."""
    inner = [tag("i", class_=f"w-bar-fill w-{tone}" if tone else "w-bar-fill", style=f"width:{_percent(share)}")]
    if part > 0:
        inner.append(tag("i", class_="w-bar-part", style=f"width:{_percent(share * part)}"))
    return tag("span", *inner, class_="w-bar", aria_hidden="true")


def build_range(value: float, usual: tuple[float, float] | None, most: float) -> Html:
    """Return a number as a mark on a line from 0 to `most`, with what is usual as a band."""
    band = None if usual is None else tag(
        "i", class_="w-range-usual",
        style=f"left:{_percent(usual[0] / most)};width:{_percent(max(usual[1] - usual[0], 0.01 * most) / most)}")
    mark = tag("i", class_="w-range-mark", style=f"left:{_percent(value / most)}")
    return tag("span", band, mark, class_="w-range", aria_hidden="true")


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"


def build_picture(svg: str, alt: str, class_: str) -> Html:
    """Return a drawing as an image: as such it can neither run nor load anything, and the sanitiser lets it pass."""
    data = b64encode(svg.encode()).decode()
    return Html(f'<img class="{class_}" alt="{escape(clean_text(alt), quote=True)}" '
                f'src="data:image/svg+xml;base64,{data}">')


def stack(*parts: Html | None, class_: str = "w-stack") -> Html:
    """Return parts under each other."""
    return tag("div", join(part for part in parts if part is not None), class_=class_)
