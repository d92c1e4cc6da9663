"""How the post behind an account is named."""

from govdesk.rules.access import SYSTEM
from govdesk.terms import Role
from govdesk.ui.markup import clean_text
from govdesk.words import say

_LONGEST = 60


def name_post(title: object, language: str | None = None) -> str:
    """Return the title of an account; the first local accounts are titled by their role, the product by itself."""
    text = clean_text(title, _LONGEST)
    if text == SYSTEM.account:
        return say("board.by_system", language)
    return say(f"term.role_{text}", language) if text in list(Role) else text
