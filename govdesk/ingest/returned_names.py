"""What this product writes into a workbook that goes back: its own sheet and column, which no import reads."""

from govdesk.words import say

#: Sheets and columns whose name begins so are ours; readers and proposals pass them over.
OWN = "govdesk"
#: Signs the comments that are ours, so that the next round takes them out again.
AUTHOR = "govdesk"


def is_own(name: str) -> bool:
    """Return whether a sheet or a header was written by us.

    Examples
    --------
    >>> is_own("govdesk import notes"), is_own("Sheet1")
    (True, False)
    """
    return name.strip().casefold().startswith(OWN + " ")


def notes_sheet(language: str) -> str:
    """Return the name of the sheet of reasons."""
    return say("returned.sheet", language)


def row_header(language: str) -> str:
    """Return the header of the column with the row's number in the original file."""
    return say("returned.row_header", language)

