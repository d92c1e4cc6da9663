"""What posts are called: steps are signed with the code of a post, or where an account has none, with the account's."""

from sqlalchemy import Connection, select

from govdesk.rules.access import SYSTEM
from govdesk.tables import Account, IntakeSource, Post
from govdesk.terms import Role


def read_post_titles(connection: Connection) -> dict[str, str]:
    """Return the titles of all posts and accounts, by the code that steps are signed with; a post outranks.

    An intake signs as ``intake:<source>`` and is called as its source; the system has the title ``system``, which
    screens put into words.
    """
    accounts = connection.execute(select(Account.code, Account.title))
    posts = connection.execute(select(Post.code, Post.title))
    intakes = connection.execute(select(IntakeSource.code, IntakeSource.title))
    found = {SYSTEM.account: SYSTEM.account} | {f"{Role.INTAKE}:{row.code}": row.title for row in intakes}
    return found | {row.code: row.title for rows in (accounts, posts) for row in rows}
