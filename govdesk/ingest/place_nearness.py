"""Which places a name that none has may mean, and why; pure."""

from collections.abc import Iterator

from govdesk.ingest.place_index import Codes, LevelNames, PlaceIndex
from govdesk.ingest.place_likeness import liken
from govdesk.ingest.place_names import stem_of

#: Likeness (0-100) from which a place is proposed: within the township that the row names, and in a whole county.
_ALIKE_INSIDE, _ALIKE_ANYWHERE = 50, 65
#: Scores of what is no question of likeness.
_OTHER_KIND, _PARENT, _ELSEWHERE, _BEGINS = 95, 94, 92, 90

Scored = tuple[str, int, str]


def liken_all(index: PlaceIndex, names: LevelNames, name: str, around: Codes | None) -> Iterator[Scored]:
    """Yield code, score (0-100) and why (`place_proposals.Candidate`) of places that a name may mean.

    Parameters
    ----------
    index : PlaceIndex
        The register.
    names : LevelNames
        Names of the level that is meant.
    name : str
        As `place_names.tidy` returns it.
    around : frozenset of str or None
        The places in which it should lie, as far as the row says.
    """
    for code in names.find_same(name) | names.tidied.get(name, set()):
        yield code, _ELSEWHERE, "elsewhere"
    for code in names.find_other_kinds(name):
        if index.lies_in(code, around):
            yield code, _OTHER_KIND, "kind"
    yield from _in_parts(index, names, name, around)
    stem = stem_of(name, names.level)
    least = _ALIKE_ANYWHERE if around is None else _ALIKE_INSIDE
    for code in names.near(stem) if around is None else index.inside(names.level, around):
        score, why = liken(stem, names.stem_of[code])
        if score >= least:
            yield code, min(score, _BEGINS - 1) if why == "spelling" else score, why


def _in_parts(index: PlaceIndex, names: LevelNames, name: str, around: Codes | None) -> Iterator[Scored]:
    """Yield places whose township, cut short, stands before them, and those with whose name it begins."""
    for end in range(2, len(name)):
        above = index.find_wider(name[:end], names.level, needs_ending=False)
        for code in names.tidied.get(name[end:], set()) | names.find_same(name[end:]) if above else ():
            if index.lies_in(code, above) and index.lies_in(code, around):
                yield code, _PARENT, "parent"
        for code in names.tidied.get(name[:end], ()):
            if index.lies_in(code, around):
                yield code, _BEGINS, "begins"
