"""What reading one cell may come to: a value, a value with something to tell, a failure, or a row that is not meant."""

from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz import process

from govdesk.ingest.dates import NULL
from govdesk.ingest.masking import mask
from govdesk.ingest.profiles import LIKENESS
from govdesk.words import say

#: Warnings that name each row; of all others the number of rows and the first one are enough.
TOLD_SINGLY = frozenset({"text_cut", "text_broken"})

#: From a cell's text to a value, a `Failure`, a `Told`, or `SKIP`.
Reader = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that cannot be used: code and values of the note."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A value with something to tell: codes of warnings, or the kinds of what was masked in it."""

    value: object
    codes: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


class Skip:
    """The row is not meant by the profile."""


SKIP = Skip()


def failure(code: str, **values: object) -> Failure:
    """Make a failure; values become text."""
    return Failure(code, tuple((key, str(value)) for key, value in values.items()))


def tell(outcome: object, codes: tuple[str, ...]) -> object:
    """Return an outcome with more to tell; failures and skipped rows stay what they are."""
    if not codes or isinstance(outcome, Failure | Skip):
        return outcome
    if isinstance(outcome, Told):
        return Told(outcome.value, (*codes, *outcome.codes), outcome.masked)
    return Told(outcome, codes)


def hint(word: str, known: list[str]) -> str:
    """Return a sentence that names the nearest known word, or an empty text."""
    found = process.extractOne(word, known, score_cutoff=LIKENESS) if word else None
    return say("note.hint", near=mask(found[0])[0]) if found else ""


def empty_of(kind: str) -> object:
    """Return what stands for a missing value of a kind."""
    if kind == "float":
        return float("nan")
    return NULL if kind in ("int", "bool", "date", "instant") else None
