"""The ways by which a name is matched with a place, in their order; pure.

Code → exact name → a spelling that cannot mean another place (`place_names`) → an accepted alias → similarity. Each of
the first four either finds one place or none. Similarity places nothing: it proposes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from govdesk.ingest.place_book import AliasRow, PlaceBook
from govdesk.ingest.place_index import Codes, LevelNames, PlaceIndex
from govdesk.ingest.place_names import plain_code, split_brackets, tidy
from govdesk.ingest.place_nearness import liken_all
from govdesk.ingest.place_proposals import Candidate

#: Names of a file for which proposals are looked for; a file of nothing else must not take hours.
PROPOSED = 1_000
#: Proposals for one name.
MOST = 3
#: Score of places of one and the same name.
_SAME = 100
#: A candidate this much less alike than the likeliest one is left out.
_FAR = 30


@dataclass(frozen=True, slots=True)
class Match:
    """What a name was found to mean.

    Attributes
    ----------
    code : str or None
        The place; None where somebody must decide.
    way : str
        ``code``, ``exact``, ``normal``, ``alias``; without a place ``proposed``, ``ambiguous``, ``unknown``,
        ``parent_unknown``.
    alias : str or None
        The accepted alias that decided.
    candidates : tuple of Candidate
        Places that may be meant, the likeliest first.
    parent_code : str or None
        What the row's parent was found to be, where that is one place.
    level : str
        Level of the candidates.
    is_limited : bool
        No candidates were looked for, because too many names had asked before.
    n_found : int
        Places of an ambiguous name.
    """

    code: str | None
    way: str
    alias: str | None = None
    candidates: tuple[Candidate, ...] = ()
    parent_code: str | None = None
    level: str = ""
    is_limited: bool = False
    n_found: int = 0


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A name without what stood around it, and what must lie above its place."""

    name: str
    above: tuple[Codes, ...] = ()


