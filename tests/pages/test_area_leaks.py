"""A township and a village read their own places only: a foreign township is full of names and numbers that stand out."""

import json
import re

import pytest
from sqlalchemy import insert, select, update

from govdesk.api.routes import BUILDERS
from govdesk.clock import monday_of, week_of
from govdesk.queries.map_request import MapRequest
from govdesk.queries.searching import search
from govdesk.rules import indicators
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Account, Incident, Place, Unit, Visit, WorksProject
from govdesk.terms import Role
from govdesk.ui import trend_state
from tests.support import scored_county, tiny_county
from tests.support.part_pages import list_specs
from tests.support.screens import all_text, open_page

COUNTY, UNTIL = tiny_county.COUNTY, tiny_county.UNTIL
OWN, VILLAGE, FOREIGN = f"{COUNTY}001", f"{COUNTY}001002", f"{COUNTY}003"
ACCOUNTS = {"town": OWN, "village": VILLAGE}
#: What only a leader's account opens, with the area of the township.
LEADER_PAGES = [("brief", {}), ("wall_screen", {}), ("model_card", {}), ("threshold_tuning", {}), ("import_batches", {})]
#: So many disputes in one foreign grid last week: any sum that holds them is of this size, and no other is.
HEAVY = 7919
NUMBER = re.compile(r"(?<![\d.,_-])(7,?9\d\d|8,?[0-7]\d\d|78\d\d)(?![\d])")
MARK = "秘"

PAGES = [
    ("overview", {}), ("overview", {"rows": "1", "place": FOREIGN}), ("incident_map", {}),
    ("incident_map", {"place": FOREIGN}), ("village", {"place": OWN}), ("village", {"place": FOREIGN}), ("village", {}),
    *(("dispute_trends", {"section": one}) for one in trend_state.SECTIONS),
    *(("case_quality", {"section": one}) for one in indicators.SECTIONS),
    ("early_warning", {"rest": "all"}), ("model_card", {}), ("data_quality", {}),
    ("staffing", {}), ("dispatch_board", {}), ("calls", {}), ("handover", {}), ("visits", {}), ("register", {}),
]


@pytest.fixture
def county(empty_engine):
    scored_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        inside = Place.code.startswith(FOREIGN)
        for code, name in connection.execute(select(Place.code, Place.name).where(inside)).all():
            connection.execute(update(Place).where(Place.code == code).values(name=f"{MARK}{name}"))
        # Its name is no secret: whoever calls or refers finds every office of the county.
        connection.execute(insert(Unit).values(
            code="U-SECRET", name="第3镇政府", kind="township", place_code=FOREIGN, content_hash="0"))
        there = Incident.place_code.startswith(FOREIGN)
        connection.execute(update(Incident).where(there).values(handling_unit="U-SECRET"))
        columns = [one for one in Incident.__table__.columns if one.name not in ("id", "source_ref")]
        pattern = dict(connection.execute(select(*columns).where(there, Incident.stream == "dispute").limit(1)).mappings().one())
        pattern |= {"week_occurred": week_of(UNTIL) - 1, "occurred_on": monday_of(week_of(UNTIL) - 1), "closed_at": None,
                    "week_closed": None, "status": "accepted", "is_counted": 1}
        connection.execute(insert(Incident), [pattern | {"source_ref": f"{MARK}{n}"} for n in range(HEAVY)])
        common = {"source": "t", "content_hash": "0", "recorded_at": tiny_county.NOW}
        connection.execute(insert(WorksProject).values(
            **common, source_ref="W9", name=f"{MARK}工程", kind="farmland", place_code=f"{FOREIGN}001",
            started_on=UNTIL.replace(month=8), unit_code="U-SECRET"))
        connection.execute(insert(Visit).values(
            **common, source_ref="V9", place_code=f"{FOREIGN}001", visited_on=UNTIL, reason="alert", found="found"))
        connection.execute(insert(Account), [
            {"code": code, "title": code, "role": "township", "area_code": area, "is_active": True}
            for code, area in ACCOUNTS.items()] + [
                {"code": "lead", "title": "lead", "role": "leader", "area_code": OWN, "is_active": True}])
        rebuild(connection)
        for subject in ("places", "incidents", "accounts", "risk"):
            bump(connection, subject)
    return empty_engine


def _everything(page):
    labels = [f"{one.label} {getattr(one, 'options', '')}" for kind in ("selectbox", "multiselect", "button", "expander",
                                                                        "segmented_control", "radio", "metric")
              for one in page.get(kind) if hasattr(one, "label")]
    return "\n".join([all_text(page), *(json.dumps(json.loads(one), ensure_ascii=False) for one in list_specs(page)), *labels])


@pytest.mark.parametrize("account", [*ACCOUNTS, "lead"])
def test_no_page_names_or_counts_another_township(county, account):
    leaks = []
    for name, params in {"town": PAGES, "lead": LEADER_PAGES}.get(account, PAGES[::3]):
        text = _everything(open_page(name, account=account, **params))
        words = re.sub(r"\s+", " ", re.sub(r"https?://\S+|ISO 8601|#[0-9A-Fa-f]{6}|<style>.*?</style>", "", text, flags=re.DOTALL))
        leaks += [(name, params, words[max(0, at - 60):at + 40]) for at in [words.find(MARK)] if at >= 0]
        leaks += [(name, params, words[max(0, one.start() - 60):one.end() + 40]) for one in [NUMBER.search(words)] if one]
    assert leaks == [], "\n".join(map(str, leaks))


def _requests(scope):
    week = week_of(UNTIL)
    for measure in ("count", "open"):
        for level in ("township", "village"):
            for within in (None, FOREIGN):
                yield MapRequest(measure=measure, level=level, within=within, week_from=week - 52, week_to=week + 1,
                                 on=UNTIL.isoformat(), as_of=int(tiny_county.NOW.timestamp()), breaks=(1.0, 5.0))


@pytest.mark.parametrize("area", ACCOUNTS.values())
def test_no_address_of_the_map_gives_another_township(county, area):
    scope = Scope("x", Role.TOWNSHIP, area)
    for request in _requests(scope):
        for layer in ("places", "lines", "points", "cells", "labels", "picture"):
            with read_transaction(county) as connection:
                body = BUILDERS[layer](connection, scope, request).decode()
            assert MARK not in body, (layer, request)
            assert FOREIGN not in body, (layer, request)
            assert not NUMBER.search(body), (layer, request)


@pytest.mark.parametrize("text", ["秘", FOREIGN, f"{MARK}1", "第3镇"])
def test_search_finds_nothing_elsewhere(county, text):
    with read_transaction(county) as connection:
        found = search(connection, Scope("x", Role.TOWNSHIP, OWN), text, UNTIL, 20)
    assert not len(found)
