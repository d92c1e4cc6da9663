"""Accounts: made, changed, switched off and on, all their sign-ins ended. None is ever deleted: the audit names it."""

import re
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.sign_in import end_sign_ins
from govdesk.ingest.masking import find_personal, strip_hidden
from govdesk.ingest.personal_names import name_end
from govdesk.queries import known_sign_ins
from govdesk.rules.access import Scope
from govdesk.rules.account_checks import AccountForm, check_account
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.tables import Account, Password, Place, Post, Unit
from govdesk.terms import Role

_ACTION = "manage_accounts"
_CHANGES = ("accounts",)


def make_account(engine: Engine, *, by: Scope, form: AccountForm) -> bool:
    """Make an account; nobody can sign in with it before it has a one-time password, or by the identity service.

    Returns
    -------
    bool
        False where the very same form was kept before.

    Raises
    ------
    FormRefusedError
        When something is to be corrected: nothing was written.
    RefusedError
        When the caller may not do this.
    """
    form = _tidy(form)
    with acting(engine, by=by, action=_ACTION, changes=_CHANGES) as act:
        before = _find(act.connection, form.code)
        if before is not None and before == form:
            act.audit("accounts", form.code, repeated=True)
            return False
        problems = _check(act.connection, form)
        if before is not None or act.connection.scalar(select(exists().where(Account.code == form.code))):
            problems.append(problem("taken", "code"))
        _refuse(problems)
        act.connection.execute(insert(Account).values(**asdict(form), is_active=True))
        act.audit("accounts", form.code, made=True, **_describe(form))
    return True


def change_account(engine: Engine, *, by: Scope, form: AccountForm, now: datetime) -> None:
    """Change what an account is and may see; with another role its sign-ins end.

    Raises
    ------
    FormRefusedError
        When something is to be corrected, there is no such account, the caller is demoted by it, or nobody would be
        left who administers: nothing was written.
    RefusedError
        When the caller may not do this.
    """
    form = _tidy(form)
    with acting(engine, by=by, action=_ACTION, changes=_CHANGES) as act:
        before = _need(act, form.code)
        problems = _check(act.connection, form)
        if not _administers(form):
            problems += _check_left(act.connection, by, form.code)
        _refuse(problems)
        values = asdict(form)
        del values["code"]
        act.connection.execute(update(Account).where(Account.code == form.code).values(**values))
        changed = [name for name in values if values[name] != getattr(before, name)]
        n_ended = 0
        if "role" in changed:
            n_ended = end_sign_ins(act.connection, form.code, now, "role_changed")
            if Role.WALL in (before.role, form.role):  # the key of a wall is no password, and the other way round
                act.connection.execute(delete(Password).where(Password.account_code == form.code))
        act.audit("accounts", form.code, changed=changed, n_ended=n_ended, **_describe(form))
    known_sign_ins.forget()


def switch_account(engine: Engine, *, by: Scope, account: str, is_active: bool, now: datetime) -> int:
    """Switch an account off or on; off, all its sign-ins end at once. Return how many ended.

    Raises
    ------
    FormRefusedError
        When there is no such account, it is the caller's own, or nobody would be left who administers.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action=_ACTION, changes=_CHANGES) as act:
        _need(act, account)
        if not is_active:
            _refuse(_check_left(act.connection, by, account))
        act.connection.execute(update(Account).where(Account.code == account).values(is_active=is_active))
        n_ended = 0 if is_active else end_sign_ins(act.connection, account, now, "switched_off")
        act.audit("accounts", account, is_active=is_active, n_ended=n_ended)
    known_sign_ins.forget()
    return n_ended


def end_all_sign_ins(engine: Engine, *, by: Scope, account: str, now: datetime) -> int:
    """End all sign-ins of an account, wherever they are; return how many. It stays active and may come in again.

    Raises
    ------
    FormRefusedError
        When there is no such account.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action=_ACTION) as act:
        _need(act, account)
        n_ended = end_sign_ins(act.connection, account, now, "taken_back")
        act.audit("sign_ins", account, n_ended=n_ended)
    known_sign_ins.forget()
    return n_ended


def looks_personal(title: str) -> bool:
    """Return whether the title of a post holds a number of a person, or a word of it is a person's name.

    In prose a lone word that looks like a name often is none; the title of a post is short, and whoever typed it can
    be asked at once.
    """
    words = [word for word in re.split(r"[\W_]+", title) if word]
    return bool(find_personal(title)) or any(name_end(word, 0, is_sure=True) == len(word) for word in words)


def _tidy(form: AccountForm) -> AccountForm:
    return replace(
        form, code=form.code.strip(), title=strip_hidden(form.title).strip(), area_code=form.area_code or None,
        unit_code=form.unit_code or None, post_code=form.post_code or None,
        address_range=(form.address_range or "").strip() or None)


def _check(connection: Connection, form: AccountForm) -> list[Problem]:
    found = check_account(form)
    if find_personal(form.code):
        found.append(problem("personal", "code"))
    if looks_personal(form.title):
        found.append(problem("personal", "title"))
    for name, column in (("area_code", Place.code), ("unit_code", Unit.code), ("post_code", Post.code)):
        code = getattr(form, name)
        if code is not None and not connection.scalar(select(exists().where(column == code))):
            found.append(problem("unknown", name))
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise FormRefusedError(problems)


def _find(connection: Connection, code: str) -> AccountForm | None:
    row: Any = connection.execute(
        select(Account.code, Account.title, Account.role, Account.area_code, Account.unit_code, Account.post_code,
               Account.address_range).where(Account.code == code, Account.role != Role.INTAKE)).first()
    return None if row is None else AccountForm(**row._mapping)


def _need(act: Act, code: str) -> AccountForm:
    found = _find(act.connection, code)
    if found is None:
        raise FormRefusedError([problem("not_found", "code")])
    return found


def _administers(form: AccountForm) -> bool:
    return form.role == Role.ADMIN and form.area_code is None


def _check_left(connection: Connection, by: Scope, code: str) -> list[Problem]:
    """Return why this account must go on administering: it is the caller's own, or there is no other."""
    # Locked: two who demote each other at the same moment would leave nobody.
    left = set(connection.scalars(
        select(Account.code).where(Account.role == Role.ADMIN, Account.area_code.is_(None), Account.is_active)
        .with_for_update()))
    if code == by.account:
        return [problem("oneself", "code")]
    return [problem("last_admin", "code")] if left == {code} else []


def _describe(form: AccountForm) -> dict[str, object]:
    return {"role": form.role, "area": form.area_code, "unit": form.unit_code, "post": form.post_code,
            "address_range": form.address_range}
