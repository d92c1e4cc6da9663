"""Text from files and forms as one line without marks that nobody sees; pure."""

import re

#: Controls (NUL with them), marks that turn the direction of writing, and what XML 1.0 does not allow.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
                        "\ufffe\uffff\ud800-\udfff]")

#: A spreadsheet reads a cell that begins so as a formula when the file is saved as CSV and opened again; one for
#: East Asian languages may take the full-width signs alike.
#: SOURCE: OWASP, CSV Injection (owasp.org/www-community/attacks/CSV_Injection): the signs, tab, return and line feed.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def begins_formula(text: str) -> bool:
    r"""Return whether a spreadsheet may read a cell of this text as a formula: the one rule of every file that leaves.

    Examples
    --------
    >>> begins_formula("=1+1"), begins_formula("＝1+1"), begins_formula("\t=1"), begins_formula("1-1")
    (True, True, True, False)
    """
    return text.startswith(_FORMULA_STARTS)


def clean_line(value: object, longest: int = 200, *, strip: bool = True) -> str:
    """Return a value as one line of plain text, cut to `longest` characters.

    Parameters
    ----------
    strip : bool
        False keeps a blank at either end: the text goes on there.
    """
    text = re.sub(r"\s+", " ", _INVISIBLE.sub("", str(value)))
    text = text.strip() if strip else text
    return text if len(text) <= longest else text[: longest - 1] + "…"
