"""What is kept of a dry run or a commit beside its upload: counts, reasons, and the first notes, in either language."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.place_proposals import PlaceProposal, PlacesSeen

#: Notes of each kind that are kept; their number by reason is kept of all.
NOTES_KEPT = 500

_COUNTS = ("read", "inserted", "updated", "unchanged", "rejected", "duplicates", "masked", "aside", "skipped")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were rejected, or what was noticed about them.

    Attributes
    ----------
    code : str
        Key of the sentence.
    column : str or None
        Header.
    n : int
        Notes with this reason.
    """

    code: str
    column: str | None
    n: int


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as it is kept.

    Attributes
    ----------
    counts : dict of str to int
        ``read``, ``inserted``, ``updated``, ``unchanged``, ``rejected``, ``duplicates``, ``masked``, ``aside``,
        ``skipped``.
    errors, warnings : tuple of Note
        The first `NOTES_KEPT` of each.
    reasons : tuple of Reason
        Of all errors, the most frequent first.
    versions : dict of str to int
        Versions of what the file was compared with.
    is_again : bool
        The data had changed between the dry run and the commit: this is a second dry run.
    masked_kinds : dict of str to int
        Kind of personal data → cells in which it was masked.
    place_proposals : tuple of PlaceProposal
        Names that match no place, with what they may mean.
    places : PlacesSeen or None
        How much of the register the file speaks of.
    batch : int or None
        Batch it became.
    committed : bool
        Whether it is in the database.
    """

    counts: dict[str, int]
    errors: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    reasons: tuple[Reason, ...] = ()
    versions: dict[str, int] = field(default_factory=dict)
    is_again: bool = False
    masked_kinds: dict[str, int] = field(default_factory=dict)
    place_proposals: tuple[PlaceProposal, ...] = ()
    places: PlacesSeen | None = None
    batch: int | None = None
    committed: bool = False


def write_report(report: ImportReport, versions: Mapping[str, int], *, is_again: bool = False) -> str:
    """Return a report as JSON; values of cells in it are masked already."""
    reasons = Counter((item.code, item.column) for item in report.errors)
    return json.dumps({
        "counts": {name: getattr(report, name) for name in _COUNTS},
        "errors": [_plain(item) for item in report.errors[:NOTES_KEPT]],
        "warnings": [_plain(item) for item in report.warnings[:NOTES_KEPT]],
        "reasons": [[code, column, n] for (code, column), n in reasons.most_common()],
        "versions": dict(versions), "is_again": is_again, "batch": report.batch, "committed": report.committed,
        "masked_kinds": report.masked_kinds,
        "place_proposals": [item.as_json() for item in sorted(
            report.place_proposals, key=lambda item: -item.n_rows)[:NOTES_KEPT]],
        "places": None if report.places is None else report.places.as_json(),
    }, ensure_ascii=False)


def _plain(item: Note) -> list[Any]:
    return [item.code, item.line, item.column, [list(pair) for pair in item.values], item.sheet, item.value]


def read_report(text: str | None) -> KeptReport | None:
    """Return a kept report; None where there is none, or none that can be read."""
    if not text:
        return None
    try:
        found = json.loads(text)
        return KeptReport(
            counts={name: int(found["counts"].get(name, 0)) for name in _COUNTS},
            errors=tuple(_note(item) for item in found["errors"]),
            warnings=tuple(_note(item) for item in found["warnings"]),
            reasons=tuple(Reason(code, column, n) for code, column, n in found["reasons"]),
            versions=found["versions"], is_again=found["is_again"], batch=found["batch"],
            committed=found["committed"], masked_kinds=found.get("masked_kinds", {}),
            place_proposals=tuple(PlaceProposal.from_json(item) for item in found.get("place_proposals", [])),
            places=PlacesSeen.from_json(found["places"]) if found.get("places") else None)
    except (ValueError, KeyError, TypeError):
        return None


def _note(item: list[Any]) -> Note:
    code, line, column, values, sheet, value = item
    return Note(code, line, column, tuple((key, text) for key, text in values), sheet, value)


def restore(kept: KeptReport) -> ImportReport | None:
    """Return the whole report of which this was kept; None where notes were left out."""
    if len(kept.errors) < sum(reason.n for reason in kept.reasons) or len(kept.warnings) >= NOTES_KEPT:
        return None
    report = ImportReport(warnings=list(kept.warnings), errors=list(kept.errors))
    for name, count in kept.counts.items():
        setattr(report, name, count)
    return report
