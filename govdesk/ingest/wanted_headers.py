"""The headers a profile looks for: by them the header row is found, and the sheets that fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from govdesk.ingest.cells import PROSE, REFERENCES, fold
from govdesk.ingest.folding import plain_header
from govdesk.ingest.masking import mask
from govdesk.ingest.profiles import Column, Profile


@dataclass(frozen=True, slots=True)
class WantedHeader:
    """One column that is looked for.

    Attributes
    ----------
    candidates : tuple of str
        What it may be called; the first that exists is read.
    is_needed : bool
        Whether a file without it is refused.
    """

    candidates: tuple[str, ...]
    is_needed: bool = True


def wanted_headers(profile: Profile) -> tuple[WantedHeader, ...]:
    """Return the headers that a profile looks for."""
    found = list(_wanted(profile))
    if profile.own_names:
        found += _own_names(profile)
    return tuple(dict.fromkeys(found))


def _wanted(profile: Profile) -> Iterator[WantedHeader]:
    place, point = profile.place, profile.point
    columns = list(profile.fields.values())
    columns += [item for item in (place and place.code, place and place.name, place and place.parent) if item]
    columns += [point.lon, point.lat] if point else []
    for column in columns:
        yield from _of_column(column)
    for rule in profile.only:
        yield WantedHeader(tuple(rule.source))


def label_headers(profile: Profile) -> dict[str, bool]:
    """Return the headers of columns that are kept as running numbers (True) or as names and codes (False).

    A column that prose is read from, too, is none of them.
    """
    found: dict[str, bool] = {}
    prose: set[str] = set()
    for item in profile.kind.fields:
        column = profile.fields.get(item.name)
        if item.kind not in ("text", "unit", "post", "incident"):
            continue
        names = [*column.source, *column.join] if column else [item.name] if profile.own_names else []
        if item.name in PROSE:
            prose |= set(names)
        else:
            found |= {name: found.get(name, False) or item.name in REFERENCES for name in names}
    return {name: is_reference for name, is_reference in found.items() if name not in prose}


def _of_column(column: Column) -> Iterator[WantedHeader]:
    groups = [[name] for name in column.join] if column.join else [column.source]
    for group in groups:
        if group:
            yield WantedHeader(tuple(group), not column.optional)


def _own_names(profile: Profile) -> Iterator[WantedHeader]:
    for item in profile.kind.fields:
        if item.name not in profile.fields and not item.named_only:
            yield WantedHeader((item.name,), item.required)
    if profile.place is None and profile.kind.has_place:
        yield WantedHeader(("place_code",), profile.kind.place_required)
    if profile.point is None and profile.kind.has_point:
        yield from (WantedHeader((name,), is_needed=False) for name in ("lon", "lat"))


class HeaderNames:
    """The headers of a table, found by their whole text, or by their lowest part where that is unique.

    Case, width and surrounding spaces do not matter; where nothing fits, neither do traditional characters, marks
    and what stands in brackets (`header_words.plain_header`).
    """

    def __init__(self, headers: Sequence[str], lower: Sequence[str] = ()) -> None:
        self._tiers = [(by, _by_name(names, by)) for by in (fold, plain_header, _fold_masked)
                       for names in (headers, lower)]

    def columns(self, name: str) -> list[int]:
        """Return the columns of a name; several where it is ambiguous."""
        for by, found in self._tiers:
            columns = found.get(by(name), [])
            if columns:
                return columns
        return []

    def bind(self, wanted: Sequence[WantedHeader]) -> dict[int, int]:
        """Return which wanted header is which column; ambiguous and missing ones are left out."""
        found: dict[int, int] = {}
        for at, item in enumerate(wanted):
            for name in item.candidates:
                columns = self.columns(name)
                if len(columns) == 1:
                    found[at] = columns[0]
                if columns:
                    break
        return found


def _fold_masked(name: str) -> str:
    """Fold a header as a saved profile knows it: without a telephone or name that somebody wrote into it."""
    return fold(mask(name)[0])


def _by_name(names: Sequence[str], by: Callable[[str], str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if by(name):
            found.setdefault(by(name), []).append(index)
    return found
