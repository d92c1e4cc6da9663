"""Past lists against what happened: by hand on a small county."""

from datetime import date, timedelta

import pytest

from govdesk.clock import monday_of
from govdesk.queries.live_misses import list_misses
from govdesk.queries.live_results import read_live_results
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.visit_sample import draw_sample
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.terms import Role
from tests.support import risk_card
from tests.support.risk_card import CODES, village
from tests.support.tiny_county import COUNTY


@pytest.fixture
def engine(empty_engine):
    risk_card.build_county(empty_engine)
    risk_card.add_live(empty_engine)
    return empty_engine


def _read(engine, scope=SYSTEM, known_to=None, seed="s"):
    with read_transaction(engine) as connection:
        return read_live_results(connection, scope, known_to or risk_card.known_to(), seed)


def _misses(engine, events, scope=SYSTEM):
    rows = events[events["is_judged"] & ~events["is_caught"]]
    cases = tuple(rows[["place_code", "week", "n_events"]].itertuples(index=False, name=None))
    with read_transaction(engine) as connection:
        return list_misses(connection, scope, risk_card.known_to(), cases)


def test_only_lists_whose_horizon_is_over_are_judged(engine):
    found = _read(engine)
    assert found.runs["as_of"].dt.date.tolist() == [date(2026, 10, 19), date(2026, 10, 12)]
    assert found.n_running == 3
    assert found.first_over == date(2026, 11, 23)
    assert len(_read(engine, known_to=risk_card.known_to() - 1).runs) == 1


def test_listed_villages_with_an_escalation_with_and_without_the_visited(engine):
    runs = _read(engine).runs.set_index(_read(engine).runs["as_of"].dt.date)
    first, second = runs.loc[date(2026, 10, 12)], runs.loc[date(2026, 10, 19)]
    # Village 0 escalated on 10-20, in the horizon of both; village 1 was visited for the first list only.
    assert (first["n_listed"], first["n_found"]) == (2, 1)
    # Its visit on 10-14 treats it for 90 days: for the second list, too. Village 0 escalated and was not visited.
    split = ["n_treated", "n_found_treated", "n_untreated", "n_found_untreated"]
    assert first[split].tolist() == [1, 0, 1, 1]
    assert second[split].tolist() == [1, 0, 1, 1]
    # 11-03 lies in the horizon of both lists, 11-10 in that of the second alone.
    assert (first["n_positive"], second["n_positive"]) == (2, 3)
    assert (first["n_villages"], first["n_told"], first["n_elevated"]) == (24, 23, 2)
    assert first["n_expected"] == pytest.approx(sum(0.5 - 0.02 * at for at in range(23)))


def test_only_a_visit_for_an_alert_within_90_days_before_or_in_the_horizon_treats_a_village(engine):
    with write_transaction(engine) as connection:
        risk_card.add_visit(connection, village(0), date(2026, 10, 15), "own", "nothing_found")
        risk_card.add_visit(connection, village(0), date(2026, 11, 9), "alert", "found")
    runs = _read(engine).runs.set_index(_read(engine).runs["as_of"].dt.date)
    first, second = runs.loc[date(2026, 10, 12)], runs.loc[date(2026, 10, 19)]
    # The first list's horizon ended on 11-08, village 1 was visited for it; the second's holds 11-09, village 0's visit.
    split = ["n_treated", "n_found_treated", "n_untreated", "n_found_untreated"]
    assert first[split].tolist() == [1, 0, 1, 1]
    assert second[split].tolist() == [2, 1, 0, 0]


def test_a_visit_long_ago_treats_no_more(engine):
    with write_transaction(engine) as connection:
        # 90 days after 2026-07-13 is 10-11, the Sunday before the first list; after 07-14 it is that list's Monday.
        risk_card.add_visit(connection, village(0), date(2026, 7, 13), "alert", "found")
    assert _read(engine).runs["n_treated"].tolist() == [1, 1]
    with write_transaction(engine) as connection:
        risk_card.add_visit(connection, village(0), date(2026, 7, 14), "alert", "found")
    assert _read(engine).runs["n_treated"].tolist() == [1, 2]


def test_each_event_is_named_missed_or_not_judged(engine):
    with write_transaction(engine) as connection:
        risk_card.add_event(connection, village(4), date(2026, 10, 5))  # before the first list
        risk_card.add_event(connection, village(6), date(2026, 11, 17))  # in a week that is not over
    events = _read(engine).events.set_index("place_code")
    assert events["is_judged"].to_dict() == {village(0): True, village(2): True, village(3): True}
    assert events["is_caught"].to_dict() == {village(0): True, village(2): False, village(3): False}


