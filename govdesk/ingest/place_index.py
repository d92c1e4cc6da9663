"""The names of a register, ready to be looked up as they may be written; pure."""

from collections import defaultdict
from dataclasses import dataclass, field

from govdesk.ingest.place_book import OPEN_DAY, PlaceBook, PlaceRow
from govdesk.ingest.place_likeness import SoundIndex
from govdesk.ingest.place_names import ABOVE_COUNTY, Reading, read_name, stem_of, tidy
from govdesk.terms import LEVELS

Codes = frozenset[str]

@dataclass(slots=True)
class LevelNames:
    """All names that places of one level have or had.

    Attributes
    ----------
    exact, tidied : dict of str to set of str
        Name, as in the register and as it is compared → codes.
    stems : dict of str to set of (str, str)
        Stem → code and kind of place (`place_names.read_name`).
    stem_of : dict of str to str
        Code → stem of its newest name.
    """

    level: str
    exact: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tidied: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stems: dict[str, set[Reading]] = field(default_factory=lambda: defaultdict(set))
    stem_of: dict[str, str] = field(default_factory=dict)
    _sounds: SoundIndex | None = None

    def add(self, place: PlaceRow, above: list[str]) -> None:
        """Add a place in one period; `above` holds the tidied names of the place above it."""
        whole = tidy(place.name)
        self.exact[place.name].add(place.code)
        # A register may write the township before each village; rows of that township leave it out.
        for name in {whole, *(whole.removeprefix(one) for one in above)} - {""}:
            self.tidied[name].add(place.code)
            for stem, kind in read_name(name, self.level):
                self.stems[stem].add((place.code, kind))

    def find_same(self, tidied: str, *, needs_ending: bool = False) -> set[str]:
        """Return the codes of places whose name says the same, as far as names alone can tell."""
        return {
            code for stem, kind in read_name(tidied, self.level) if kind or not needs_ending
            for code, other in self.stems.get(stem, ()) if kind == other or "" in (kind, other)
        }

    def find_other_kinds(self, tidied: str) -> set[str]:
        """Return the codes of places of the same stem and another kind: 东门村 and 东门社区."""
        return {code for stem, _ in read_name(tidied, self.level) for code, _ in self.stems.get(stem, ())}

    def near(self, stem: str) -> list[str]:
        """Return codes of places whose stem shares a syllable."""
        if self._sounds is None:
            self._sounds = SoundIndex(self.stem_of.items())
        return self._sounds.near(stem)


class PlaceIndex:
    """Names and ancestors of the places of a book; each level is indexed when it is first asked for."""

    def __init__(self, book: PlaceBook) -> None:
        self.book = book
        self._levels: dict[str, LevelNames] = {}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._below: dict[str, dict[str, list[str]]] = {}

    def level(self, level: str) -> LevelNames:
        """Return the names of a level."""
        if level not in self._levels:
            names = LevelNames(level)
            for code, rows in self.book.periods.items():
                for place in rows:
                    if place.level == level:
                        above = self.book.periods.get(place.parent_code or "", [])
                        names.add(place, [tidy(row.name) for row in above])
                if self.book.latest(code).level == level:
                    names.stem_of[code] = stem_of(tidy(self.book.latest(code).name), level)
            self._levels[level] = names
        return self._levels[level]

    def ancestors(self, code: str) -> frozenset[str]:
        """Return the codes of everything a place lies or lay in, at any time."""
        if code not in self._ancestors:
            self._ancestors[code] = frozenset()  # a broken register may hold a circle
            above = {row.parent_code for row in self.book.periods.get(code, ()) if row.parent_code is not None}
            self._ancestors[code] = frozenset(above).union(*(self.ancestors(one) for one in above))
        return self._ancestors[code]

    def lies_in(self, code: str, parents: frozenset[str] | None) -> bool:
        """Return whether a place lies in one of some places; None means anywhere."""
        return parents is None or not parents.isdisjoint(self.ancestors(code))

    def inside(self, level: str, parents: frozenset[str]) -> list[str]:
        """Return the codes of the places of a level that lie in one of some places."""
        if level not in self._below:
            below: dict[str, list[str]] = defaultdict(list)
            for code in self.level(level).stem_of:
                for above in self.ancestors(code):
                    below[above].append(code)
            self._below[level] = below
        return sorted({code for parent in parents for code in self._below[level].get(parent, ())})

    def standing(self, codes: set[str]) -> set[str]:
        """Return those that stand still, or all where none does."""
        if len(codes) < 2:
            return codes
        return {code for code in codes if self.book.latest(code).day_to == OPEN_DAY} or codes

    def township_of(self, code: str) -> str:
        """Return the name of the place above one, for a reader who must tell it from others."""
        above = self.book.latest(code).parent_code
        return self.book.latest(above).name if above is not None and above in self.book else ""

    def wider(self, level: str) -> list[str]:
        """Return the levels above one, the nearest first."""
        known = [one.value for one in LEVELS]
        return known[: known.index(level)][::-1] if level in known else []

    def find_wider(self, tidied: str, level: str, *, needs_ending: bool) -> Codes:
        """Return the places above a level that a name certainly means, of the nearest level that has any.

        Parameters
        ----------
        tidied : str
            As `place_names.tidy` returns it.
        level : str
            Level below.
        needs_ending : bool
            Take 城关镇 but not 城关, where it stands before another name.
        """
        for wider in self.wider(level):
            names = self.level(wider)
            found = names.tidied.get(tidied) or names.find_same(tidied, needs_ending=needs_ending)
            if not found and wider == "county":
                found = {code for name, codes in names.tidied.items() for code in codes if tidied.endswith(name)
                         and ABOVE_COUNTY.fullmatch(tidied.removesuffix(name))}
            if found:
                return frozenset(found)
        return frozenset()
