"""The proposals of a file's place names and the list of aliases: choose, accept, repeat; withdraw; refused; hostile."""

from textwrap import dedent

import pytest
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest

from govdesk.actions.place_aliases import accept_alias
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, PlaceAlias
from govdesk.words import say
from tests.support import named_county
from tests.support.importing import run
from tests.support.named_county import PROFILE, lines
from tests.support.screens import all_html, all_text

SCRIPT = """
    import streamlit as st
    from govdesk.ingest.place_proposals import PlaceProposal
    from govdesk.ui.place_aliases_part import draw_alias_list
    from govdesk.ui.place_proposals_part import draw_place_proposals
    from govdesk.ui import loaders, session
    from govdesk.ui.setting import read_setting

    session.begin()
    loaders.begin()
    session.settle_scope()
    setting = read_setting()
    found = [PlaceProposal.from_json(one) for one in {found!r}]
    if draw_place_proposals(setting, found):
        st.session_state["again"] = st.session_state.get("again", 0) + 1
    draw_alias_list(setting)
"""


@pytest.fixture
def county():
    engine = named_county.build()
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [
            {"code": f"test_{role}", "title": role, "role": role, "is_active": True} for role in ("clerk", "leader", "analyst")])
        bump(connection, "accounts")
    return engine


def propose(engine, tmp_path, *places):
    return [one.as_json() for one in run(engine, tmp_path, lines(*places), PROFILE, commit=False).place_proposals]


def open_it(found, account="test_clerk", lang="zh"):
    page = AppTest.from_string(dedent(SCRIPT).format(found=found), default_timeout=60)
    page.session_state["account"] = account
    page.query_params["lang"] = lang
    page.run()
    assert not page.exception, [one.value for one in page.exception]
    return page


def aliases(engine):
    with read_transaction(engine) as connection:
        return [(row.alias, row.parent_code, row.place_code, row.by) for row in connection.execute(select(PlaceAlias.__table__))]


def test_chosen_proposals_are_accepted_and_the_dry_run_is_asked_for_once(county, tmp_path):
    found = propose(county, tmp_path, "城关镇,箩溪村", "城关镇,箩溪村", "河西乡,东门社区", "城管镇,东门村")
    page = open_it(found)
    assert "3 个写法" in all_text(page)
    assert "城关镇 之下写作" in all_text(page)
    assert page.button(key="aliases_accept").disabled
    assert [one.value for one in page.radio] == ["leave"] * 3  # nothing is chosen for anybody
    assert page.radio[0].options[0] == "罗溪村（城关镇）— 读音相同或相近"
    page.radio[0].set_value("990101901003").run()
    page.button(key="aliases_accept").click().run()
    assert not page.exception
    assert aliases(county) == [("箩溪村", "990101901", "990101901003", "test_clerk")]
    assert page.session_state["again"] == 1
    assert "已采纳 1 个别名" in all_text(page)
    page.run()
    assert page.session_state["again"] == 1
    assert say("term.role_clerk", "zh") in all_html(page)


def test_another_place_may_be_chosen_from_the_register(county, tmp_path):
    page = open_it(propose(county, tmp_path, "城关镇,火星村"))
    assert "没有相近的名称" in all_text(page)
    page.radio[0].set_value("another").run()
    box = page.selectbox[0]
    assert "石桥村（河西乡）" in box.options
    box.set_value("990101902003").run()
    page.button(key="aliases_accept").click().run()
    assert aliases(county)[0][:3] == ("火星村", "990101901", "990101902003")


def test_a_choice_that_cannot_be_is_refused_in_words_and_stays(county, tmp_path):
    found = propose(county, tmp_path, "城关镇,箩溪村")
    accept_alias(county, by=SYSTEM, text="箩溪村", place_code="990101901001", parent_code="990101901")
    page = open_it(found)
    page.radio[0].set_value("990101901003").run()
    page.button(key="aliases_accept").click().run()
    assert "“箩溪村”已是东门村 (城关镇)的别名" in all_text(page)
    assert page.radio[0].value == "990101901003"
    assert len(aliases(county)) == 1


def test_equal_names_offer_no_alias_but_the_way_out(county, tmp_path):
    page = open_it(propose(county, tmp_path, ",东门村"))
    assert not page.radio
    assert "所属乡镇" in all_text(page)


def test_roles_that_may_not_accept_look_on(county, tmp_path):
    found = propose(county, tmp_path, "城关镇,箩溪村")
    page = open_it(found, "test_analyst")
    assert not page.radio
    assert "采纳别名由数据员" in all_text(page)
    assert "已采纳的别名" in all_text(page)
    assert "已采纳的别名" not in all_text(open_it(found, "test_leader"))


def test_an_alias_is_listed_with_its_use_and_withdrawn(county, tmp_path):
    accept_alias(county, by=SYSTEM, text="老街", place_code="990101901001")
    run(county, tmp_path, lines(",老街", ",老街"), PROFILE)
    page = open_it([], lang="en")
    assert "老街" in all_html(page)
    assert ">2<" in all_html(page)
    page.selectbox(key="alias_withdrawn").set_value(1).run()
    page.button(key="alias_withdraw").click().run()
    assert not page.exception
    assert "Withdrawn." in all_text(page)
    assert "No alias has been accepted yet" in all_text(page)


def test_nothing_to_propose_draws_only_the_list(county):
    page = open_it([])
    assert not [one for one in page.button if one.key == "aliases_accept"]
    assert "还没有采纳过别名" in all_text(page)


def test_hostile_names_are_text(county, tmp_path):
    page = open_it(propose(county, tmp_path, "城关镇,罗溪村<img src=x onerror=alert(1)>", "城关镇,**箩溪**村"))
    assert "<img" not in all_html(page)
    assert "&lt;img" in all_html(page)


def test_of_many_names_those_with_most_rows_come_first(county, tmp_path):
    places = [f"城关镇,火{n}星" for n in range(12)] + ["城关镇,木星", "城关镇,木星"]
    page = open_it(propose(county, tmp_path, *places))
    assert len(page.radio) == 10
    assert "木星" in all_html(page)
    assert "共 13 个" in all_text(page)
