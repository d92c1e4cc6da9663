"""Writes a sentence of a weekly brief anew: kept with who wrote it, beside what the rules had written."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.rules.access import RefusedError, Scope, require
from govdesk.rules.brief_edits import LONGEST_EDIT, find_named
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.tables import Account, BriefEdit, Place
from govdesk.terms import Level


class EditRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class SentenceRef:
    """Which sentence of which brief, and how the rules wrote it."""

    week: int
    key: str
    language: str
    is_internal: bool
    original: str


@dataclass(frozen=True, slots=True)
class EditKept:
    """What was written: whether numbers of persons were masked, whether it was there already."""

    is_masked: bool = False
    is_repeated: bool = False


def edit_brief(engine: Engine, *, by: Scope, sentence: SentenceRef, text: str) -> EditKept:
    """Write one rewriting; an empty text takes the last one back. Nothing that was written before is changed.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the edit is signed with its post.
    text : str
        At most `LONGEST_EDIT` characters; numbers of persons are masked before it is kept. Outside the version for
        internal use it may name no village.

    Raises
    ------
    EditRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this, or sees only a part of the database.
    """
    require(by, "edit_brief")
    if by.area_code is not None:
        message = "edits are of the brief of the whole database; this account sees a part of it"
        raise RefusedError(message)
    plain = " ".join(strip_hidden(text).split())
    with read_transaction(engine) as connection:
        problems = _check(connection, sentence, plain)
    if problems:
        raise EditRefusedError(problems)
    kept, is_masked = mask(plain)
    with acting(engine, by=by, action="edit_brief", changes=("risk",)) as act:
        same = act.connection.execute(
            select(BriefEdit.text, BriefEdit.original).where(
                BriefEdit.week == sentence.week, BriefEdit.sentence == sentence.key,
                BriefEdit.language == sentence.language, BriefEdit.is_internal.is_(sentence.is_internal))
            .order_by(BriefEdit.id.desc()).limit(1)).first()
        is_repeated = (same.text, same.original) == (kept, sentence.original) if same else not kept
        act.audit("brief_edits", f"{sentence.week}/{sentence.key}", language=sentence.language,
                  internal=sentence.is_internal, taken_back=not kept, repeated=is_repeated)
        if not is_repeated:
            post = act.connection.scalar(select(Account.post_code).where(Account.code == by.account)) or by.account
            act.connection.execute(insert(BriefEdit).values(
                week=sentence.week, sentence=sentence.key, language=sentence.language,
                is_internal=sentence.is_internal, text=kept, original=sentence.original, by=post, at=now()))
    return EditKept(is_masked, is_repeated)


def _check(connection: Connection, sentence: SentenceRef, text: str) -> list[Problem]:
    if len(text) > LONGEST_EDIT:
        return [problem("too_long", "text", most=LONGEST_EDIT, n=len(text))]
    if sentence.is_internal or not text:
        return []
    names = connection.scalars(select(Place.name).where(Place.level.in_([Level.VILLAGE, Level.GRID])).distinct())
    # A name that the rules had written themselves (a township called like a village) is no secret.
    named = [name for name in find_named(text, names) if name not in sentence.original]
    return [problem("village_named", "text", called=named[0])] if named else []
