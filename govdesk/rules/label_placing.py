"""Names on a map that keep off each other: the large places first, the rest where there is room; pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Text size in pixels, and what a Chinese and a Latin character take of it.
SIZE = 13
_WIDE, _NARROW = 1.0, 0.56
#: Pixels kept free around a name.
_AIR = 3
#: The world is this many pixels wide at zoom 0 (deck.gl).
_TILE = 512


@dataclass(frozen=True, slots=True)
class Label:
    """A name wanted at a point; higher `weight` goes first."""

    text: str
    lon: float
    lat: float
    weight: float


def place_labels(labels: Iterable[Label], zoom: float, size: int = SIZE) -> list[Label]:
    """Return the labels that can be shown without one touching another, greedily by weight.

    Parameters
    ----------
    zoom : float
        Web Mercator zoom with tiles of 512 pixels.
    """
    kept: list[tuple[Label, tuple[float, float, float, float]]] = []
    for label in sorted(labels, key=lambda one: (-one.weight, one.text, one.lon, one.lat)):
        box = _box(label, zoom, size)
        if not any(_touch(box, other) for _, other in kept):
            kept.append((label, box))
    return [label for label, _ in kept]


def _box(label: Label, zoom: float, size: int) -> tuple[float, float, float, float]:
    x, y = project(label.lon, label.lat, zoom)
    half = measure(label.text, size) / 2 + _AIR
    return x - half, y - size / 2 - _AIR, x + half, y + size / 2 + _AIR


def _touch(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def project(lon: float, lat: float, zoom: float) -> tuple[float, float]:
    """Return the pixel of a point on the whole Web Mercator world at `zoom`."""
    world = _TILE * 2**zoom
    x = (lon + 180) / 360 * world
    y = (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2 * world
    return x, y


def measure(text: str, size: float) -> float:
    """Return the width of a text in pixels, near enough."""
    return sum(_WIDE if ord(char) > 0x2E80 else _NARROW for char in text) * size
