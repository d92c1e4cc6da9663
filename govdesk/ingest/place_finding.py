"""Finds the place of each row by the ways of a profile, in their order, and as it was on the row's day."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.cells import Failure, failure, hint
from govdesk.ingest.columns import Binding, Bound, convert_column
from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.dates import as_date
from govdesk.ingest.drafts import Array, Draft
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import note
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import FileRefusedError, Piece

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


#: Unknown names that get a suggestion.
_HINTS = 300


class PlaceFinder:
    """Finds places; remembers what each code and name means.

    Raises
    ------
    FileRefusedError
        When the file's coordinate system is not the database's and the profile does not ask to convert.
    """

    def __init__(self, profile: Profile, binding: Binding, book: PlaceBook, crs: Crs) -> None:
        self._profile = profile
        self._binding = binding
        self._book = book
        self._crs: Crs = crs
        self._codes: dict[str, str | Failure] = {}
        self._names: dict[tuple[str, str], str | Failure] = {}
        self._hints_left = _HINTS
        place = profile.place
        self._ways = [way for way in (place.order if place else ["code"]) if place is None or getattr(place, way)]
        if profile.point is not None and profile.point.crs != crs and not profile.point.convert:
            raise FileRefusedError(note("crs_differs", found=profile.point.crs, wanted=crs))

    def place(self, draft: Draft, piece: Piece, days: Ints, *, required: bool) -> None:
        """Fill `place_code`, `lon` and `lat` of a draft; reject rows whose place cannot be told."""
        count = len(draft.lines)
        lon, lat = self._points(draft, piece)
        places: list[str | None] = [None] * count
        reasons: dict[int, Failure] = {}
        for way in self._ways:
            self._try(way, piece, places, reasons, lon, lat, days)
        self._judge(draft, places, reasons, required=required)
        if required:
            self._fit_dates(draft, places, days, lon, lat)
        column = np.empty(count, dtype=object)
        column[:] = places
        draft.values["place_code"] = column
        if self._profile.kind.has_point:
            draft.values["lon"], draft.values["lat"] = lon, lat

    # Ways

    def _try(self, way: str, piece: Piece, places: list[str | None], reasons: dict[int, Failure],
             lon: Floats, lat: Floats, days: Ints) -> None:
        if way == "point":
            point = self._profile.place.point if self._profile.place else None
            level, outer_edge = (point.level, point.outer_edge) if point else ("village", True)
            open_rows = np.array([row for row, place in enumerate(places) if place is None], dtype=np.int64)
            owners = self._book.owners(
                lon[open_rows], lat[open_rows], days[open_rows], level, outer_edge=outer_edge)
            for row, owner in zip(open_rows.tolist(), owners, strict=True):
                if owner is not None:
                    places[row] = owner
                elif not np.isnan(lon[row]):
                    reasons.setdefault(row, failure("place_not_at_point", level=level))
            return
        found = self._by_code(piece) if way == "code" else self._by_name(piece)
        for row, item in enumerate(found):
            if places[row] is not None or item is None:
                continue
            if isinstance(item, Failure):
                reasons.setdefault(row, item)
            else:
                places[row] = item

    def _texts(self, bound: Bound | None, piece: Piece) -> list[str | Failure]:
        """Return the text of each row's cell, empty where there is none."""
        if bound is None:
            return [""] * len(piece.lines)
        converted = convert_column(bound, piece)
        result: list[str | Failure] = [text or "" for text in converted.values.tolist()]
        for row, failed in converted.failures.items():
            result[row] = failed
        return result

    def _by_code(self, piece: Piece) -> list[str | Failure | None]:
        return [text if isinstance(text, Failure) else _remembered(self._codes, text, self._read_code)
                for text in self._texts(self._binding.place_code, piece)]

    def _read_code(self, text: str) -> str | Failure:
        if text in self._book:
            return text
        return failure("place_unknown", value=shown(text), hint=self._hint(text, list(self._book.periods)))

    def _hint(self, text: str, known: list[str]) -> str:
        """Return a hint for the first unknown names; a file of nothing else must not take hours."""
        self._hints_left -= 1
        return hint(text, known) if self._hints_left >= 0 else ""

    def _by_name(self, piece: Piece) -> list[str | Failure | None]:
        names = self._texts(self._binding.place_name, piece)
        parents = self._texts(self._binding.place_parent, piece)
        found: list[str | Failure | None] = []
        for name, parent in zip(names, parents, strict=True):
            if isinstance(name, Failure) or isinstance(parent, Failure):
                found.append(name if isinstance(name, Failure) else parent)
                continue
            key = (name, parent)
            if name and key not in self._names:
                self._names[key] = self._read_name(name, parent)
            found.append(self._names[key] if name else None)
        return found

    def _read_name(self, name: str, parent: str) -> str | Failure:
        place = self._profile.place
        level = place.name.level if place and place.name else "village"
        codes = self._book.find_by_name(name, level, parent)
        if len(codes) == 1:
            return next(iter(codes))
        if codes:
            return failure("place_ambiguous", value=shown(name), n=len(codes))
        return failure("place_unknown", value=shown(name), hint=self._hint(name, self._book.names_at(level)))

    def _judge(self, draft: Draft, places: list[str | None], reasons: dict[int, Failure], *, required: bool) -> None:
        first = {"code": "place_code", "name": "place_name", "point": "lon"}.get(next(iter(self._ways), ""))
        for row, place in enumerate(places):
            reason = reasons.get(row)
            if place is not None and reason is not None:
                draft.group([row], "place_by_fallback", first)
            elif place is None and reason is not None:
                draft.reject([row], reason.code, first, **dict(reason.values))
            elif place is None and required:
                draft.reject([row], "place_missing", first)

    def _fit_dates(self, draft: Draft, places: list[str | None], days: Ints, lon: Floats, lat: Floats) -> None:
        always = self._book.always
        memo: dict[tuple[str, int], set[str]] = {}
        for row, place in enumerate(places):
            if place is None or place in always or draft.bad[row]:
                continue
            day = int(days[row])
            if self._book.is_valid(place, day):
                continue
            key = (place, day)
            if key not in memo:
                memo[key] = self._book.find_on(place, day)
            found: str | None = next(iter(memo[key])) if len(memo[key]) == 1 else None
            if found is None and memo[key] and not np.isnan(lon[row]):
                found = self._book.owner_among(memo[key], float(lon[row]), float(lat[row]))
            if found is None:
                draft.reject([row], "place_not_valid", "place_code", place=place, date=as_date(day))
            else:
                draft.group([row], "place_replaced", "place_code")
                places[row] = found

    # Points

    def _points(self, draft: Draft, piece: Piece) -> tuple[Floats, Floats]:
        count = len(draft.lines)
        bound_lon, bound_lat = self._binding.lon, self._binding.lat
        if bound_lon is None or bound_lat is None:
            return np.full(count, np.nan), np.full(count, np.nan)
        east, north = convert_column(bound_lon, piece), convert_column(bound_lat, piece)
        lon, lat = _floats(east.values), _floats(north.values)
        unusable = np.zeros(count, dtype=bool)
        unusable[[*east.failures, *north.failures]] = True
        unusable |= np.isnan(lon) != np.isnan(lat)
        unusable |= (np.abs(lon) > 180) | (np.abs(lat) > 90) | ((lon == 0) & (lat == 0))
        draft.group(unusable, "point_unusable", "lon")
        lon[unusable], lat[unusable] = np.nan, np.nan
        point = self._profile.point
        if point is not None and point.crs != self._crs:
            lon, lat = convert(lon, lat, point.crs, self._crs)
        outside = self._book.are_outside(lon, lat)
        draft.group(outside, "point_outside_county", "lon")
        lon[outside], lat[outside] = np.nan, np.nan
        return lon, lat


def _floats(values: Array) -> Floats:
    return values.astype(np.float64)


def _remembered(memo: dict[str, str | Failure], text: str,
                read: Callable[[str], str | Failure]) -> str | Failure | None:
    if not text:
        return None
    if text not in memo:
        memo[text] = read(text)
    return memo[text]
