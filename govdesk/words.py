"""The words of `locales/`: one folder a language, one file a subject, key = ``file.key``.

At the bottom of the house, so that importers and the command line speak the same two languages as the screens.
"""

import re
import string
import tomllib
from functools import cache
from pathlib import Path

from govdesk.settings import ROOT, get_settings

LANGUAGES = ("zh", "en")
LOCALES: Path = ROOT / "locales"


@cache
def read_words(language: str) -> dict[str, str]:
    """Return all words of a language, keyed ``file.key``.

    Raises
    ------
    ValueError
        When the language is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        message = f"no such language: {language!r}"
        raise ValueError(message)
    words: dict[str, str] = {}
    for path in sorted((LOCALES / language).glob("*.toml")):
        for key, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            words[f"{path.stem}.{key}"] = text
    return words


def say(key: str, language: str | None = None, **values: object) -> str:
    """Return the text of `key` with `values` filled in.

    Parameters
    ----------
    key : str
        ``file.key``, for instance ``term.stream_dispute``.
    language : {"zh", "en"}, optional
        Default: the settings' language.

    Raises
    ------
    KeyError
        When the key does not exist: a missing word is a mistake, not something to hide.
    """
    template = read_words(language or get_settings().language)[key]
    return template.format(**values) if values else template


def placeholders(template: str) -> set[str]:
    """Return the names that a text wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def say_again(key: str, text: str, language: str) -> str:
    """Return a text that was made of `key` in any language in this one; as it is where it was not.

    Examples
    --------
    >>> say_again("note.hint", say("note.hint", "zh", near="A"), "en")
    "Did you mean 'A'?"
    """
    for known in LANGUAGES:
        parts = string.Formatter().parse(read_words(known)[key])
        pattern = "".join(re.escape(plain) + (f"(?P<{name}>.*)" if name else "") for plain, name, _, _ in parts)
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return say(key, language, **found.groupdict())
    return text
