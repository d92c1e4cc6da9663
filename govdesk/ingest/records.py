"""From pieces of a file to rows that may be stored, with a note for each that may not; no database.

The order: which rows are meant → cells → needed fields → dates → category → place → point → content hash.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.cells import Meanings, empty_of, fold
from govdesk.ingest.checks import check_added_years, check_categories, check_dates, check_pairs, clamp_recorded
from govdesk.ingest.columns import Binding, Converted, Headers, bind_profile, convert_column, refuse_abreast
from govdesk.ingest.coordinates import Crs
from govdesk.ingest.dates import NULL, days_of, starts_of, weeks_of
from govdesk.ingest.drafts import Array, Draft, NoteBook
from govdesk.ingest.masking import MASK, shown
from govdesk.ingest.notes import SHEET
from govdesk.ingest.outcomes import TOLD_SINGLY
from govdesk.ingest.personal_gate import Gate
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.place_finding import PlaceFinder
from govdesk.ingest.place_proposals import PlacesSeen
from govdesk.ingest.points import Snapper, cells_of, parents_of
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import Piece
from govdesk.ingest.record_fields import RecordKind
from govdesk.ingest.title_dates import find_year

Mask = NDArray[np.bool_]

_DTYPES = {"float": np.float64, "int": np.int64, "bool": np.int64, "date": np.int64, "instant": np.int64}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is read against.

    Attributes
    ----------
    book : PlaceBook
        The places.
    meanings : Meanings
        Dates and codes.
    units : frozenset of str
        Known units; others are kept with a warning.
    crs : {"wgs84", "gcj02", "bd09"}
        The database's coordinate system.
    resolutions : tuple of int
        H3 resolutions of the county's and the township's map.
    now : int
        The instant of the import, in seconds.
    """

    book: PlaceBook
    meanings: Meanings
    units: frozenset[str]
    crs: Crs
    resolutions: tuple[int, int]
    now: int

    def titled(self, titles: Sequence[str]) -> "Surroundings":
        """Return the same for a file whose titles name a year, where the profile gives none."""
        found = find_year(titles) if self.meanings.year is None and titles else None
        if found is None:
            return self
        return replace(self, meanings=replace(self.meanings, year=found[0], last_month=found[1]))


@dataclass(slots=True)
class Rows:
    """Rows that may be stored: their lines, columns (as in `Draft.values`), and hash of their content."""

    lines: NDArray[np.int64]
    values: dict[str, Array]

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: Mask | NDArray[np.int64]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.lines[rows], {name: column[rows] for name, column in self.values.items()})


