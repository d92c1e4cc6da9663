"""A list of places against the register: which are missing, unknown, doubled, elsewhere; counts that add up; pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from govdesk.ingest.masking import shown
from govdesk.ingest.notes import SHEET, make_writable
from govdesk.ingest.place_book import OPEN_DAY, PlaceBook
from govdesk.ingest.place_index import PlaceIndex
from govdesk.ingest.place_matching import Match, Matcher
from govdesk.ingest.place_names import tidy
from govdesk.ingest.place_proposals import ABSENT_KEPT, Candidate, PlacesSeen


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list of places: its position (`notes.SHEET`), and what it says; "" where it says nothing."""

    position: int
    code: str = ""
    name: str = ""
    parent: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether it names no place."""
        return not (self.code or self.name)


@dataclass(frozen=True, slots=True)
class Known:
    """A place of the register."""

    code: str
    name: str
    township: str


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one row.

    Attributes
    ----------
    line, sheet
        Where it stands, as Excel shows it.
    code, name, parent : str
        What it says.
    place : Known or None
        The place that it means.
    way : str
        ``code``, ``exact``, ``normal``, ``alias``; of a row without a place why (`place_matching.Match`).
    first_line : int or None
        Of a doubled one: the row that names the place first.
    candidates : tuple of Candidate
        Of an unknown one: what may be meant.
    """

    line: int
    sheet: str | None
    code: str
    name: str
    parent: str
    place: Known | None
    way: str
    first_line: int | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class Reconciliation:
    """What a list and the register have in common.

    Notes
    -----
    Rows: ``n_rows = matched + elsewhere + doubled + ended + unknown + n_blank``.
    Places: ``n_known = matched + elsewhere + missing``: each is named once.

    Attributes
    ----------
    level : str
        Level that is compared.
    n_rows, n_blank, n_known : int
        Rows of the list, those without code and name, places of the register that stand.
    matched : list of Found
        The first row of each place.
    elsewhere : list of Found
        Rows whose place lies in another township than they say, where no row has it right.
    doubled : list of Found
        Rows that name a place again.
    ended : list of Found
        Rows that name a place that is no more.
    unknown : list of Found
        Rows that mean no place for sure, with proposals.
    missing : list of Known
        Places of the register that no row means.
    renamed : list of Found
        Of the matched ones: those that the register calls otherwise than the list.
    """

    level: str
    n_rows: int = 0
    n_blank: int = 0
    n_known: int = 0
    matched: list[Found] = field(default_factory=list)
    elsewhere: list[Found] = field(default_factory=list)
    doubled: list[Found] = field(default_factory=list)
    ended: list[Found] = field(default_factory=list)
    unknown: list[Found] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    renamed: list[Found] = field(default_factory=list)

    @property
    def ways(self) -> dict[str, int]:
        """How many places were matched by which way."""
        return dict(Counter(one.way for one in self.matched))

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of `docs/schemas/reconciliation-report.json`."""
        lists = ("matched", "elsewhere", "doubled", "ended", "unknown", "missing", "renamed")
        return {
            "level": self.level, "n_rows": self.n_rows, "n_blank": self.n_blank, "n_known": self.n_known,
            **{f"n_{name}": len(getattr(self, name)) for name in lists}, "ways": self.ways,
            **{name: [asdict(one) for one in getattr(self, name)] for name in lists if name != "matched"},
        }


def reconcile(rows: Iterable[Listed], book: PlaceBook, level: str, sheets: list[str] | None = None) -> Reconciliation:
    """Compare a list of places with the register.

    Parameters
    ----------
    rows : iterable of Listed
        The list.
    book : PlaceBook
        The register, with its aliases.
    level : str
        Level of the places that are meant.
    sheets : list of str, optional
        Names of the workbook's sheets.
    """
    matcher = Matcher(book)
    result = Reconciliation(level)
    standing = _standing(book, level)
    result.n_known = len(standing)
    waiting: list[Found] = []
    first: dict[str, int] = {}
    for row in rows:
        result.n_rows += 1
        if row.is_blank:
            result.n_blank += 1
            continue
        found, is_elsewhere = _find(row, matcher, book, level, sheets or [])
        if found.place is None:
            result.unknown.append(found)
        elif found.place.code not in standing:
            result.ended.append(found)
        elif is_elsewhere:
            waiting.append(found)
        else:
            _count(result, result.matched, found, first)
    for found in waiting:
        _count(result, result.elsewhere, found, first)
    result.renamed = [one for one in result.matched if one.name and one.place and tidy(one.name) != tidy(one.place.name)
                      and one.way == "code"]
    result.doubled.sort(key=lambda one: (one.sheet or "", one.line))
    result.missing = [_known(matcher.index, code) for code in sorted(standing - set(first))]
    return result


def _count(result: Reconciliation, into: list[Found], found: Found, first: dict[str, int]) -> None:
    """Put a row where it belongs: with the first of its place, or with those that name it again."""
    code = found.place.code if found.place else ""
    if code in first:
        again = {name: getattr(found, name) for name in ("line", "sheet", "code", "name", "parent", "place", "way")}
        result.doubled.append(Found(**again, first_line=first[code]))
    else:
        first[code] = found.line
        into.append(found)


def _standing(book: PlaceBook, level: str) -> set[str]:
    return {code for code in book.periods
            if book.latest(code).level == level and book.latest(code).day_to == OPEN_DAY}


def _known(index: PlaceIndex, code: str) -> Known:
    return Known(code, index.book.latest(code).name, index.township_of(code))


def _find(row: Listed, matcher: Matcher, book: PlaceBook, level: str, sheets: list[str]) -> tuple[Found, bool]:
    """Return what a row means, and whether its place lies elsewhere than it says."""
    match, is_elsewhere = _match(row, matcher, book, level)
    place = None if match.code is None else _known(matcher.index, match.code)
    sheet = make_writable(sheets[row.position // SHEET]) if sheets else None
    code = row.code if row.code in book else shown(row.code)
    return Found(row.position % SHEET, sheet, make_writable(code), make_writable(row.name),
                 make_writable(row.parent), place, match.way, None, match.candidates), is_elsewhere


def _match(row: Listed, matcher: Matcher, book: PlaceBook, level: str) -> tuple[Match, bool]:
    if row.code in book and book.latest(row.code).level == level:
        return Match(row.code, "code", level=level), not _is_inside(row, matcher, level)
    if not row.name:
        return matcher.match(row.code, level), False
    match = matcher.match(row.name, level, row.parent)
    away = [one for one in match.candidates if one.why == "elsewhere"]
    if match.way == "proposed" and len(away) == 1 and match.candidates[0] is away[0]:
        # Only one place of the county has the name: the list has it, in the wrong township.
        found = matcher.match(row.name, level)
        return (found, True) if found.code is not None else (match, False)
    return match, False


def _is_inside(row: Listed, matcher: Matcher, level: str) -> bool:
    above = matcher.find_above(row.parent, level) if row.parent else None
    return above is None or matcher.index.lies_in(row.code, above)


def see_places(codes: Iterable[str], book: PlaceBook, level: str) -> PlacesSeen | None:
    """Return how much of the register a set of places speaks of; None where the register lacks the level.

    Parameters
    ----------
    codes : iterable of str
        Places that rows lie in, of any level: a grid speaks of its village, a township only of itself.
    book : PlaceBook
        The register.
    level : str
        Level that is counted.
    """
    standing = _standing(book, level)
    if not standing:
        return None
    index = PlaceIndex(book)
    spoken = {code for seen in codes for code in {seen, *index.ancestors(seen)}}
    above = {parent for code in standing if (parent := book.latest(code).parent_code) is not None and parent in book}
    without = tuple((code, book.latest(code).name) for code in sorted(above - spoken))
    silent = sorted(standing - spoken)[:ABSENT_KEPT]
    absent = tuple((_name_above(book, code), book.latest(code).name) for code in silent)
    return PlacesSeen(level, len(standing), len(standing & spoken), without, absent)


def _name_above(book: PlaceBook, code: str) -> str:
    parent = book.latest(code).parent_code
    return book.latest(parent).name if parent is not None and parent in book else ""
