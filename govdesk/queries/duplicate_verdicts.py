"""What was judged about incidents that looked alike, and what an incident has taken in."""

from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, func, literal, select
from sqlalchemy.orm import aliased

from govdesk.queries.frames import COUNT, DAY, INSTANT, MAYBE_COUNT, TEXT, read_frame
from govdesk.queries.incidents import MAX_ID
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Account, DuplicateVerdict, ImportBatch, Incident, Post
from govdesk.terms import DuplicateAnswer

#: Mergers one after the other that are followed.
_DEEPEST = 20


@reads("merge_incidents")
def list_verdicts(connection: Connection, scope: Scope, limit: int = 30) -> pd.DataFrame:
    """Return the newest judgements about incidents that the caller may see, those taken back among them.

    Returns
    -------
    DataFrame
        ``id``, ``incident_id``, ``incident_ref``, ``other_id``, ``other_ref``, ``verdict`` (`terms.DuplicateAnswer`),
        ``reason``, ``post`` (title of who judged), ``at``, ``undone_post``, ``undone_at`` (missing while it stands).
    """
    seen = select(Incident.id).where(visible_incidents(scope))
    one, other = aliased(Incident), aliased(Incident)
    statement = (
        select(DuplicateVerdict.id, one.id, one.source_ref, other.id, other.source_ref, DuplicateVerdict.verdict,
               DuplicateVerdict.reason, _name(DuplicateVerdict.by), DuplicateVerdict.at,
               _name(DuplicateVerdict.undone_by), DuplicateVerdict.undone_at)
        .join(one, one.id == DuplicateVerdict.incident_id).join(other, other.id == DuplicateVerdict.other_id)
        .where(one.id.in_(seen), other.id.in_(seen))
        .order_by(func.coalesce(DuplicateVerdict.undone_at, DuplicateVerdict.at).desc(), DuplicateVerdict.id.desc())
        .limit(max(limit, 0)))
    return read_frame(connection, statement, {
        "id": COUNT, "incident_id": COUNT, "incident_ref": TEXT, "other_id": COUNT, "other_ref": TEXT,
        "verdict": TEXT, "reason": TEXT, "post": TEXT, "at": INSTANT, "undone_post": TEXT, "undone_at": INSTANT})


@reads("view_incidents")
def list_taken_in(connection: Connection, scope: Scope, incident_id: int, limit: int = 50) -> pd.DataFrame:
    """Return the incidents merged into one, directly or into one of those, oldest first.

    Returns
    -------
    DataFrame
        ``id``, ``source``, ``source_ref``, ``merged_into``, ``occurred_on``, ``status``, ``verdict_id`` (missing where
        no judgement stands), ``post``, ``at``; only what the caller may see.
    """
    mine = incident_id if 0 < incident_id <= MAX_ID else -1
    tree = select(Incident.id.label("id"), literal(1).label("depth")).where(
        Incident.merged_into == mine).cte("taken_in", recursive=True)
    below = aliased(Incident, name="below")
    tree = tree.union_all(select(below.id, tree.c.depth + 1).join(tree, below.merged_into == tree.c.id).where(
        tree.c.depth < _DEEPEST))
    statement = (
        select(Incident.id, Incident.source, Incident.source_ref, Incident.merged_into, Incident.occurred_on,
               Incident.status, DuplicateVerdict.id, _name(DuplicateVerdict.by), DuplicateVerdict.at)
        .join(tree, tree.c.id == Incident.id).outerjoin(DuplicateVerdict, _stands(Incident))
        .where(visible_incidents(scope)).order_by(Incident.occurred_on, Incident.id).limit(max(limit, 0)))
    return read_frame(connection, statement, {
        "id": COUNT, "source": TEXT, "source_ref": TEXT, "merged_into": COUNT, "occurred_on": DAY, "status": TEXT,
        "verdict_id": MAYBE_COUNT, "post": TEXT, "at": INSTANT})


@reads("view_incidents")
def find_merger(connection: Connection, scope: Scope, incident_id: int) -> pd.DataFrame:
    """Return the judgement by which an incident was merged away, in no row or one.

    Returns
    -------
    DataFrame
        ``verdict_id``, ``into_id``, ``into_ref``, ``reason``, ``post``, ``at``.
    """
    mine = incident_id if 0 < incident_id <= MAX_ID else -1
    into = aliased(Incident, name="into")
    statement = (
        select(DuplicateVerdict.id, into.id, into.source_ref, DuplicateVerdict.reason, _name(DuplicateVerdict.by),
               DuplicateVerdict.at)
        .select_from(Incident).join(DuplicateVerdict, _stands(Incident)).join(into, into.id == Incident.merged_into)
        .where(Incident.id == mine, visible_incidents(scope)))
    return read_frame(connection, statement, {
        "verdict_id": COUNT, "into_id": COUNT, "into_ref": TEXT, "reason": TEXT, "post": TEXT, "at": INSTANT})


def _stands(incident: type[Incident]) -> Any:
    """Return the condition that a verdict is the one by which an incident is merged now."""
    return and_(
        DuplicateVerdict.incident_id == incident.id, DuplicateVerdict.other_id == incident.merged_into,
        DuplicateVerdict.verdict == DuplicateAnswer.MERGED.value, DuplicateVerdict.undone_at.is_(None))


def _name(account: Any) -> Any:
    """Return the post's title of an account, the account's own, or its code."""
    titled = select(func.coalesce(Post.title, Account.title)).select_from(Account).outerjoin(
        Post, Post.code == Account.post_code).where(Account.code == account).limit(1).scalar_subquery()
    return func.coalesce(titled, account)


@reads("merge_incidents")
def read_origins(connection: Connection, scope: Scope, incident_ids: tuple[int, ...]) -> pd.DataFrame:
    """Return which import incidents came with, or came with last.

    Returns
    -------
    DataFrame
        ``id``, ``batch_id``, ``file_name``, ``at`` (missing where no batch is known); only what the caller may see.
    """
    statement = select(Incident.id, Incident.batch_id, ImportBatch.file_name, ImportBatch.at).outerjoin(
        ImportBatch, ImportBatch.id == Incident.batch_id).where(
        Incident.id.in_(incident_ids), visible_incidents(scope))
    return read_frame(connection, statement.order_by(Incident.id), {
        "id": COUNT, "batch_id": MAYBE_COUNT, "file_name": TEXT, "at": INSTANT})
