"""Accounts are made as posts, changed and switched off with effect at once; somebody always administers."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.accounts import change_account, end_all_sign_ins, looks_personal, make_account, switch_account
from govdesk.actions.sign_in import Granted, sign_in_as_known
from govdesk.clock import real_now
from govdesk.queries.account_states import list_account_states
from govdesk.queries.sign_ins import find_by_token, hash_token
from govdesk.rules.access import SYSTEM, RefusedError, Scope, Visitor
from govdesk.rules.account_checks import AccountForm
from govdesk.rules.record_checks import FormRefusedError
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent, Password
from govdesk.terms import Role, SignInMethod

ADMIN = Scope("local_admin", Role.ADMIN)
NEW = AccountForm("duty_desk", "县综治中心值班岗", "centre")


def come_in(engine, account):
    granted = sign_in_as_known(engine, by=Visitor("127.0.0.1"), account=account, now=real_now(),
                               method=SignInMethod.DEMO)
    assert isinstance(granted, Granted)
    return granted


def holds(engine, granted):
    with read_transaction(engine) as connection:
        return find_by_token(connection, hash_token(granted.token), real_now()) is not None


def read(engine, code):
    with read_transaction(engine) as connection:
        return connection.execute(select(Account).where(Account.code == code)).one()


def refused(act, *keys):
    with pytest.raises(FormRefusedError) as caught:
        act()
    assert [(one.key, one.field) for one in caught.value.problems] == list(keys)


def test_account_is_made_once_and_audited(tiny_engine):
    assert make_account(tiny_engine, by=ADMIN, form=NEW)
    assert not make_account(tiny_engine, by=ADMIN, form=NEW)
    refused(lambda: make_account(tiny_engine, by=ADMIN, form=replace(NEW, role="leader")), ("taken", "code"))
    with read_transaction(tiny_engine) as connection:
        details = [json.loads(text) for text in connection.scalars(
            select(AuditEvent.detail).where(AuditEvent.subject_key == "duty_desk").order_by(AuditEvent.id))]
    assert [sorted(one)[0] for one in details] == ["address_range", "repeated"]


@pytest.mark.parametrize(("change", "key", "field"), [
    ({"code": "Duty"}, "code", "code"), ({"code": "system"}, "code", "code"), ({"code": "d"}, "code", "code"),
    ({"code": "p13812345678"}, "personal", "code"), ({"title": "张伟"}, "personal", "title"),
    ({"title": "综治办 王建国"}, "personal", "title"), ({"title": "值班 13812345678"}, "personal", "title"),
    ({"title": " "}, "missing", "title"), ({"title": "岗" * 61}, "too_long", "title"),
    ({"role": "intake"}, "missing", "role"), ({"role": "township"}, "missing", "area_code"),
    ({"role": "department"}, "missing", "unit_code"), ({"area_code": "nowhere"}, "unknown", "area_code"),
    ({"unit_code": "none"}, "unknown", "unit_code"), ({"post_code": "none"}, "unknown", "post_code"),
    ({"address_range": "10.1.2.3/16"}, "range", "address_range"), ({"address_range": "0.0.0.0/0"}, "range",
                                                                   "address_range"),
    ({"address_range": "office"}, "range", "address_range")])
def test_what_is_no_post_or_no_place_is_refused(tiny_engine, change, key, field):
    refused(lambda: make_account(tiny_engine, by=ADMIN, form=replace(NEW, **change)), (key, field))


@pytest.mark.parametrize("title", [
    "东桥镇综治中心", "县法院立案庭", "王家镇综治办", "平安办", "信访局", "局领导", "白云镇网格办", "安全科", "统计员", "管理员",
    "公安局", "金融办", "马路镇值班岗", "水利局", "史志办", "方志办", "路长办", "Duty desk 2"])
def test_titles_of_posts_are_no_names(title):
    assert not looks_personal(title)


def test_switched_off_account_is_out_at_once(tiny_engine):
    granted = come_in(tiny_engine, "local_leader")
    assert switch_account(tiny_engine, by=ADMIN, account="local_leader", is_active=False, now=real_now()) == 1
    assert not holds(tiny_engine, granted)
    switch_account(tiny_engine, by=ADMIN, account="local_leader", is_active=True, now=real_now())
    assert not holds(tiny_engine, granted)  # what was ended stays so
    assert read(tiny_engine, "local_leader").is_active


def test_sign_ins_are_ended_and_the_account_comes_in_again(tiny_engine):
    granted = [come_in(tiny_engine, "local_leader") for _ in range(2)]
    other = come_in(tiny_engine, "local_analyst")
    assert end_all_sign_ins(tiny_engine, by=ADMIN, account="local_leader", now=real_now()) == 2
    assert not any(holds(tiny_engine, one) for one in granted)
    assert holds(tiny_engine, other)
    assert holds(tiny_engine, come_in(tiny_engine, "local_leader"))


def test_another_role_ends_sign_ins_and_another_area_does_not(tiny_engine):
    granted = come_in(tiny_engine, "local_centre")
    form = AccountForm("local_centre", "值班岗", "centre", area_code="990101001")
    change_account(tiny_engine, by=ADMIN, form=form, now=real_now())
    with read_transaction(tiny_engine) as connection:
        assert find_by_token(connection, hash_token(granted.token), real_now()).scope.area_code == "990101001"
    change_account(tiny_engine, by=ADMIN, form=replace(form, role="clerk"), now=real_now())
    assert not holds(tiny_engine, granted)


def test_key_of_a_wall_is_nobodys_password(tiny_engine):
    make_account(tiny_engine, by=ADMIN, form=AccountForm("wall_1", "指挥厅大屏", "wall"))
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Password).values(account_code="wall_1", hash="x", is_one_time=True, at=real_now()))
    change_account(tiny_engine, by=ADMIN, form=AccountForm("wall_1", "指挥厅", "leader"), now=real_now())
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(Password.hash).where(Password.account_code == "wall_1")) is None


@pytest.mark.parametrize("by", [ADMIN, SYSTEM])
def test_somebody_always_administers(tiny_engine, by):
    # One's own account first, and for the command line the last one.
    key = "oneself" if by is ADMIN else "last_admin"
    admin = AccountForm("local_admin", "管理员", "admin")
    refused(lambda: switch_account(tiny_engine, by=by, account="local_admin", is_active=False, now=real_now()),
            (key, "code"))
    for form in (replace(admin, role="clerk"), replace(admin, area_code="990101001")):
        refused(lambda form=form: change_account(tiny_engine, by=by, form=form, now=real_now()), (key, "code"))
    change_account(tiny_engine, by=by, form=replace(admin, title="系统管理岗"), now=real_now())
    make_account(tiny_engine, by=by, form=replace(admin, code="admin_2", title="第二管理岗"))
    if by is SYSTEM:
        switch_account(tiny_engine, by=by, account="local_admin", is_active=False, now=real_now())
        assert not read(tiny_engine, "local_admin").is_active


def test_unknown_account_and_intake_are_not_touched(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_clerk").values(role="intake"))
    for code in ("nobody_here", "local_clerk"):
        refused(lambda code=code: switch_account(tiny_engine, by=ADMIN, account=code, is_active=False,
                                                 now=real_now()), ("not_found", "code"))


@pytest.mark.parametrize("by", [
    Scope("local_leader", Role.LEADER), Scope("local_clerk", Role.CLERK),
    Scope("local_admin", Role.ADMIN, area_code="990101001")])
def test_others_manage_nothing(tiny_engine, by):
    for act in (lambda: make_account(tiny_engine, by=by, form=NEW),
                lambda: end_all_sign_ins(tiny_engine, by=by, account="local_centre", now=real_now())):
        with pytest.raises(RefusedError):
            act()
    with read_transaction(tiny_engine) as connection, pytest.raises(RefusedError):
        list_account_states(connection, by, real_now())


def test_list_says_how_and_when(tiny_engine):
    come_in(tiny_engine, "local_leader")
    switch_account(tiny_engine, by=ADMIN, account="local_clerk", is_active=False, now=real_now())
    with read_transaction(tiny_engine) as connection:
        rows = list_account_states(connection, ADMIN, real_now()).set_index("code")
    assert rows.loc["local_leader", ["n_open", "method", "key"]].to_list() == [1, "demo", "none"]
    assert rows.loc["local_admin", "seen_at"] is None
    assert rows.index[-1] == "local_clerk"
