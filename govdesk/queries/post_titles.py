"""What posts are called: steps are signed with the code of a post, or where an account has none, with the account's."""

from sqlalchemy import Connection, select

from govdesk.tables import Account, Post


def read_post_titles(connection: Connection) -> dict[str, str]:
    """Return the titles of all posts and accounts, by the code that steps are signed with; a post outranks."""
    accounts = connection.execute(select(Account.code, Account.title))
    posts = connection.execute(select(Post.code, Post.title))
    return {row.code: row.title for rows in (accounts, posts) for row in rows}
