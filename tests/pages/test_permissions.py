"""The page of permissions: in words of both languages, from the table, for everybody."""

import pytest
from sqlalchemy import insert

from govdesk.rules.access import ALLOWED, Scope
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account
from govdesk.terms import Role
from govdesk.ui.permission_view import describe_actions
from tests.support import tiny_county
from tests.support.screens import all_html, all_text, open_page


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ("权限", "本账号", "综治中心值班员", "全县", "查看事件", "登记", "怎么执行")),
    ("en", ("Permissions", "This account", "the whole county", "look at incidents", "How it is enforced"))])
def test_page_says_what_each_role_may(tiny_engine, lang, words):
    text = all_text(open_page("permissions", lang=lang))
    for word in words:
        assert word in text
    assert "audit.action_" not in text


@pytest.mark.parametrize("role", ["township", "department", "wall", "clerk"])
def test_every_role_may_read_it_and_sees_its_area(tiny_engine, role):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(
            code="<b>own", title="own", role=role, area_code=f"{tiny_county.COUNTY}001", is_active=True))
    html = all_html(open_page("permissions", account="<b>own"))
    assert "第1镇" in html
    assert "<b>own" not in html


def test_table_on_screen_is_the_table_that_is_enforced():
    rows = [describe_actions(Scope("x", Role.CLERK, "1"), reading=reading) for reading in (True, False)]
    assert sum(map(len, rows)) == len(ALLOWED)
    imports = rows[1].set_index("what").loc["导入数据"]
    assert (imports["clerk"], imports["leader"], imports["own"]) == ("●", "–", "不可以")  # its account is of one area