class RecordReader:
    """Turns the pieces of one file into rows.

    Parameters
    ----------
    profile : Profile
        The checked profile.
    headers : list of str
        Headers of the file.
    around : Surroundings
        Places, codes, time.
    notes : NoteBook
        Where notes go.
    lower : sequence of str
        Lowest part of each header, where a header takes several rows.

    Raises
    ------
    FileRefusedError
        When the file lacks a column.
    """

    def __init__(self, profile: Profile, headers: list[str], around: Surroundings, notes: NoteBook,
                 lower: Sequence[str] = ()) -> None:
        self.profile = profile
        self.kind: RecordKind = profile.kind
        self.around = around
        self.notes = notes
        self.binding: Binding = bind_profile(profile, Headers(headers, lower), around.meanings)
        refuse_abreast(self.binding, lower)
        self._gate = Gate(self.binding, headers, notes)
        self._finder = PlaceFinder(profile, self.binding, around.book, around.crs)
        self._snapper = Snapper(around.book)
        self.headers = {name: bound.header for name, bound in self.binding.fields.items()}
        for name in ("place_code", "place_name", "place_parent", "lon", "lat"):
            bound = getattr(self.binding, name)
            if bound is not None:
                self.headers[name] = bound.header
        self._identical: dict[str, int] = {}
        self._on_sheet: dict[str, int] = {}
        self._sheet = 0

    def read(self, piece: Piece) -> Rows:
        """Return the rows of a piece that may be stored."""
        report = self.notes.report
        report.read += len(piece.lines) + len(piece.errors)
        report.rejected += len(piece.errors)
        for item in piece.errors:
            self.notes.error(item)
        for position, kind in piece.aside:
            self.notes.put_aside(position, kind)
        self._gate.look(piece)
        piece = self._only(piece)
        draft, skipped = self._convert(piece)
        draft.bad &= ~skipped
        if skipped.any():
            self._skip(draft.lines[skipped])
            piece, draft = _keep(piece, ~skipped), _keep_draft(draft, ~skipped)
        draft.quote = self._quote(piece)
        self._check(draft, piece)
        report.rejected += int(draft.bad.sum())
        rows = Rows(draft.lines, draft.values).take(~draft.bad)
        self._finish(rows)
        return rows

    def see_places(self) -> PlacesSeen | None:
        """Return how much of the register the rows so far speak of; None for records without a place."""
        return self._finder.see() if self.kind.place_required else None

    def _quote(self, piece: Piece) -> Callable[[str, int], str | None]:
        """Return what gives the cell of a field and row as a note may show it; never that of a coordinate."""
        def quote(name: str, row: int) -> str | None:
            bound = self.binding.bound(name)
            if bound is None or name in ("lon", "lat"):
                return None
            if self._gate.hides(bound):
                return MASK
            return shown(" ".join(piece.cells[index][row] for index in bound.indexes)) or None

        return quote

    def _only(self, piece: Piece) -> Piece:
        for index, wanted in self.binding.only:
            memo = {text: "".join(fold(text).split()) in wanted for text in set(piece.cells[index].tolist())}
            meant = np.fromiter((memo[text] for text in piece.cells[index]), bool, len(piece.lines))
            self._skip(piece.lines[~meant])
            piece = _keep(piece, meant)
        return piece

    def _skip(self, lines: NDArray[np.int64]) -> None:
        """Count rows that the profile does not mean."""
        self.notes.report.skipped += len(lines)
        self.notes.group("rows_skipped", lines.tolist())

    def _convert(self, piece: Piece) -> tuple[Draft, Mask]:
        count = len(piece.lines)
        draft = Draft(piece.lines, {}, self.headers, self.notes, self._quote(piece))
        skipped = np.zeros(count, dtype=bool)
        found: dict[str, Converted] = {}
        for name, bound in self.binding.fields.items():
            found[name] = convert_column(bound, piece)
            skipped[found[name].skipped] = True
        for item in self.kind.fields:
            if item.name in found:
                draft.values[item.name] = found[item.name].values
            else:
                draft.values[item.name] = np.full(count, empty_of(item.kind), dtype=_DTYPES.get(item.kind, object))
        for name, column in found.items():
            self._tell(draft, name, column, skipped)
            if name in ("first_answered_at", "closed_at") and "date_year_added" in column.told:
                rows = column.told["date_year_added"]
                check_added_years(draft, name, rows[~skipped[rows]])
        return draft, skipped

    def _tell(self, draft: Draft, name: str, column: Converted, skipped: Mask) -> None:
        for row, failed in column.failures.items():
            if not skipped[row]:
                draft.reject([row], failed.code, name, **dict(failed.values))
        for code, rows in column.told.items():
            meant = rows[~skipped[rows]].tolist()
            if code in TOLD_SINGLY:
                draft.warn(meant, code, name)
            else:
                draft.group(meant, code, name)
        for row, kinds in zip(column.masked, column.masked_kinds, strict=True):
            if not skipped[row]:
                self.notes.report.count_masked(kinds)
        if name == "source_ref":
            # A masked number would be the same for two people: such rows are known by their content instead, also when
            # the masked one comes back in a returned workbook.
            refs = draft.values[name]
            refs[np.fromiter((ref is not None and MASK in ref for ref in refs), bool, len(refs))] = None

    def _check(self, draft: Draft, piece: Piece) -> None:
        for item in self.kind.fields:
            if item.required:
                draft.reject(_missing(draft.values[item.name]) & ~draft.bad, "value_missing", item.name)
        if self.kind.about == "incidents":
            self._fill_incident_dates(draft)
        check_dates(draft, self.kind, self.around.now)
        check_pairs(draft)
        if "recorded_at" in draft.values:
            clamp_recorded(draft, self.around.now)
        if self.kind.about == "incidents":
            check_categories(draft, self.around.meanings)
        self._check_units(draft)
        if self.kind.has_place:
            # A unit, a post or a change of source names a place as such; what happened lies where it was that day.
            self._finder.place(draft, piece, self._days(draft), required=self.kind.place_required)

    def _fill_incident_dates(self, draft: Draft) -> None:
        county = self.around.meanings.county
        occurred, reported = draft.values["occurred_on"], draft.values["reported_at"]
        nothing = (occurred == NULL) & (reported == NULL) & ~draft.bad
        draft.reject(nothing, "value_missing", "occurred_on" if "occurred_on" in self.headers else "reported_at")
        draft.values["occurred_on"] = np.where(occurred == NULL, days_of(reported, county), occurred)
        draft.values["reported_at"] = np.where(reported == NULL, starts_of(occurred, county), reported)
        early = days_of(draft.values["reported_at"], county) < draft.values["occurred_on"]
        draft.warn(early & ~draft.bad & (reported != NULL), "reported_before_occurred", "reported_at")
        weight = draft.values["weight"]
        weight[weight == NULL] = 1

    def _check_units(self, draft: Draft) -> None:
        for item in self.kind.fields:
            if item.kind != "unit" or item.name not in self.binding.fields:
                continue
            column = draft.values[item.name]
            for code in sorted({code for code in column.tolist() if code is not None} - self.around.units):
                draft.group(column == code, "unit_unknown", item.name, value=code)

    def _days(self, draft: Draft) -> NDArray[np.int64]:
        today = self.around.now // 86_400
        for name in ("occurred_on", "started_on", "period_from", "on", "counted_on"):
            if name in draft.values:
                return np.where(draft.values[name] == NULL, today, draft.values[name])
        days = np.full(len(draft.lines), today, dtype=np.int64)
        if "valid_to" in draft.values:  # a post that ended belonged to the place of its last day
            ends = draft.values["valid_to"]
            days = np.where((ends != NULL) & (ends <= today), ends - 1, days)
        return days

    def _finish(self, rows: Rows) -> None:
        values = rows.values
        if self.kind.has_point:
            points = self._snapper.snap(values["lon"], values["lat"], values["place_code"], values["stream"])
            values["lon"], values["lat"], values["point_kind"] = points.lon, points.lat, points.kind
        values["content_hash"] = self._hashes(rows)
        if self.kind.is_sourced:
            self._name(rows)
        if self.kind.has_point:
            county, township = self.around.resolutions
            values["cell_township"] = cells_of(values["lon"], values["lat"], township)
            values["cell_county"] = parents_of(values["cell_township"], county)
            values["week_occurred"] = weeks_of(values["occurred_on"])

    def _hashes(self, rows: Rows) -> NDArray[np.object_]:
        """Hash what is stored of each row, never what was taken out at the gate."""
        renamed = {"recorded_at": "recorded_given"}
        names = [renamed.get(name, name) for name in self.kind.names if name != "source_ref"]
        names += ["place_code"] if self.kind.has_place else []
        names += ["lon", "lat"] if self.kind.has_point else []
        result = np.empty(len(rows), dtype=object)
        result[:] = [_hash(row) for row in zip(*(rows.values[name].tolist() for name in names), strict=True)]
        return result

    def _name(self, rows: Rows) -> None:
        """Give rows without a number of their own the hash of their content and an ordinal among equals.

        Equal rows are several, but for one told in the same words on another sheet: a 汇总 repeats the townships'.
        """
        refs, hashes, told = rows.values["source_ref"], rows.values["content_hash"], rows.values.get("summary")
        without = np.flatnonzero(_missing(refs)).tolist()
        if "source_ref" in self.binding.fields and without:
            self.notes.group("reference_empty", rows.lines[without].tolist(), self.headers["source_ref"])
        for row, sheet in zip(without, (rows.lines[without] // SHEET).tolist(), strict=True):
            if sheet != self._sheet:
                self._sheet, self._on_sheet = sheet, {}
            seen = self._identical if told is None or told[row] is None else self._on_sheet
            ordinal = seen.get(hashes[row], 0) + 1
            seen[hashes[row]] = ordinal
            refs[row] = f"#{hashes[row]}-{ordinal}"


def _hash(row: tuple[object, ...]) -> str:
    return blake2b(repr(row).encode(), digest_size=16).hexdigest()


def _missing(column: Array) -> Mask:
    if column.dtype == object:
        return np.fromiter((item is None for item in column), bool, len(column))
    return column == NULL if column.dtype == np.int64 else np.isnan(column.astype(np.float64))


def _keep(piece: Piece, rows: Mask) -> Piece:
    if rows.all():
        return piece
    return Piece(piece.lines[rows], [cells[rows] for cells in piece.cells])


def _keep_draft(draft: Draft, rows: Mask) -> Draft:
    kept = draft.keep(rows)
    kept.bad = draft.bad[rows]
    return kept
