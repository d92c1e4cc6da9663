"""Text from files and forms as one line without marks that nobody sees; pure."""

import re

#: Controls (NUL with them), marks that turn the direction of writing, and what XML 1.0 does not allow.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


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
