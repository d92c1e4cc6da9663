"""Finds the place of each row by the ways of a profile, in their order, and as it was on the row's day."""

from itertools import compress

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from govdesk.ingest.cells import failure
from govdesk.ingest.columns import Binding, convert_column
from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.dates import as_date
from govdesk.ingest.drafts import Array, Draft
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import note
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.place_names import plain_code
from govdesk.ingest.place_naming import NameReader, Outcomes, Placed, Trouble, read_texts
from govdesk.ingest.place_proposals import PlacesSeen
from govdesk.ingest.profiles import LIKENESS, Profile
from govdesk.ingest.readers import FileRefusedError, Piece
from govdesk.ingest.reconciliation import see_places
from govdesk.words import say

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]


#: Unknown codes that get a suggestion.
_HINTS = 300


class PlaceFinder:
    """Finds places; remembers what each code and name means.

    Attributes
    ----------
    seen : set of str
        Codes of the places that rows were found to lie in.

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
        self._codes: dict[str, Placed | Trouble] = {}
        self._names = NameReader(profile, binding, book)
        self._hints_left = _HINTS
        self.seen: set[str] = set()
        place = profile.place
        self._ways = [way for way in (place.order if place else ["code"]) if place is None or getattr(place, way)]
        if profile.point is not None and profile.point.crs != crs and not profile.point.convert:
            raise FileRefusedError(note("crs_differs", found=profile.point.crs, wanted=crs))

    def place(self, draft: Draft, piece: Piece, days: Ints, *, required: bool) -> None:
        """Fill `place_code`, `lon` and `lat` of a draft; reject rows whose place cannot be told."""
        count = len(draft.lines)
        lon, lat = self._points(draft, piece)
        places: Objects = np.full(count, None, dtype=object)
        is_open = np.ones(count, dtype=bool)
        reasons: dict[int, Trouble] = {}
        for way in self._ways:
            if way == "point":
                self._by_point(places, is_open, reasons, lon, lat, days)
            else:
                self._by_text(way, draft, piece, places, is_open, reasons)
        self._judge(draft, is_open, reasons, required=required)
        if required:
            self._fit_dates(draft, places, days, lon, lat)
        self.seen.update(compress(places.tolist(), (~is_open & ~draft.bad).tolist()))
        draft.values["place_code"] = places
        if self._profile.kind.has_point:
            draft.values["lon"], draft.values["lat"] = lon, lat

    def see(self) -> PlacesSeen | None:
        """Return how much of the register the rows so far speak of."""
        place = self._profile.place
        way = None if place is None else place.name or place.point
        return see_places(self.seen, self._book, "village" if way is None else way.level.value)

    # Ways

    def _by_point(self, places: Objects, is_open: NDArray[np.bool_], reasons: dict[int, Trouble],
                  lon: Floats, lat: Floats, days: Ints) -> None:
        point = self._profile.place.point if self._profile.place else None
        level, outer_edge = (point.level, point.outer_edge) if point else ("village", True)
        rows = np.flatnonzero(is_open)
        owners = self._book.owners(lon[rows], lat[rows], days[rows], level, outer_edge=outer_edge)
        for row, owner in zip(rows.tolist(), owners, strict=True):
            if owner is not None:
                places[row], is_open[row] = owner, False
            elif not np.isnan(lon[row]):
                reasons.setdefault(row, Trouble(failure("place_not_at_point", level=level), "lon"))

    def _by_text(self, way: str, draft: Draft, piece: Piece, places: Objects, is_open: NDArray[np.bool_],
                 reasons: dict[int, Trouble]) -> None:
        outcomes = self._read_codes(piece) if way == "code" else self._names.read(piece)
        failed = np.zeros(len(is_open), dtype=bool)
        failed[list(outcomes.failed)] = True
        filled = is_open & ~failed & outcomes.of_rows(Placed)
        codes = np.array([kind.code if isinstance(kind, Placed) else None for kind in outcomes.kinds], dtype=object)
        places[filled] = codes[outcomes.index[filled]]
        if way == "name":
            self._names.tell(draft, outcomes, filled)
        for row in np.flatnonzero(is_open & (failed | outcomes.of_rows(Trouble))).tolist():
            trouble = outcomes.failed.get(row) or outcomes.kinds[outcomes.index[row]]
            # What proposes a place says more than that another column is unknown.
            if isinstance(trouble, Trouble) and (row not in reasons or trouble.match is not None):
                reasons[row] = trouble
        is_open &= ~filled

    def _read_codes(self, piece: Piece) -> Outcomes:
        index, texts, failed = read_texts(self._binding.place_code, piece, "place_code")
        return Outcomes([self._read_code(text) if text else None for text in texts], index, failed)

    def _read_code(self, text: str) -> Placed | Trouble:
        if text not in self._codes:
            code = text if text in self._book else plain_code(text)
            self._codes[text] = Placed(code) if code in self._book else Trouble(
                failure("place_unknown", value=shown(text), hint=self._hint(text)), "place_code")
        return self._codes[text]

    def _hint(self, text: str) -> str:
        """Return a hint for the first unknown codes; a file of nothing else must not take hours."""
        self._hints_left -= 1
        if self._hints_left < 0:
            return ""
        found = process.extractOne(text, self._book.periods.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
        return say("note.hint", near=found[0]) if found else ""

    def _judge(self, draft: Draft, is_open: NDArray[np.bool_], reasons: dict[int, Trouble], *,
               required: bool) -> None:
        first = {"code": "place_code", "name": "place_name", "point": "lon"}.get(next(iter(self._ways), ""))
        draft.group([row for row in reasons if not is_open[row]], "place_by_fallback", first)
        for row, trouble in reasons.items():
            if is_open[row]:
                draft.reject([row], trouble.failure.code, trouble.column, **dict(trouble.failure.values))
                self._names.propose(draft, row, trouble)
        if required:
            missing = [row for row in np.flatnonzero(is_open).tolist() if row not in reasons]
            draft.reject(missing, "place_missing", first)

    def _fit_dates(self, draft: Draft, places: Objects, days: Ints, lon: Floats, lat: Floats) -> None:
        always = self._book.always
        memo: dict[tuple[str, int], set[str]] = {}
        index, codes = pd.factorize(places)
        is_dated = np.array([*(code not in always for code in codes), False], dtype=bool)  # the last one: no place
        for row in np.flatnonzero(is_dated[index] & ~draft.bad).tolist():
            place, day = places[row], int(days[row])
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
