"""The local accounts that stand in the sidebar until there is a sign-in."""

from dataclasses import dataclass

from govdesk.queries.accounts import list_active_accounts
from govdesk.ui import loaders


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """A post with a role and an area, as the frame needs it."""

    code: str
    title: str
    role: str
    area_code: str | None
    unit_code: str | None


def list_active() -> tuple[LocalAccount, ...]:
    """Return the accounts that may be chosen, in order of their code."""
    return tuple(LocalAccount(*row) for row in loaders.load_common(list_active_accounts))


def find(code: str | None) -> LocalAccount | None:
    """Return one active account."""
    return next((account for account in list_active() if account.code == code), None)
