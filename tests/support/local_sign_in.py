"""Who is in, in tests without a gate: the account that a test puts into the session, else the centre's.

AppTest runs a page without server and headers; what the gate and the look at each run do is tested in
``tests/integration/test_gate.py`` and ``tests/browser/test_sign_in_browser.py``.
"""

from datetime import timedelta

import streamlit as st

from govdesk.clock import real_now
from govdesk.queries.accounts import list_active_accounts
from govdesk.queries.sign_ins import SignedIn
from govdesk.rules.access import Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Role, SignInMethod
from govdesk.ui.purpose import PURPOSE


def find_local() -> SignedIn | None:
    """Return a sign-in of the account named in the session; of the centre's where none is, or it does not exist."""
    with read_transaction(get_engine()) as connection:
        active = {row[0]: row for row in list_active_accounts(connection)}
    centre = next((code for code, row in active.items() if row[2] == Role.CENTRE), next(iter(active), None))
    found = active.get(st.session_state.get("account"), active.get(centre))
    if found is None:
        return None
    st.session_state.setdefault(PURPOSE, "deliberation")  # stated already; a test that puts "" there is asked
    code, title, role, area, unit = found
    now = real_now()
    return SignedIn(1, Scope(code, Role(role), area, unit), title, SignInMethod.DEMO, False, now, now + timedelta(hours=1))
