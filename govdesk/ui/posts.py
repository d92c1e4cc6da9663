"""How the post behind an account is named."""

from govdesk.terms import Role
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text

_LONGEST = 60


def name_post(title: object) -> str:
    """Return the title of an account; the first local accounts are titled by their role."""
    text = clean_text(title, _LONGEST)
    return t(f"term.role_{text}") if text in list(Role) else text