class Matcher:
    """Matches names of one register; remembers what each means.

    Parameters
    ----------
    book : PlaceBook
        The register, with its accepted aliases.
    proposed : int
        Names for which similarity is asked.
    """

    def __init__(self, book: PlaceBook, proposed: int = PROPOSED) -> None:
        self.index = PlaceIndex(book)
        self._book = book
        self._left = proposed
        self._aliases: dict[str, list[AliasRow]] = defaultdict(list)
        for row in book.aliases:
            if row.place_code in book:
                self._aliases[row.folded].append(row)
        self._parents: dict[tuple[str, str], Match | Codes] = {}
        self._found: dict[tuple[str, str, str], Match] = {}

    def match(self, text: str, level: str, parent: str = "") -> Match:
        """Return what a name means.

        Parameters
        ----------
        text : str
            As in the file.
        level : str
            Level of the places that may be meant.
        parent : str
            Name, alias, abbreviation or code of a place above it; empty where the row names none.
        """
        key = (text, level, parent)
        if key not in self._found:
            self._found[key] = self._match(*key)
        return self._found[key]

    def find_above(self, parent: str, level: str) -> Codes | None:
        """Return the places that a row's parent means; None where nobody can tell."""
        above = self._find_parents(parent, level)
        return None if isinstance(above, Match) else above

    def _match(self, text: str, level: str, parent: str) -> Match:
        code = plain_code(text)
        if code in self._book and self._book.latest(code).level == level:
            return Match(code, "code", level=level)
        parents: Codes | None = None
        if parent.strip():
            above = self._find_parents(parent, level)
            if isinstance(above, Match):
                return above
            parents = above
        only = next(iter(parents)) if parents and len(parents) == 1 else None
        return replace(self._match_name(text, level, parents), parent_code=only, level=level)

    def _match_name(self, text: str, level: str, parents: Codes | None, *, is_asking: bool = True) -> Match:
        names = self.index.level(level)
        spellings = list(self._spell(text, level))
        same: set[str] = set()
        for way, found in self._look_up(text, level, spellings, parents):
            if len(found) == 1:
                return Match(next(iter(found)), way)
            if found:
                if way == "exact":
                    return self._ambiguous(found, "same_name")
                same = found
                break
        alias = self._by_alias(level, spellings, parents)
        if alias is not None:
            return Match(alias.place_code, "alias", alias.alias)
        if same:
            return self._ambiguous(same, "same_spelling")
        return self._propose(names, spellings, parents) if is_asking else Match(None, "unknown")

    # The ways that decide

    def _look_up(self, text: str, level: str, spellings: list[_Spelling], parents: Codes | None,
                 ) -> Iterator[tuple[str, set[str]]]:
        """Yield what each way finds, the surest first: as it stands, then without what stands around it."""
        names = self.index.level(level)
        yield "exact", self._fit(names.exact.get(text, set()), parents)
        for stripped in (False, True):
            chosen = [one for one in spellings if bool(one.above) == stripped]
            yield "normal", self._union(chosen, parents, names.tidied)
            found: set[str] = set()
            for one in chosen:
                if parents is None and not one.above and self.index.find_wider(one.name, level, needs_ending=False):
                    continue  # 云溪 alone is as often the township as the village of that name
                found |= self._fit(names.find_same(one.name), parents, one.above)
            yield "normal", self.index.standing(found)

    def _union(self, spellings: list[_Spelling], parents: Codes | None, known: dict[str, set[str]]) -> set[str]:
        found: set[str] = set()
        for one in spellings:
            found |= self._fit(known.get(one.name, set()), parents, one.above)
        return self.index.standing(found)

    def _fit(self, codes: set[str], parents: Codes | None, above: tuple[Codes, ...] = ()) -> set[str]:
        wanted = (*above, *(() if parents is None else (parents,)))
        return self.index.standing({code for code in codes if all(self.index.lies_in(code, one) for one in wanted)})

    def _spell(self, text: str, level: str) -> Iterator[_Spelling]:
        """Yield the name as it stands, and without a true or claimed parent before it or in brackets behind it."""
        whole = tidy(text)
        if not whole:
            return
        yield _Spelling(whole)
        yield from self._without_leading(_Spelling(whole), level)
        parts = split_brackets(text)
        if parts is not None:
            above = self.index.find_wider(parts[1], level, needs_ending=False)
            if above:
                yield _Spelling(parts[0], (above,))

    def _without_leading(self, spelling: _Spelling, level: str) -> Iterator[_Spelling]:
        name = spelling.name
        for end in range(1, len(name)):
            above = self.index.find_wider(name[:end], level, needs_ending=True)
            if above:
                shorter = _Spelling(name[end:], (*spelling.above, above))
                yield shorter
                if len(shorter.above) < 3:
                    yield from self._without_leading(shorter, level)

    def _by_alias(self, level: str, spellings: list[_Spelling], parents: Codes | None) -> AliasRow | None:
        found: dict[str, AliasRow] = {}
        for one in spellings:
            around = parents if parents is not None else one.above[-1] if one.above else None
            for row in self._aliases.get(one.name, ()):
                place = row.place_code
                if self._book.latest(place).level != level:
                    continue
                is_meant = self.index.lies_in(place, around) if row.parent_code is None else (
                    around is not None and row.parent_code in around)
                if is_meant:
                    found[place] = row
        # What was accepted for one township says more than what holds everywhere.
        near = [row for row in found.values() if row.parent_code is not None] or list(found.values())
        return near[0] if len(near) == 1 else None

    # The place above

    def _find_parents(self, text: str, level: str) -> Codes | Match:
        key = (text, level)
        if key not in self._parents:
            self._parents[key] = self._read_parent(text.strip(), level)
        return self._parents[key]

    def _read_parent(self, text: str, level: str) -> Codes | Match:
        levels = self.index.wider(level)
        code = plain_code(text)
        if code in self._book and self._book.latest(code).level in levels:
            return frozenset({code})
        for wider in levels:
            exact = self.index.level(wider).exact.get(text)
            if exact:
                return frozenset(self.index.standing(exact))
        known = [wider for wider in levels if self.index.level(wider).exact]
        for wider in known:
            found = self._match_name(text, wider, None, is_asking=False)
            if found.code is not None:
                return frozenset({found.code})
        for wider in known:
            match = self._match_name(text, wider, None)
            if match.candidates:
                return replace(match, way="parent_unknown", level=wider)
        return Match(None, "parent_unknown", level=levels[0] if levels else level)

    # Proposals

    def _ambiguous(self, codes: set[str], why: str) -> Match:
        shown = tuple(self._candidate(code, _SAME, why) for code in sorted(codes)[:MOST])
        return Match(None, "ambiguous", candidates=shown, n_found=len(codes))

    def _candidate(self, code: str, score: int, why: str) -> Candidate:
        return Candidate(code, self._book.latest(code).name, self.index.township_of(code), score, why)

    def _propose(self, names: LevelNames, spellings: list[_Spelling], parents: Codes | None) -> Match:
        if not spellings:
            return Match(None, "unknown")
        self._left -= 1
        if self._left < 0:
            return Match(None, "unknown", is_limited=True)
        scores: dict[str, tuple[int, str]] = {}
        for one in spellings:
            around = parents if parents is not None else one.above[-1] if one.above else None
            for code, score, why in liken_all(self.index, names, one.name, around):
                if score > scores.get(code, (0, ""))[0]:
                    scores[code] = (score, why)
        best = sorted(scores.items(), key=lambda item: (-item[1][0], item[0]))[:MOST]
        candidates = tuple(self._candidate(code, score, why) for code, (score, why) in best
                           if score > best[0][1][0] - _FAR)
        return Match(None, "proposed" if candidates else "unknown", candidates=candidates)