def test_event_after_the_last_horizon_of_a_list_is_not_judged(engine):
    weeks = [monday_of(risk_card.known_to()) + timedelta(weeks=6)]
    with write_transaction(engine) as connection:
        risk_card.add_event(connection, village(0), weeks[0])
    events = _read(engine, known_to=risk_card.known_to() + 8).events
    late = events[events["week"] > risk_card.known_to()]
    assert late["is_judged"].tolist() == [False]
    assert late["is_caught"].tolist() == [False]


def test_lot_is_the_week_s_own_drawing_from_the_unlisted(engine):
    runs = _read(engine, seed="x").runs
    week = risk_card.known_to() - 4
    drawn = draw_sample(CODES, (village(0), village(1)), week=week, seed="x")
    positive = {village(3), village(2)}
    assert runs.iloc[0]["n_drawn"] == 3
    assert runs.iloc[0]["n_found_drawn"] == len(positive & set(drawn))
    lots = [draw_sample(CODES, (village(0), village(1)), week=week, seed=str(one)) for one in range(40)]
    seed = next(one for one in range(40) if village(3) in lots[one])
    assert _read(engine, seed=str(seed)).runs.iloc[0]["n_found_drawn"] >= 1


def test_lot_never_falls_on_a_listed_village(engine):
    week = risk_card.known_to() - 4
    # A seed by which village 0, listed and with an escalation, would be drawn if the list were not left out.
    seed = next(str(one) for one in range(200) if village(0) in draw_sample(CODES, (), week=week, seed=str(one)))
    drawn = draw_sample(CODES, (village(0), village(1)), week=week, seed=seed)
    expected = len({village(2), village(3)} & set(drawn))
    assert _read(engine, seed=seed).runs.iloc[0]["n_found_drawn"] == expected


def test_alarms_and_visits(engine):
    found = _read(engine)
    alarms = found.alarms[found.alarms["as_of"].dt.date == date(2026, 10, 12)]
    assert alarms["place_code"].tolist() == [village(1)]
    assert alarms[["is_treated", "found"]].to_numpy().tolist() == [[True, "nothing_found"]]
    visits = found.visits.set_index("reason")
    assert visits.loc["sample", ["n_visits", "n_found"]].tolist() == [1, 1]
    assert visits.loc["own", "n_visits"] == 0


def test_misses_say_why_and_what_was_known(engine):
    rows = _misses(engine, _read(engine).events).set_index("place_code")
    low, hidden = rows.loc[village(3)], rows.loc[village(2)]
    assert (low["why"], low["best_rank"], low["n_places"]) == ("below_cut", 3, 23)
    assert low["probability"] == pytest.approx(0.46)
    assert (hidden["why"], low["place"]) == ("no_score", "第1镇4村")
    assert hidden["n_52"] > 0
    assert low["n_events_52"] == 0
    assert low["n_13"] <= low["n_52"]


def test_a_miss_in_a_village_visited_for_an_alert_says_so(engine):
    assert not _misses(engine, _read(engine).events)["is_treated"].any()
    with write_transaction(engine) as connection:  # its event came on 11-03
        risk_card.add_visit(connection, village(3), date(2026, 8, 5), "alert", "found")  # 90 days: 11-03
        risk_card.add_visit(connection, village(2), date(2026, 8, 11), "alert", "found")  # its event: 11-10, 91 days
        risk_card.add_visit(connection, village(2), date(2026, 11, 9), "sample", "found")
    marks = _misses(engine, _read(engine).events).set_index("place_code")["is_treated"]
    assert marks.to_dict() == {village(2): True, village(3): True}  # weeks are whole: 11-09 is the 90th day
    with write_transaction(engine) as connection:
        risk_card.add_event(connection, village(4), date(2026, 11, 3))
    marks = _misses(engine, _read(engine).events).set_index("place_code")["is_treated"]
    assert not marks[village(4)]


def test_a_village_listed_just_before_is_said_to_rest(engine):
    with write_transaction(engine) as connection:
        risk_card.add_run(connection, date(2026, 9, 28), (village(3),))
    events = _read(engine).events
    with write_transaction(engine) as connection:
        # Not listed from 10-12 on; the list of 09-28 is just outside the horizon of 10-26.
        risk_card.add_event(connection, village(3), date(2026, 10, 27))
    events = _read(engine).events
    rows = _misses(engine, events[events["week"] == risk_card.known_to() - 3]).set_index("place_code")
    assert rows.loc[village(3), "why"] == "rested"


def test_township_sees_its_own_villages(engine):
    scope = Scope("t", Role.CENTRE, area_code=f"{COUNTY}002")
    found = _read(engine, scope)
    assert found.runs["n_villages"].tolist() == [8, 8]
    assert found.runs["n_listed"].sum() == 0
    assert found.events.empty
    assert found.alarms.empty


def test_without_a_list_there_is_no_result(empty_engine):
    risk_card.build_county(empty_engine)
    assert _read(empty_engine) is None
