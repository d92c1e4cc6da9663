"""What adoptions have in common: one record a decision, a reason that is masked, one after the other."""

from sqlalchemy import Connection, select

from govdesk.ingest.masking import mask, strip_hidden
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.record_checks import LONGEST_SUMMARY, FormRefusedError, Problem, problem
from govdesk.tables import DataVersion


class AdoptionRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


def require_whole(by: Scope) -> None:
    """Refuse an account that sees only a part: what is adopted holds in the whole database.

    Raises
    ------
    RefusedError
        When the account has an area.
    """
    if by.area_code is not None:
        message = "what is adopted holds in the whole database; this account sees a part of it"
        raise RefusedError(message)


def check_reason(reason: str) -> list[Problem]:
    """Return what is wrong with a reason: it is required, and at most `LONGEST_SUMMARY` characters long."""
    if not strip_hidden(reason).strip():
        return [problem("missing", "reason")]
    if len(reason) > LONGEST_SUMMARY:
        return [problem("too_long", "reason", most=LONGEST_SUMMARY, n=len(reason))]
    return []


def mask_reason(reason: str) -> tuple[str, bool]:
    """Return a reason as it is kept, and whether numbers of persons were masked in it."""
    kept, is_masked = mask(strip_hidden(reason.strip()))
    return kept, bool(is_masked)


def wait_for_turn(connection: Connection) -> None:
    """Let one adoption finish before the next looks: on PostgreSQL two could otherwise miss each other."""
    connection.execute(select(DataVersion.version).where(DataVersion.subject == "risk").with_for_update()).all()
