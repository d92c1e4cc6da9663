"""The first look at a cell, whatever its type: encoding, hidden characters, nothing, faults of spreadsheets; pure."""

import re
from collections.abc import Callable

from govdesk.ingest.empty_cells import is_formula_error, make_empty_test, points_above
from govdesk.ingest.folding import fold
from govdesk.ingest.masking import shown, strip_hidden
from govdesk.ingest.outcomes import Failure, failure
from govdesk.ingest.record_fields import Field
from govdesk.ingest.text_repair import Repaired, narrow, repair, simplify_prose

#: Fields that hold running numbers: 18 digits in them are an identity number only where its check character fits.
REFERENCES = frozenset({"source_ref", "incident_ref", "repeat_of"})
#: Kinds and fields of running numbers and codes that a spreadsheet ruins when it takes them for numbers.
_CODES = frozenset({"unit", "post", "incident"})
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}|\d{16,}\.0+")
#: The apostrophe by which a spreadsheet keeps a number as text, where an export wrote it out: '00123.
_TEXT_MARK = re.compile("['‘’](?=[^'‘’]+$)")
#: Texts that name a place, a work or a post: kept as written, and only a sign means that nothing stands there.
_NAMES = frozenset({"place_name", "place_parent", "name", "title"})
#: Texts from this length on are prose.
_PROSE = 1_000

#: From a cell and the texts that the profile translates to the text ('' means nothing), codes to tell, a failure.
Look = Callable[[str, frozenset[str]], tuple[str, tuple[str, ...], Failure | None]]


def make_look(wanted: Field, empties: tuple[str, ...] = ()) -> Look:
    """Return what every cell of a field goes through before the profile and the type.

    Parameters
    ----------
    wanted : Field
        The field.
    empties : tuple of str
        What the profile says means an empty cell.
    """
    is_prose, is_name = wanted.length >= _PROSE, wanted.name in _NAMES
    is_code = wanted.name in REFERENCES or wanted.kind in _CODES or wanted.name.endswith("_code")
    is_text = wanted.kind not in ("int", "float", "bool", "date", "instant")
    means_nothing = make_empty_test(empties, is_typed=not (is_prose or is_name),
                                    has_no=wanted.kind == "bool")
    polish = _polish_of(is_text=is_text, is_prose=is_prose, is_name=is_name)

    def look(cell: str, listed: frozenset[str]) -> tuple[str, tuple[str, ...], Failure | None]:
        text = cell.strip()
        codes: tuple[str, ...] = ()
        if not (text.isascii() and text.isprintable()) or "???" in text:
            cleaned = polish(cell)
            text, codes = cleaned.text, cleaned.codes
        if is_code and (mark := _TEXT_MARK.match(text)):
            text = text[mark.end():].strip()
        if not text or (listed and fold(text) in listed):
            return text, codes, None
        if means_nothing(text):
            return "", (), None
        failed = _fault_of(text, is_prose=is_prose, is_code=is_code)
        if failed is not None or is_formula_error(text):
            return "", (), failed
        if "text_broken" in codes and not is_prose:
            # Nobody can tell what stood there: a needed cell rejects the row, another is empty and told.
            return "", codes, failure("text_broken_needed") if wanted.required or is_name else None
        return text, codes, None

    return look


def _fault_of(text: str, *, is_prose: bool, is_code: bool) -> Failure | None:
    """Return why a cell holds no value of its own; in prose it is just what stands there."""
    if is_prose:
        return None
    if points_above(text):
        return failure("cell_same_as_above", value=shown(text))
    if is_formula_error(text):
        return failure("cell_formula_error", value=shown(text))
    return failure("code_rounded", text=shown(text)) if is_code and _ROUNDED.fullmatch(text) else None


def _polish_of(*, is_text: bool, is_prose: bool, is_name: bool) -> Callable[[str], Repaired]:
    """Return what a cell with anything but plain ASCII goes through, by what its column holds."""

    def polish(cell: str) -> Repaired:
        mended = repair(cell)
        # A line ends alike in every file: a workbook that comes back knows only one kind of end.
        text = strip_hidden(mended.text).replace("\r\n", "\n").replace("\r", "\n").strip()
        if is_name or not is_text:
            return Repaired(text, mended.codes)
        further = simplify_prose(text) if is_prose else narrow(text)
        return Repaired(further.text.strip(), (*mended.codes, *further.codes))

    return polish
