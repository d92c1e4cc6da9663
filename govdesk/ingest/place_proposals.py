"""Names of a file that no place has, and the places that may be meant: for somebody who decides."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: Places that a file does not name and that its report names, at most.
ABSENT_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant.

    Attributes
    ----------
    code, name, township : str
        The place, and the name of the place above it.
    score : int
        0-100; compares the candidates of one name, and says nothing else.
    why : str
        ``same_name``, ``same_spelling``, ``kind`` (村 and 社区), ``parent`` (its township, cut short, stands before
        it), ``elsewhere`` (in another township), ``begins``, ``sound`` or ``spelling``.
    """

    code: str
    name: str
    township: str
    score: int
    why: str


@dataclass(slots=True)
class PlaceProposal:
    """One name of a file, as it stands under one parent, that no place is sure to have.

    Attributes
    ----------
    text, parent_text : str
        As in the file, numbers of persons masked; of a township that is unknown the `text` is its name.
    n_rows : int
        Rows that were rejected for it.
    first_line : int
        Row of the first of them, as Excel shows it.
    sheet : str or None
        Its sheet, in a workbook.
    candidates : tuple of Candidate
        At most three, the likeliest first.
    level : str
        Level of the place that is meant.
    parent_code : str or None
        What `parent_text` was found to be.
    code : str
        Code of the rows' note: ``place_proposed``, ``place_ambiguous``, ``place_parent_unknown``, or
        ``place_unknown`` where nothing is near.
    """

    text: str
    parent_text: str
    n_rows: int
    first_line: int
    sheet: str | None
    candidates: tuple[Candidate, ...]
    level: str = "village"
    parent_code: str | None = None
    code: str = "place_proposed"

    @property
    def can_choose(self) -> bool:
        """Whether an alias may settle it: not where several places have exactly this name."""
        return all(one.why != "same_name" for one in self.candidates)

    def as_json(self) -> dict[str, object]:
        """Return it as the report shows it."""
        found = asdict(self)
        found["candidates"] = [asdict(one) for one in self.candidates]
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "PlaceProposal":
        """Return what `as_json` wrote."""
        return cls(**{**found, "candidates": tuple(Candidate(**one) for one in found["candidates"])})


@dataclass(frozen=True, slots=True)
class PlacesSeen:
    """How much of the register a file speaks of.

    Attributes
    ----------
    level : str
        Level that is counted.
    n_known : int
        Places of that level that stand.
    n_in_file : int
        Those of them that rows of the file name, or lie in.
    townships_without : tuple of (str, str)
        Code and name of the places above them of which the file names none.
    absent : tuple of (str, str)
        Name of the place above and name of the places of that level that the file does not name, the first
        `ABSENT_KEPT` of them.
    """

    level: str
    n_known: int
    n_in_file: int
    townships_without: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as the report shows it."""
        return {"level": self.level, "n_known": self.n_known, "n_in_file": self.n_in_file,
                "townships_without": [{"code": code, "name": name} for code, name in self.townships_without],
                "absent": [{"parent": parent, "name": name} for parent, name in self.absent]}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "PlacesSeen":
        """Return what `as_json` wrote."""
        without = tuple((one["code"], one["name"]) for one in found["townships_without"])
        absent = tuple((one["parent"], one["name"]) for one in found.get("absent", ()))
        return cls(found["level"], found["n_known"], found["n_in_file"], without, absent)
