"""The page of staffing: the finding first, no worker, roles, empty states, both languages, hostile names."""

import json

import pytest
from sqlalchemy import insert, select, update

from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, GridVacancy, Place, Post
from tests.integration.queries.test_staffing import fill, post, vacancy
from tests.support import tiny_county
from tests.support.part_pages import list_specs
from tests.support.screens import all_html, all_text, open_page

COUNTY, DAY = tiny_county.COUNTY, tiny_county.UNTIL


@pytest.fixture
def county(tiny_engine):
    """Three townships of 16 and more posts; the first has few posts for its incidents, and a vacancy."""
    with write_transaction(tiny_engine) as connection:
        grids = list(connection.scalars(select(Place.code).where(Place.level == "grid")))
        connection.execute(insert(Post), [
            post(f"{code}-{n}", code) for code in grids for n in range(1 if code[6:9] == "001" else 6)])
        connection.execute(insert(GridVacancy), [vacancy(f"{COUNTY}001002-01-0", DAY.replace(month=5))])
        bump(connection, "places")
    return tiny_engine


@pytest.mark.parametrize(("lang", "parts"), [
    ("zh", ("1 个乡镇的负担明显高于全县中位数", "第1镇", "空缺 1 岗", "今天空缺 1 个", "2村第1网格", "不是排名", "怎么算的")),
    ("en", ("Township with clearly more than 1.5 times", "while having vacancies: 1. 第1镇", "vacant posts: 1", "are vacant today", "not a ranking"))])
def test_finding_names_who_carries_more_while_having_vacancies(county, lang, parts):
    page = open_page("staffing", lang=lang)
    text = all_text(page) + " ".join(
        one.label for one in page.expander)
    for part in parts:
        assert part in text


def test_pictures_hold_dots_with_intervals_and_groups_in_counts(county):
    loads, groups = (json.loads(one) for one in list_specs(open_page("staffing")))
    assert "中位" in json.dumps(loads, ensure_ascii=False)
    assert groups["facet"]["column"]["field"] == "kind_name"


def test_township_with_few_posts_says_so_and_shows_no_work(tiny_engine):
    fill(tiny_engine)
    html = all_html(open_page("staffing"))
    row = html.split(f"/village?place={COUNTY}002\"")[1].split("</tr>")[0]
    assert "岗位太少，不显示" in row
    assert row.count("—") >= 3
    assert "3 个乡镇中的 2 个" in html  # the totals say that they leave it out


def test_township_account_sees_its_own_and_no_median_of_two_others(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Account).values(
            code="own", title="own", role="township", area_code=f"{COUNTY}001", is_active=True))
        connection.execute(insert(Account).values(
            code="inside", title="in", role="township", area_code=f"{COUNTY}001001", is_active=True))
        bump(connection, "accounts")
    text = all_text(open_page("staffing", account="own"))
    assert "第1镇：每 100 个在岗岗位每周" in text
    assert "不足三个，不与全县比较" in text
    assert "的中位数 " not in text
    assert "第2镇" not in text
    assert "所辖范围小于一个乡镇" in all_text(open_page("staffing", account="inside"))


@pytest.mark.parametrize(("lang", "words"), [("zh", "还没有网格员岗位的记录"), ("en", "No grid posts on record yet")])
def test_without_posts_it_says_how_to_bring_them(tiny_engine, lang, words):
    assert words in all_text(open_page("staffing", lang=lang))


def test_without_records_it_says_what_to_do(empty_engine):
    tiny_county.build(empty_engine, 0)
    assert "import-incidents" in "".join(all_html(open_page("staffing")).split("<pre")[1:])


@pytest.mark.parametrize("account", ["local_clerk", "local_department"])
def test_roles_without_use_for_it_are_refused(county, account):
    with write_transaction(county) as connection:
        connection.execute(insert(Account).values(
            code="local_department", title="department", role="department", is_active=True))
        bump(connection, "accounts")
    text = all_text(open_page("staffing", account=account))
    assert "不看力量配置" in text
    assert "第1镇" not in text


def test_address_parameters_choose_nothing(county):
    assert all_html(open_page("staffing")) == all_html(open_page("staffing", place=f"{COUNTY}001001", post="x"))


def test_hostile_names_are_text(county):
    with write_transaction(county) as connection:
        connection.execute(update(Place).values(name="<img src=x onerror=alert(1)>"))
        bump(connection, "places")
    assert "<img src=x" not in all_html(open_page("staffing"))
