"""What was written in place of the sentences of a week's brief."""

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.rules.brief import Edit
from govdesk.tables import BriefEdit, Post


@reads("view_brief")
def read_edits(
    connection: Connection, scope: Scope, week: int, language: str, *, is_internal: bool
) -> dict[str, Edit]:
    """Return the newest edit of each sentence, by its key; one that was taken back has an empty text.

    Edits are of the brief of the whole database (`actions.edit_brief`): an account of a part reads none of them, for
    what was written for all may name what it must not see.
    """
    if scope.area_code is not None:
        return {}
    rows = connection.execute(
        select(BriefEdit.sentence, BriefEdit.text, BriefEdit.original, BriefEdit.at,
               func.coalesce(Post.title, BriefEdit.by).label("post"))
        .outerjoin(Post, Post.code == BriefEdit.by)
        .where(BriefEdit.week == week, BriefEdit.language == language, BriefEdit.is_internal.is_(is_internal))
        .order_by(BriefEdit.id))
    return {row.sentence: Edit(row.text, row.original, row.post, row.at) for row in rows}
