"""What was written in place of the sentences of a week's brief."""

from sqlalchemy import Connection, func, select

from govdesk.rules.access import Scope
from govdesk.rules.brief import Edit
from govdesk.tables import BriefEdit, Post


def read_edits(
    connection: Connection, scope: Scope, week: int, language: str, *, is_internal: bool
) -> dict[str, Edit]:
    """Return the newest edit of each sentence, by its key; one that was taken back has an empty text."""
    del scope  # a brief is of the whole area of those who may read it
    rows = connection.execute(
        select(BriefEdit.sentence, BriefEdit.text, BriefEdit.original, BriefEdit.at,
               func.coalesce(Post.title, BriefEdit.by).label("post"))
        .outerjoin(Post, Post.code == BriefEdit.by)
        .where(BriefEdit.week == week, BriefEdit.language == language, BriefEdit.is_internal.is_(is_internal))
        .order_by(BriefEdit.id))
    return {row.sentence: Edit(row.text, row.original, row.post, row.at) for row in rows}
