"""Parts of the settings page that are forms of their own: what they show, and a change from the form to what holds."""

import pytest

from govdesk.actions.capacity_changes import set_capacity
from govdesk.actions.change_setting import Reason
from govdesk.clock import today
from govdesk.queries.adopted_thresholds import read_thresholds_in_force
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction
from govdesk.terms import Role
from tests.support.screens import all_html, open_page

ADMIN = Scope(account="local_admin", role=Role.ADMIN)


def _find(page, kind, label):
    return next(one for one in getattr(page, kind) if one.label.startswith(label))


def _open(part, **options):
    return open_page("settings", account="local_admin", part=part, **options)


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["走访能力", "还没有人定过", "尚未采用阈值", "没有走访记录（2026-08-17 至 2026-11-15，13 个整周）"]),
    ("en", ["Visit capacity", "nobody has set it yet", "no visit on record"])])
def test_capacity_nobody_set_is_not_known(tiny_engine, lang, words):
    html = all_html(_open("capacity", lang=lang))
    for word in words:
        assert word in html
    assert "恢复" not in "".join(one.label for one in _open("capacity").button)


def test_capacity_is_set_and_taken_back_on_the_page(tiny_engine):
    page = _open("capacity")
    _find(page, "number_input", "每周最多").set_value(12)
    _find(page, "text_input", "修改理由").set_value("年初会议")
    _find(page, "button", "保存修改").click()
    page.run()
    html = all_html(page)
    assert "已保存，立即生效" in html
    assert "每周 12 个村" in html
    assert "名单每周 18 个村，比走访能力 12 个村多" in html
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week == 12
    _find(page, "text_input", "修改理由").set_value("恢复")
    _find(page, "button", "恢复采用阈值时的值（未定）").click()
    page.run()
    assert "还没有人定过" in all_html(page)
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week is None


def test_capacity_that_somebody_set_meanwhile_is_not_overwritten(tiny_engine):
    page = _open("capacity")
    set_capacity(tiny_engine, by=Scope("admin_2", Role.ADMIN), visits=9, reason=Reason("先改"))
    _find(page, "number_input", "每周最多").set_value(12)
    _find(page, "text_input", "修改理由").set_value("后改")
    _find(page, "button", "保存修改").click()
    page.run()
    assert "admin_2已于 11-22 10:00 改过" in all_html(page)
    with read_transaction(tiny_engine) as connection:
        assert read_thresholds_in_force(connection, today()).capacity_per_week == 9
