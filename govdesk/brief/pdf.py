"""The brief as PDF, set by typst from one fixed template; what it says is handed over as JSON, never as markup.

A warning of the typesetter (a missing font, an unknown sign) is a failure: boxes instead of characters are not printed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import typst as _typst

from govdesk.brief.layout import lay_out
from govdesk.clock import monday_of
from govdesk.rules.brief import Brief
from govdesk.settings import ROOT

#: Its stubs do not know of files that are held in memory.
typst: Any = _typst

TEMPLATE = ROOT / "govdesk" / "brief" / "brief.typ"
#: A page for the leader and four for the meeting.
MOST_PAGES = 5
#: Sizes that are tried until it fits, and whether the originals of edited sentences are printed or left to the screen.
SIZES = ((1.0, True), (0.95, True), (0.9, True), (0.9, False), (0.82, False), (0.74, False))
#: Archival and accessible by its tags: the standard that the typesetter checks while it writes.
STANDARD = "a-2a"
#: Ordinal of the day seconds are counted from; a file is dated by its week: the same brief is the same file.
EPOCH = date(1970, 1, 1).toordinal()


class BriefFailedError(RuntimeError):
    """The brief could not be set; the message says why."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished PDF.

    Attributes
    ----------
    n_pages : int
    size : float
        Of the text, 1 where it fitted at once.
    """

    content: bytes
    n_pages: int
    size: float


def write_pdf(brief: Brief, pictures: Mapping[str, str], *, base_url: str = "", foot: str = "") -> Pdf:
    """Return the PDF of a brief: the leader's part on one page, all of it on at most `MOST_PAGES`.

    Parameters
    ----------
    pictures : mapping of name to SVG
    base_url : str
        Where the program is reached; codes are links then.
    foot : str
        Who takes it away, when and what for: on each page.

    Raises
    ------
    BriefFailedError
        When the typesetter warns or fails, or the text does not fit.
    """
    at = int(monday_of(brief.week + 1).toordinal() - EPOCH) * 86_400
    for size, with_originals in SIZES:
        layout = lay_out(brief, dict(pictures), base_url=base_url, with_originals=with_originals, foot=foot)
        files = _files(layout, pictures)
        inputs = {"size": f"{size:g}"}
        leader_ends, n_pages = _find_ends(files, inputs)
        if leader_ends == 1 and n_pages <= MOST_PAGES:
            # How everything is counted fills what is left of the last page, and never begins another.
            told = inputs | {"counting": "yes"}
            fits = _find_ends(files, told)[1] == n_pages
            return Pdf(_compile(files, told if fits else inputs, at), n_pages, size)
    message = f"the brief does not fit on {MOST_PAGES} pages"
    raise BriefFailedError(message)


def _files(layout: Mapping[str, Any], pictures: Mapping[str, str]) -> dict[str, bytes]:
    files = {"main": TEMPLATE.read_bytes(), "brief.json": json.dumps(layout, ensure_ascii=False).encode()}
    return files | {f"{name}.svg": svg.encode() for name, svg in pictures.items() if svg}


def _compile(files: dict[str, bytes], inputs: dict[str, str], at: int) -> bytes:
    try:
        content, warnings = typst.compile_with_warnings(
            files, sys_inputs=inputs, format="pdf", pdf_standards=STANDARD, timestamp=at)
    except (RuntimeError, ValueError, OSError) as error:
        raise BriefFailedError(str(error)) from error
    if warnings:
        message = "; ".join(str(getattr(one, "message", one)) for one in warnings)
        raise BriefFailedError(message)
    found: bytes = content
    return found


def _find_ends(files: dict[str, bytes], inputs: dict[str, str]) -> tuple[int, int]:
    """Return the page on which the leader's part ends, and the last page."""
    try:
        leader_ends, n_pages = json.loads(typst.query(files, "<end>", field="value", one=True, sys_inputs=inputs))
    except (RuntimeError, ValueError, OSError) as error:
        raise BriefFailedError(str(error)) from error
    return int(leader_ends), int(n_pages)
