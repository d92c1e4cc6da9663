"""Chooses which sheets of a file are read: those whose header fits, put under the headers of the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.ingest.cells import fold
from govdesk.ingest.file_limits import refuse
from govdesk.ingest.header_finding import Header, find_header
from govdesk.ingest.notes import label
from govdesk.ingest.pieces import FileFacts, Table
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.shaping import Shaper, shape_all
from govdesk.ingest.sheets import HEAD, Sheet
from govdesk.ingest.wanted_headers import HeaderNames, WantedHeader
from govdesk.words import say

#: The sheet of reasons that a returned workbook brings back.
OWN_SHEET = "govdesk"


@dataclass(slots=True)
class Opened:
    """A sheet with its first rows and header."""

    sheet: Sheet
    lines: list[int]
    rows: list[list[str]]
    header: Header | None
    bound: dict[int, int]

    def fits(self, wanted: Sequence[WantedHeader]) -> bool:
        """Return whether the sheet has every needed header."""
        return self.header is not None and all(at in self.bound for at, item in enumerate(wanted) if item.is_needed)


def look(sheet: Sheet, options: FileSection, wanted: Sequence[WantedHeader]) -> Opened:
    """Find the header of a sheet."""
    exact = None if options.header_row is None else (options.header_row, options.header_rows or 1)
    lines, rows = sheet.head(max(HEAD, sum(exact or ())))
    header = find_header(lines, rows, sheet.merges, wanted, exact) if rows else None
    bound = HeaderNames(header.headers, header.lower).bind(wanted) if header is not None else {}
    return Opened(sheet, lines, rows, header, bound)


def choose_sheets(sheets: list[Sheet], options: FileSection, wanted: Sequence[WantedHeader], facts: FileFacts,
                  piece: int) -> Table:
    """Return the table that the sheets of a file make together.

    Parameters
    ----------
    sheets : list of Sheet
        All sheets of the file.
    options : FileSection
        Which sheet and header row are asked for.
    wanted : sequence of WantedHeader
        What is looked for.
    facts : FileFacts
        Where is said what is read and what is left out.
    piece : int
        Rows a piece.

    Raises
    ------
    FileRefusedError
        When a named sheet does not exist, or none fits.
    """
    chosen = named_sheets(sheets, options)
    opened = [look(sheet, options, wanted) for sheet in chosen]
    fitting = _fitting(opened, wanted, facts)
    if not fitting:
        raise _none_fits(opened, options, wanted)
    headers, lower, takes = _together(fitting)
    shapers = []
    for item, take in zip(fitting, takes, strict=True):
        if item.header is not None:
            shapers.append(Shaper(item.sheet, item.header, item.lines, item.rows, take, facts))
        if item.sheet.n_unsaved:
            facts.warn("formulas_unsaved", item.sheet.name, n=item.sheet.n_unsaved)
    names = [""] * (max(sheet.number for sheet in sheets) + 1)
    for sheet in sheets:
        names[sheet.number] = sheet.name or ""
    return Table(headers, shape_all(shapers, piece), lower, names if any(names) else [], facts)


def named_sheets(sheets: list[Sheet], options: FileSection) -> list[Sheet]:
    """Return the sheets that the profile asks for; without a word, or ``*``, all but the sheet of reasons.

    Raises
    ------
    FileRefusedError
        When there is no such sheet.
    """
    if options.sheet is None or options.sheet == "*":
        own = [sheet for sheet in sheets if not (sheet.name or "").lower().startswith(OWN_SHEET)]
        return own or sheets
    by_name = [sheet for sheet in sheets if fold(sheet.name or "") == fold(options.sheet)]
    if by_name:
        return by_name[:1]
    if options.sheet.isdigit() and 1 <= int(options.sheet) <= len(sheets):
        return [sheets[int(options.sheet) - 1]]
    known = ", ".join(sheet.name or "" for sheet in sheets)[:200]
    raise refuse("sheet_missing", sheet=options.sheet, known=known)


def _fitting(opened: list[Opened], wanted: Sequence[WantedHeader], facts: FileFacts) -> list[Opened]:
    """Return the sheets that are read; the others are named with the reason."""
    if len(opened) == 1:
        return opened if opened[0].header is not None else []
    if wanted:
        fitting = [item for item in opened if item.fits(wanted)]
        fitting = [item for item in fitting if not item.sheet.is_hidden] or fitting
        if fitting and not any(item.is_needed for item in wanted):
            most = max(len(item.bound) for item in fitting)
            fitting = [item for item in fitting if len(item.bound) * 2 >= most > 0]
    else:
        first = next((item for item in opened if item.header is not None), None)
        fitting = [item for item in opened if first is not None and _same_headers(item, first)]
    for item in opened:
        if fitting and not any(item is other for other in fitting):
            facts.warn("sheet_left_out", item.sheet.name, name=item.sheet.name or "", why=_reason(item, wanted))
    return fitting


def _same_headers(item: Opened, other: Opened) -> bool:
    if item.header is None or other.header is None:
        return False
    return {fold(name) for name in item.header.headers if name} == {fold(name) for name in other.header.headers if name}


def _reason(item: Opened, wanted: Sequence[WantedHeader]) -> str:
    if not any(any(map(str.strip, row)) for row in item.rows):
        return say("note.why_empty")
    if item.sheet.is_hidden and item.fits(wanted):
        return say("note.why_hidden", name=item.sheet.name or "")
    missing = [wanted[at].candidates[0] for at in range(len(wanted)) if wanted[at].is_needed and at not in item.bound]
    return say("note.why_columns", columns=", ".join(map(label, missing[:5]))) if missing else say("note.why_headers")


def _none_fits(opened: list[Opened], options: FileSection, wanted: Sequence[WantedHeader]) -> Exception:
    if len(opened) == 1 or not wanted:
        if not any(item.rows for item in opened):
            return refuse("file_without_content")
        if options.header_row is not None or not any(any(map(str.strip, row)) for item in opened for row in item.rows):
            return refuse("header_missing", row=options.header_row or 1)
        return refuse("header_not_found")
    columns = ", ".join(item.candidates[0] for item in wanted if item.is_needed)
    sheets = ", ".join(item.sheet.name or "" for item in opened)
    return refuse("no_sheet_fits", columns=columns[:300], sheets=sheets[:300])


def _together(fitting: list[Opened]) -> tuple[list[str], list[str], list[list[int]]]:
    """Return the headers of all sheets together, their lower parts, and for each sheet which column is which."""
    headers: list[str] = []
    lower: list[str] = []
    takes: list[dict[int, int]] = []
    known: dict[tuple[str, int], int] = {}
    meant: dict[int, int] = {}
    for item in fitting:
        take: dict[int, int] = {}
        wanted_at = {column: at for at, column in item.bound.items()}
        seen: dict[str, int] = {}
        for column, name in enumerate(item.header.headers[:item.header.width] if item.header else ()):
            folded = fold(name)
            seen[folded] = seen.get(folded, 0) + 1
            key = (folded, seen[folded])
            at = meant.get(wanted_at[column]) if column in wanted_at else None
            at = known.get(key) if at is None or at in take else at
            if at is None or at in take:
                at = len(headers)
                headers.append(name)
                lower.append(item.header.lower[column] if item.header else name)
                known[key] = at
            take[at] = column
            if column in wanted_at:
                meant.setdefault(wanted_at[column], at)
        takes.append(take)
    return headers, lower, [[take.get(at, -1) for at in range(len(headers))] for take in takes]
