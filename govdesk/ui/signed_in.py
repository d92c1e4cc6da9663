"""Who is in: asked of the database at every run, by what the gate put into the headers of this page."""

import logging

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from govdesk.actions.sign_in import note_use, sign_out
from govdesk.clock import real_now
from govdesk.queries.sign_ins import SignedIn, find_by_token
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Role

log = logging.getLogger("govdesk.ui")

#: The header that only the gate writes (`api.gate`).
HEADER = "x-govdesk-sign-in"
#: Seconds after which a use is written down: people's sign-ins end when idle, a wall's hardly ever.
USE_SECONDS = 60
WALL_USE_SECONDS = 86_400


def find() -> SignedIn | None:
    """Return the sign-in of this page if it still holds, else None.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the database cannot be asked.
    """
    token_hash = st.context.headers.get(HEADER, "")
    if not token_hash:
        return None
    with read_transaction(get_engine()) as connection:
        who = find_by_token(connection, token_hash, real_now())
    return None if who is not None and who.must_change else who


def keep(who: SignedIn) -> None:
    """Write down that the sign-in is in use; not where the database cannot be written."""
    now = real_now()
    pause = WALL_USE_SECONDS if who.scope.role is Role.WALL else USE_SECONDS
    if (now - who.seen_at).total_seconds() < pause:
        return
    try:
        note_use(get_engine(), by=who.scope, number=who.id, now=now)
    except SQLAlchemyError as error:
        log.warning("a use was not written down: %s", type(error).__name__)


def leave(who: SignedIn) -> None:
    """End the sign-in, in all windows."""
    sign_out(get_engine(), by=who.scope, number=who.id, now=real_now())
