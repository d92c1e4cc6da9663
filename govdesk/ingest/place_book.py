"""The places that rows may lie in: found by code, by exact name, or by the shape that holds a point; pure.

Given once an import from the tables, so that the importer needs no query a row.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A day after all days: the end of a place that is still valid.
OPEN_DAY = 10**7
#: How far outside the county, in degrees, a point may be: rounded coordinates fall a little beside the border.
TOLERANCE = 0.005
#: A step to the upper right (degrees, about 1 cm), steeper than no edge of a grid: it tells on which side of an edge a
#: point that lies on it belongs.
_STEP_EAST, _STEP_NORTH = 1e-7, 0.6e-7


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place in one period; days since 1970, `day_to` exclusive."""

    code: str
    name: str
    level: str
    parent_code: str | None
    day_from: int
    day_to: int
    households: int | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """The delivered shape of a place in one period."""

    code: str
    day_from: int
    geometry: shapely.Geometry
    area_km2: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Where the people of a place went."""

    from_code: str
    to_code: str
    day: int


@dataclass(frozen=True, slots=True)
class AliasRow:
    """Another spelling of a place's name that somebody accepted; `parent_code` None: it holds everywhere."""

    alias: str
    folded: str
    parent_code: str | None
    place_code: str


class PlaceBook:
    """All places of a database.

    Parameters
    ----------
    places : iterable of PlaceRow
        Every place in every period.
    shapes : iterable of ShapeRow
        Delivered or repaired shapes; schematic ones must not be given: nothing was measured there.
    changes : iterable of ChangeRow
        Splits, merges, moves.
    aliases : iterable of AliasRow
        Accepted other spellings.
    """

    def __init__(self, places: Iterable[PlaceRow], shapes: Iterable[ShapeRow] = (),
                 changes: Iterable[ChangeRow] = (), aliases: Iterable[AliasRow] = ()) -> None:
        self.periods: dict[str, list[PlaceRow]] = defaultdict(list)
        for place in places:
            self.periods[place.code].append(place)
        self.shapes = list(shapes)
        self.aliases = list(aliases)
        self._next: dict[str, list[ChangeRow]] = defaultdict(list)
        self._previous: dict[str, list[ChangeRow]] = defaultdict(list)
        for change in changes:
            self._next[change.from_code].append(change)
            self._previous[change.to_code].append(change)

    def __contains__(self, code: str) -> bool:
        return code in self.periods

    def latest(self, code: str) -> PlaceRow:
        """Return the place in its last period."""
        return max(self.periods[code], key=lambda place: place.day_from)

    @cached_property
    def roots(self) -> set[str]:
        """Codes of the places without one above them."""
        return {code for code in self.periods if self.latest(code).parent_code is None}

    # By name

    @cached_property
    def _names(self) -> dict[tuple[str, str], set[str]]:
        names: dict[tuple[str, str], set[str]] = defaultdict(set)
        for rows in self.periods.values():
            for place in rows:
                names[place.level, place.name].add(place.code)
        return names

    def names_at(self, level: str) -> list[str]:
        """Return all names of places of a level, for suggestions."""
        return [name for at, name in self._names if at == level]

    def find_by_name(self, name: str, level: str, parent: str = "") -> set[str]:
        """Return the codes of the places of exactly that name.

        Where several have had it, those that are valid still go before those that were.

        Parameters
        ----------
        name : str
            As in the register.
        level : str
            Level of the places that may be meant.
        parent : str
            Name or code of the place above; empty means any.
        """
        found = self._names.get((level, name), set())
        if parent:
            found = {code for code in found if self._lies_in(code, parent)}
        if len(found) > 1:
            found = {code for code in found if self.latest(code).day_to == OPEN_DAY} or found
        return found

    def _lies_in(self, code: str, parent: str) -> bool:
        for place in self.periods[code]:
            above = place.parent_code
            if above is None:
                continue
            if above == parent or any(row.name == parent for row in self.periods.get(above, [])):
                return True
        return False

    # By date

    @cached_property
    def always(self) -> set[str]:
        """Codes of places with one period without a known beginning or end: they need no look at the date."""
        return {code for code, rows in self.periods.items()
                if len(rows) == 1 and rows[0].day_to == OPEN_DAY and rows[0].day_from <= FIRST_KNOWN}

    def is_valid(self, code: str, day: int) -> bool:
        """Return whether the place existed on the day."""
        return any(place.day_from <= day < place.day_to for place in self.periods[code])

    def find_on(self, code: str, day: int) -> set[str]:
        """Return what the place was, or became, on a day, by the place changes; empty where they do not say."""
        found: set[str] = set()
        seen, waiting = {code}, [code]
        while waiting:
            current = waiting.pop()
            if current in self.periods and self.is_valid(current, day):
                found.add(current)
                continue
            onward = [change.to_code for change in self._next[current] if change.day <= day]
            back = [change.from_code for change in self._previous[current] if change.day > day]
            waiting += [other for other in onward + back if other not in seen]
            seen.update(onward + back)
        return found

    # By point

    def owners(self, lon: Floats, lat: Floats, days: Ints, level: str, *, outer_edge: bool = True,
               ) -> list[str | None]:
        """Return for each point the place of `level` whose delivered shape holds it on its day.

        A point on an edge belongs to the place to its upper right; where there is none it belongs to the place whose
        edge it is. Of shapes that overlap there the code that sorts first has it. So each point has exactly one owner
        whatever the order of the file or of the shapes, and the cells of a grid have their left and lower edge.

        Parameters
        ----------
        lon, lat : ndarray of float64
            NaN where unknown.
        days : ndarray of int64
            Days since 1970.
        level : str
            Level of the places that may own.
        outer_edge : bool
            False: a point on an edge with no place to its upper right has no owner (cells that do not cover all).
        """
        found = self._holders(lon + _STEP_EAST, lat + _STEP_NORTH, days, level)
        missing = np.array([row for row, owner in enumerate(found) if owner is None], dtype=np.int64)
        if outer_edge and missing.size:
            on_edge = self._holders(lon[missing], lat[missing], days[missing], level)
            for row, owner in zip(missing.tolist(), on_edge, strict=True):
                found[row] = owner
        return found

    def _holders(self, lon: Floats, lat: Floats, days: Ints, level: str) -> list[str | None]:
        """Return for each point the first code whose shape holds or touches it on its day."""
        chosen = [shape for shape in self.shapes if self.latest(shape.code).level == level]
        owners: list[str | None] = [None] * len(lon)
        known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
        if not chosen or known.size == 0:
            return owners
        pairs = np.column_stack([lon[known], lat[known]])
        unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
        tree = shapely.STRtree(shapely.points(unique))
        # The shape is the prepared side of the predicate: a thousand times fewer of them than points.
        shape_hits, point_hits = tree.query([shape.geometry for shape in chosen], predicate="intersects")
        holders: dict[int, list[ShapeRow]] = defaultdict(list)
        for shape_at, point_at in zip(shape_hits.tolist(), point_hits.tolist(), strict=True):
            holders[point_at].append(chosen[shape_at])
        for rows in holders.values():
            rows.sort(key=lambda shape: shape.code)
        memo: dict[tuple[int, int], str | None] = {}
        for row, point_at in zip(known.tolist(), inverse.ravel().tolist(), strict=True):
            key = (point_at, int(days[row]))
            if key not in memo:
                memo[key] = self._first_valid(holders.get(point_at, []), key[1])
            owners[row] = memo[key]
        return owners

    def _first_valid(self, shapes: list[ShapeRow], day: int) -> str | None:
        for shape in shapes:
            for place in self.periods[shape.code]:
                if place.day_from == shape.day_from and place.day_from <= day < place.day_to:
                    return shape.code
        return None

    def owner_among(self, codes: set[str], lon: float, lat: float) -> str | None:
        """Return which of some places holds one point, or None."""
        meant = sorted((shape for shape in self.shapes if shape.code in codes), key=lambda item: item.code)
        for point in (shapely.Point(lon + _STEP_EAST, lat + _STEP_NORTH), shapely.Point(lon, lat)):
            for shape in meant:
                if shape.geometry.intersects(point):
                    return shape.code
        return None

    # The county

    @cached_property
    def outline(self) -> shapely.Geometry | None:
        """The delivered outline of the county, or the union of the widest delivered shapes; None without any."""
        top = [shape.geometry for shape in self.shapes if shape.code in self.roots]
        if not top:
            levels = ("county", "township", "village", "grid")
            for level in levels:
                top = [shape.geometry for shape in self.shapes if self.latest(shape.code).level == level]
                if top:
                    break
        return shapely.union_all(top) if top else None

    def are_outside(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Return which points lie more than `TOLERANCE` outside the county; none where no outline is known."""
        result = np.zeros(len(lon), dtype=bool)
        known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
        if self.outline is None or known.size == 0:
            return result
        around = shapely.buffer(self.outline, TOLERANCE, quad_segs=4)
        shapely.prepare(around)
        pairs = np.column_stack([lon[known], lat[known]])
        unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
        inside = shapely.intersects_xy(around, unique[:, 0], unique[:, 1])
        result[known] = ~inside[inverse.ravel()]
        return result

    @cached_property
    def area_km2(self) -> float | None:
        """Area of the county as far as shapes tell."""
        areas = [shape.area_km2 for shape in self.shapes if shape.code in self.roots and shape.area_km2]
        if areas:
            return sum(areas)
        if self.outline is None:
            return None
        centre = self.outline.centroid
        # Square degrees to km² at the county's latitude: only the order of magnitude matters here.
        return float(self.outline.area * 111.32**2 * np.cos(np.radians(centre.y)))

    @cached_property
    def _areas(self) -> dict[str, float]:
        return {shape.code: shape.area_km2 for shape in self.shapes if shape.area_km2}

    def household_density(self, code: str | None) -> tuple[float, int] | None:
        """Return households per km² and households of the finest known place at or above `code`; None if unknown."""
        seen: set[str] = set()
        while code is not None and code in self.periods and code not in seen:
            seen.add(code)
            place = self.latest(code)
            area = self._areas.get(code)
            if place.households is not None and area:
                return place.households / area, place.households
            code = place.parent_code
        return None

    def label_point(self, code: str, least: int) -> tuple[float, float] | None:
        """Return the point of the finest place at or above `code` that is known to hold `least` households.

        A place whose households nobody counted stands for itself: it is a village or wider, or its parent is taken.
        """
        seen: set[str] = set()
        at: str | None = code
        while at is not None and at in self.periods and at not in seen:
            seen.add(at)
            place = self.latest(at)
            enough = place.households >= least if place.households is not None else place.level != "grid"
            point = self._points.get(at)
            if enough and point is not None:
                return point
            at = place.parent_code
        return None

    @cached_property
    def _points(self) -> dict[str, tuple[float, float]]:
        points: dict[str, tuple[float, float]] = {}
        for shape in self.shapes:
            centre = shapely.point_on_surface(shape.geometry)
            points[shape.code] = (round(centre.x, 6), round(centre.y, 6))
        for code in self.periods:
            place = self.latest(code)
            if place.lon is not None and place.lat is not None:
                points[code] = (place.lon, place.lat)
        return points


#: 1900-01-01, what the register writes for "always" (`tables.places.ALWAYS`), as a day number.
FIRST_KNOWN = -25567
