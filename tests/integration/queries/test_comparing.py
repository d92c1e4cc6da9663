"""The county's mean is told where it cannot be turned into the number of one other township, else left out."""

from datetime import date

import pytest
from sqlalchemy import or_, select, update

from govdesk.queries.comparing import may_see_county
from govdesk.queries.risk_list import read_reasons
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Place, RiskRun
from govdesk.terms import Role
from govdesk.ui.warning_words import Words, write_reasons, write_reasons_short
from tests.support import scored_county
from tests.support.more_townships import add_townships

COUNTY, AS_OF = scored_county.COUNTY, scored_county.AS_OF
TOWNSHIP, VILLAGE = f"{COUNTY}001", f"{COUNTY}001002"


def _end_third_township(engine):
    """Leave one township less, as after a merger that is over."""
    gone = f"{COUNTY}003"
    with write_transaction(engine) as connection:
        connection.execute(update(Place).where(or_(Place.code == gone, Place.code.startswith(gone))).values(
            valid_to=date(2026, 1, 5)))


def _read(engine, scope):
    with read_transaction(engine) as connection:
        run = connection.scalar(select(RiskRun.id).order_by(RiskRun.as_of.desc(), RiskRun.id).limit(1))
        found = read_reasons(connection, scope, run)
    return [reason for reasons in found.values() for reason in reasons if reason["kind"] == "long"]


@pytest.mark.parametrize("area", [TOWNSHIP, VILLAGE])
def test_with_two_other_townships_none_is_told_what_the_county_has(empty_engine, area):
    scored_county.build(empty_engine)
    add_townships(empty_engine)
    assert all(one["n_county"] > 0 for one in _read(empty_engine, Scope("x", Role.TOWNSHIP, area)))
    _end_third_township(empty_engine)
    own = _read(empty_engine, Scope("x", Role.TOWNSHIP, area))
    assert own
    assert {(one["n_county"], one["n_places"]) for one in own} == {(None, None)}
    assert all(one["n_county"] > 0 for one in _read(empty_engine, SYSTEM))


def test_sentence_without_the_mean_says_why_and_holds_no_number_of_the_county(empty_engine):
    scored_county.build(empty_engine)
    known = {one["n_county"] for one in _read(empty_engine, SYSTEM)}
    _end_third_township(empty_engine)
    for reason in _read(empty_engine, Scope("x", Role.TOWNSHIP, TOWNSHIP)):
        (sentence,) = write_reasons([reason], Words({}, "zh"))
        assert "不显示村均" in str(sentence)
        assert "村均" not in write_reasons_short([reason], Words({}, "zh"))
        assert not any(str(n) in str(sentence) for n in known)


@pytest.mark.parametrize(("area", "n_townships", "may"), [
    (None, 2, True), (TOWNSHIP, 4, True), (TOWNSHIP, 3, False), (TOWNSHIP, 2, False), (VILLAGE, 4, True),
    (VILLAGE, 3, False), (COUNTY, 2, True)])
def test_who_may_see_the_county(empty_engine, area, n_townships, may):
    scored_county.build(empty_engine)
    if n_townships == 2:
        _end_third_township(empty_engine)
    elif n_townships == 4:
        add_townships(empty_engine)
    with read_transaction(empty_engine) as connection:
        assert may_see_county(connection, Scope("x", Role.TOWNSHIP, area), AS_OF) is may
