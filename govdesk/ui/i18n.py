"""Words in the session's language."""

from govdesk.ui import session
from govdesk.words import say


def t(key: str, **values: object) -> str:
    """Return the text of `key` (``file.key`` of `locales/`) in the session's language.

    Raises
    ------
    KeyError
        When there is no such text: a missing word is a mistake, not something to hide.
    """
    return say(key, session.language(), **values)


def term(group: str, code: object) -> str:
    """Return the word for a stored code, for instance ``term("stream", "dispute")``."""
    return t(f"term.{group}_{code}")
