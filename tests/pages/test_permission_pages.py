"""Every page refuses whom the table by hand refuses, with a calm sentence or by the rule that the frame says so for."""

import csv

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account
from govdesk.ui import session
from tests.support.screens import all_text

with (ROOT / "tests" / "data" / "who_may_open.csv").open(encoding="utf-8") as file:
    _HEAD, *_ROWS = csv.reader(file)
#: Of each page the wall, where it is refused, and one more role: that a role is refused is the table's matter
#: (`test_permission_cells`), that a page asks the table is this file's.
REFUSED = {role: [] for role in _HEAD[1:]}
for _row in _ROWS:
    _zeros = [role for role, cell in zip(_HEAD[1:], _row[1:], strict=True) if cell == "0"]
    for _role in {*_zeros[-1:], *(one for one in _zeros[:1] if one != "wall")}:
        REFUSED[_role].append(_row[0])

#: As the frame runs a page.
_FRAME = """
import runpy
from govdesk.ui import faults
with faults.calm():
    runpy.run_path({path!r})
"""


@pytest.mark.parametrize("role", [role for role, pages in REFUSED.items() if pages])
def test_page_refuses_whom_the_table_by_hand_refuses(tiny_engine, role):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="somebody", title=role, role=role, is_active=True))
        bump(connection, "accounts")
    for name in REFUSED[role]:
        page = AppTest.from_string(_FRAME.format(path=str(ROOT / "pages" / f"{name}.py")), default_timeout=60)
        page.session_state["account"] = "somebody"
        page.session_state[session._LANGUAGE_NOW] = get_settings().language
        page.run()
        assert not page.exception, name
        assert "当前账号不能查看" in all_text(page), name
        assert not page.get("download_button"), name
