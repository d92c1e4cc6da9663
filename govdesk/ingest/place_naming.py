"""Reads the place of each row from its name and parent, each different pair once, and keeps what is proposed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.ingest.cells import Failure, failure
from govdesk.ingest.columns import Binding, Bound, convert_column
from govdesk.ingest.drafts import Draft
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import SHEET, make_writable
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.place_matching import PROPOSED, Match, Matcher
from govdesk.ingest.place_proposals import Candidate, PlaceProposal
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import Piece

Ints = NDArray[np.int64]
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that means a place, and by which way (`place_matching.Match`)."""

    code: str
    way: str = "code"
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A text that means no place for sure: what is said, about which column, and what is proposed."""

    failure: Failure
    column: str
    asked: tuple[str, str] | None = None
    match: Match | None = None


Outcome = Placed | Trouble | None


@dataclass(slots=True)
class Outcomes:
    """What the rows of a piece mean: each different text once, and which of them a row has.

    Attributes
    ----------
    kinds : list of Placed, Trouble or None
        None: nothing stands there.
    index : ndarray of int64
        Of each row, into `kinds`.
    failed : dict of int to Trouble
        Rows whose cell cannot be read at all.
    """

    kinds: list[Outcome]
    index: Ints
    failed: dict[int, Trouble] = field(default_factory=dict)

    def of_rows(self, *wanted: type) -> NDArray[np.bool_]:
        """Return which rows have an outcome of a type."""
        is_wanted = np.array([isinstance(kind, wanted) for kind in self.kinds], dtype=bool)
        found: NDArray[np.bool_] = is_wanted[self.index]
        return found


def read_texts(bound: Bound | None, piece: Piece, column: str) -> tuple[Ints, list[str], dict[int, Trouble]]:
    """Return for each row which text it has, the different texts ("" where nothing stands), and unreadable cells."""
    if bound is None:
        return np.zeros(len(piece.lines), dtype=np.int64), [""], {}
    converted = convert_column(bound, piece)
    index, texts = pd.factorize(converted.values)
    known: list[Any] = [*texts, ""]
    index = np.where(index < 0, len(known) - 1, index).astype(np.int64)
    failed = {row: Trouble(item, column) for row, item in converted.failures.items()}
    return index, [str(text) for text in known], failed


class NameReader:
    """Reads places by name.

    Parameters
    ----------
    profile : Profile
        Says the level, and whether other spellings count.
    binding : Binding
        Where name and parent stand.
    book : PlaceBook
        The register.
    """

    def __init__(self, profile: Profile, binding: Binding, book: PlaceBook) -> None:
        self._binding, self._book = binding, book
        name = profile.place.name if profile.place else None
        self._level = name.level.value if name else "village"
        self._is_exact = name is not None and name.match == "exact"
        self._matcher = Matcher(book)
        self._known: dict[tuple[str, str], Outcome] = {}
        self._proposals: dict[tuple[str, str, str], PlaceProposal] = {}

    def read(self, piece: Piece) -> Outcomes:
        """Return what the rows of a piece mean."""
        names, texts, failed = read_texts(self._binding.place_name, piece, "place_name")
        above, parents, failed_above = read_texts(self._binding.place_parent, piece, "place_parent")
        index, pairs = pd.factorize(names * len(parents) + above)
        kinds = [self._mean(texts[pair // len(parents)], parents[pair % len(parents)]) for pair in pairs.tolist()]
        return Outcomes(kinds, index.astype(np.int64), failed_above | failed)

    def _mean(self, name: str, parent: str) -> Outcome:
        if not name:
            return None
        key = (name, parent)
        if key not in self._known:
            self._known[key] = self._read_exact(name, parent) if self._is_exact else self._read(name, parent)
        return self._known[key]

    def _read_exact(self, name: str, parent: str) -> Outcome:
        codes = self._book.find_by_name(name, self._level, parent)
        if len(codes) == 1:
            return Placed(next(iter(codes)))
        found = (failure("place_ambiguous", value=shown(name), n=len(codes), near="") if codes
                 else failure("place_unknown", value=shown(name), hint=""))
        return Trouble(found, "place_name")

    def _read(self, name: str, parent: str) -> Outcome:
        match = self._matcher.match(name, self._level, parent)
        if match.code is not None:
            return Placed(match.code, match.way, match.alias)
        column = "place_parent" if match.way == "parent_unknown" else "place_name"
        asked = (parent, "") if match.way == "parent_unknown" else (name, parent)
        return Trouble(_explain(match, *asked), column, asked, match)

    # What is said

    def tell(self, draft: Draft, outcomes: Outcomes, filled: NDArray[np.bool_]) -> None:
        """Count the rows whose place is written otherwise than in the register, those of each alias apart."""
        used = np.bincount(outcomes.index[filled], minlength=len(outcomes.kinds))
        normal = [at for at, kind in enumerate(outcomes.kinds) if isinstance(kind, Placed) and kind.way == "normal"]
        if used[normal].any():
            draft.group(filled & np.isin(outcomes.index, normal), "place_written_otherwise", "place_name")
        for at in np.flatnonzero(used).tolist():
            kind = outcomes.kinds[at]
            if isinstance(kind, Placed) and kind.alias is not None:
                draft.group(filled & (outcomes.index == at), "place_by_alias", "place_name", alias=kind.alias,
                            place=self._book.latest(kind.code).name, place_code=kind.code)

    def propose(self, draft: Draft, row: int, trouble: Trouble) -> None:
        """Count one rejected row for its proposal; the first row of a name brings it into the report."""
        if trouble.match is None or trouble.asked is None:
            return
        if trouble.match.is_limited:
            draft.book.group("place_proposals_limited", [int(draft.lines[row])],
                             draft.headers.get(trouble.column, trouble.column), most=PROPOSED)
            return
        key = (*trouble.asked, trouble.match.level)
        if key not in self._proposals:
            position, sheets = int(draft.lines[row]), draft.book.sheets
            text, parent = (make_writable(part) for part in trouble.asked)
            self._proposals[key] = PlaceProposal(
                text, parent, 0, position % SHEET, make_writable(sheets[position // SHEET]) if sheets else None,
                trouble.match.candidates, trouble.match.level, trouble.match.parent_code, trouble.failure.code)
            draft.book.report.place_proposals.append(self._proposals[key])
        self._proposals[key].n_rows += 1


def describe(candidates: tuple[Candidate, ...]) -> str:
    """Return candidates as a sentence names them: each with what it lies in."""
    return " / ".join(f"{one.name} ({one.township})" if one.township else one.name for one in candidates)


def _explain(match: Match, text: str, parent: str) -> Failure:
    near = describe(match.candidates)
    if match.way == "ambiguous":
        return failure("place_ambiguous", value=shown(text), n=match.n_found, near=near)
    if match.way == "parent_unknown":
        return failure("place_parent_unknown", value=shown(text), near=near or "—")
    if match.way == "proposed":
        where = shown(f"{parent}·{text}") if parent else shown(text)
        return failure("place_proposed", value=where, near=near)
    return failure("place_unknown", value=shown(text), hint="")
