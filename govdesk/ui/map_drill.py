"""Where on the way from county to grid a view stands, and which places it therefore draws."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from govdesk.queries.places import PlaceFacts, find_breadcrumb, find_roots, list_levels
from govdesk.queries.recorded import list_turning_days
from govdesk.queries.shapes import read_extent
from govdesk.rules.access import Scope
from govdesk.terms import Level
from govdesk.ui import loaders
from govdesk.ui.map_state import MapState

#: Box: west, south, east, north in degrees.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drill:
    """What a view draws.

    Attributes
    ----------
    way : tuple of PlaceFacts
        From the root (or the account's area) down to the chosen place; empty when no place is chosen and
        the tree has several roots.
    is_missing : bool
        A place was asked for that does not exist, or not for this account.
    level : str
        Level of the coloured places.
    within : str or None
        Place they lie in.
    box : Box or None
        What must be seen; None without a single shape.
    is_schematic : bool
        Some of the shapes are 示意.
    levels : tuple of str
        Levels of this tree from the widest to the finest.
    n_drawn : int
        Number of coloured places.
    """

    way: tuple[PlaceFacts, ...]
    is_missing: bool
    level: str
    within: str | None
    box: Box | None
    is_schematic: bool
    levels: tuple[str, ...]
    n_drawn: int

    @property
    def place(self) -> PlaceFacts | None:
        """The place looked into."""
        return self.way[-1] if self.way else None

    @property
    def is_top(self) -> bool:
        """Whether nothing finer than the root is chosen."""
        return len(self.way) <= 1


def find_drill(scope: Scope, state: MapState, on: date) -> Drill:
    """Return what the view of `state` draws on a day."""
    levels = loaders.load_common(list_levels)
    way: list[PlaceFacts] = []
    if state.place is not None:
        way = loaders.load(find_breadcrumb, scope, state.place, on)
    is_missing = state.place is not None and not way
    if not way:
        roots = loaders.load(find_roots, scope, on)
        way = roots if len(roots) == 1 else []
    level, within = _choose_level(scope, state, on, way, levels)
    extent = loaders.load(read_extent, scope, level, on, within)
    return Drill(
        way=tuple(way), is_missing=is_missing, level=level, within=within, box=extent.box if extent else None,
        is_schematic=extent is not None and extent.is_schematic, levels=levels,
        n_drawn=extent.n_shapes if extent else 0,
    )


def _choose_level(
    scope: Scope, state: MapState, on: date, way: list[PlaceFacts], levels: tuple[str, ...]
) -> tuple[str, str | None]:
    """Return the level to colour and the place to do it in: the next finer level that has shapes there."""
    here = way[-1] if way else None
    start = levels.index(here.level) + 1 if here is not None and here.level in levels else 0
    finer = list(levels[start:])
    if len(way) <= 1 and (here is None or here.level == Level.COUNTY):
        wanted = [state.level, *[level for level in finer if level not in (state.level, Level.GRID)], *finer]
        finer = [level for level in wanted if level in finer]
    # The account sees nothing outside its own root: leaving the root out spares every count a join.
    within = here.code if here is not None and len(way) > 1 else None
    for level in finer:
        if loaders.load(read_extent, scope, level, on, within) is not None:
            return level, within
    if here is None:
        return (levels[0] if levels else Level.COUNTY), None
    return here.level, here.code


def settle_day(on: date) -> date:
    """Return the last day up to `on` on which a place changed: the same places, and one cache for all days between."""
    days = loaders.load_common(list_turning_days)
    number = bisect_right(days, on)
    return days[number - 1] if number else on


def next_place(drill: Drill, scope: Scope, clicked: str, on: date) -> str:
    """Return where a click on a coloured place leads: one step further down the way to it."""
    way = [place.code for place in loaders.load(find_breadcrumb, scope, clicked, on)]
    here = drill.place.code if drill.place else None
    if here in way and way.index(here) + 1 < len(way):
        return way[way.index(here) + 1]
    return way[0] if way and here is None else clicked
