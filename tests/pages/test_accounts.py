"""The page of accounts: the list, a new account, what is shown once, and who does not get it."""

import pytest
from sqlalchemy import insert, select

from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account
from tests.support.screens import all_html, all_text, open_page


def find(page, kind, start):
    return next(one for one in getattr(page, kind) if (one.key or "").startswith(start))


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["全部账号", "全县", "启用", "从未", "各角色能看什么"]),
    ("en", ["All accounts", "Whole county", "Active", "Never", "What each role"])])
def test_accounts_are_listed(tiny_engine, lang, words):
    text = all_text(open_page("accounts", account="local_admin", lang=lang))
    for word in words:
        assert word in text


def test_account_is_made_and_a_name_is_not(tiny_engine):
    page = open_page("accounts", account="local_admin")
    find(page, "text_input", "account_code_").set_value("duty_desk")
    find(page, "text_input", "account_title_").set_value("张伟")
    find(page, "selectbox", "account_role_").set_value("centre")
    find(page, "button", "account_make_").click().run()
    assert "看起来是姓名或号码" in all_text(page)
    find(page, "text_input", "account_title_").set_value("县综治中心值班岗")
    find(page, "button", "account_make_").click().run()
    assert not page.exception
    assert "账号 duty_desk 已建好" in all_text(page)
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(Account.title).where(Account.code == "duty_desk")) == "县综治中心值班岗"


def test_password_is_shown_once(tiny_engine):
    page = open_page("accounts", account="local_admin")
    find(page, "selectbox", "account_chosen").set_value("local_leader").run()
    find(page, "button", "account_way_").click().run()
    assert len(page.code) == 1
    assert len(page.code[0].value) == 23
    page.run()
    assert not page.code


def test_wall_gets_an_address_and_hostile_titles_stay_text(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(
            code="wall_1", title="<img src=x onerror=alert(1)>", role="wall", is_active=True))
    page = open_page("accounts", account="local_admin")
    find(page, "selectbox", "account_chosen").set_value("wall_1").run()
    find(page, "button", "account_way_").click().run()
    assert "/login/wall?account=wall_1&key=" in page.code[0].value
    assert "<img src=x" not in all_html(page)


def test_own_account_is_not_switched_off(tiny_engine):
    page = open_page("accounts", account="local_admin")
    find(page, "selectbox", "account_chosen").set_value("local_admin").run()
    find(page, "button", "account_switch_").click().run()
    assert "不能停用自己" in all_text(page)


def test_others_are_refused(tiny_engine):
    page = open_page("accounts", account="local_leader")
    assert "不能管理账号" in all_text(page)
    assert not page.text_input
