"""Carries out what docs/privacy.md promises: everything that has an end, removed when it is past it, in one call.

SOURCE: Personal Information Protection Law of the PRC, art. 19 (no longer than the purpose needs).
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Engine, and_, delete, func, select

from govdesk.actions.acting import acting
from govdesk.actions.photos import remove_old_photos
from govdesk.actions.remove_old_audit import AuditFaultyError, remove_old_audit
from govdesk.actions.tidy_deliveries import remove_old_deliveries
from govdesk.actions.uploads import remove_old_uploads
from govdesk.clock import now
from govdesk.rules.access import Scope, require
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction
from govdesk.tables import SignIn, SignInFailure

#: Whoever answers for the trail removes what is past its time; sign-ins are a part of it.
ACTION = "remove_old_audit"


@dataclass(frozen=True, slots=True)
class OldSignIns:
    """Sign-ins and counted failures that are past the time of the audit."""

    n_sign_ins: int
    n_failures: int


@dataclass(frozen=True, slots=True)
class Expired:
    """What was past its time: number by table, and why the audit was left alone, if it was."""

    by_table: dict[str, int]
    audit_fault: str | None = None


def remove_old_sign_ins(engine: Engine, *, by: Scope, commit: bool) -> OldSignIns:
    """Remove the sign-ins that ended, and the failures that were, before the time of the audit.

    A sign-in that may still be used stays, however old it is (a wall's lasts for years); so does a failure that
    still makes somebody wait.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    at = now()
    before = at - timedelta(days=get_settings().audit_days)
    ended = func.coalesce(SignIn.ended_at, SignIn.ends_at) < before
    failed = and_(SignInFailure.at < before, SignInFailure.blocked_until < at)
    done = _count(engine, ended, failed)
    if not commit or not (done.n_sign_ins or done.n_failures):
        return done
    with acting(engine, by=by, action=ACTION) as act:
        n_sign_ins = act.connection.execute(delete(SignIn).where(ended)).rowcount
        n_failures = act.connection.execute(delete(SignInFailure).where(failed)).rowcount
        act.audit("sign_ins", None, removed=n_sign_ins, failures=n_failures, until=before.date().isoformat())
    return OldSignIns(n_sign_ins, n_failures)


def remove_expired(engine: Engine, *, by: Scope, commit: bool) -> Expired:
    """Remove what is past its time: photos, uploads, deliveries, sign-ins, failures and, last, the audit.

    Each part is a transaction of its own with its own audit row: what was removed before a fault stays removed, and
    a second call does the rest. An audit whose seals do not fit is left alone, and that is said.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    photos = remove_old_photos(engine, by=by, commit=commit)
    uploads = remove_old_uploads(engine, by=by, commit=commit)
    deliveries = remove_old_deliveries(engine, by=by, commit=commit)
    sign_ins = remove_old_sign_ins(engine, by=by, commit=commit)
    found = {"photos": photos.n_old + photos.n_unknown, "uploads": uploads.n_old + uploads.n_unknown,
             "webhook_deliveries": deliveries, "sign_ins": sign_ins.n_sign_ins,
             "sign_in_failures": sign_ins.n_failures}
    try:
        return Expired({**found, "audit_events": remove_old_audit(engine, by=by, commit=commit).n_events})
    except AuditFaultyError as error:
        return Expired({**found, "audit_events": 0}, str(error))


def _count(engine: Engine, ended: ColumnElement[bool], failed: ColumnElement[bool]) -> OldSignIns:
    with read_transaction(engine) as connection:
        return OldSignIns(
            connection.scalar(select(func.count()).select_from(SignIn).where(ended)) or 0,
            connection.scalar(select(func.count()).select_from(SignInFailure).where(failed)) or 0)
