"""The six figures of the overview against counts by hand, and what they say when something is not known."""

import pandas as pd
import pytest
from sqlalchemy import insert, update

from govdesk.clock import monday_of, week_of
from govdesk.queries.figures import Figure, read_figures
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, NilReturn, Step
from govdesk.words import read_words
from tests.support import messy_county, tiny_county
from tests.support.tiny_county import COUNTY, NOW, UNTIL

WEEK = week_of(UNTIL)


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, 900)
    return empty_engine


def figures(engine, as_of=UNTIL):
    with read_transaction(engine) as connection:
        return {figure.key: figure for figure in read_figures(connection, SYSTEM, as_of)}


def test_six_figures_with_denominator_window_comparison_and_spark(county):
    found = figures(county)
    assert list(found) == ["new_disputes", "open_incidents", "overdue_share", "settled_locally_share", "returned_share",
                           "covered_places"]
    for figure in found.values():
        assert figure.value is not None
        assert figure.denominator
        assert figure.window[0] < figure.window[1]
        assert figure.comparison
        assert len(figure.spark) == 26
        for language in ("zh", "en"):
            assert figure.written(language)
            assert len(figure.notes(language)) >= 2
            assert read_words(language)[f"figure.{figure.key}"]
            assert f"figure.unit_{figure.unit}" in read_words(language)


def test_new_disputes_by_hand(county):
    rows, _ = messy_county.read(county)
    disputes = rows[rows["stream"] == "dispute"]["week_occurred"].value_counts()
    figure = figures(county)["new_disputes"]
    assert figure.value == figure.numerator == disputes.get(WEEK, 0)
    assert figure.denominator == (rows["week_occurred"] == WEEK).sum()
    assert figure.comparison == {"last_week": disputes.get(WEEK - 1, 0), "same_week_last_year": disputes.get(WEEK - 52, 0)}
    assert figure.spark == tuple(disputes.get(week, 0) for week in range(WEEK - 25, WEEK + 1))


def test_open_and_overdue_by_hand(county):
    rows, _ = messy_county.read(county)
    found = figures(county, NOW)
    alive = rows[rows["closed_at"].isna() | (pd.to_datetime(rows["closed_at"], utc=True) > NOW)]
    ages = (pd.Timestamp(NOW) - pd.to_datetime(alive["reported_at"], utc=True)).dt.days
    assert found["open_incidents"].value == len(alive)
    assert found["open_incidents"].denominator == len(rows)
    assert found["open_incidents"].comparison["oldest_days"] == ages.max()
    assert found["open_incidents"].comparison["median_age_days"] == pytest.approx(ages.median(), abs=1)
    late = pd.to_datetime(alive["due_at"], utc=True) < NOW
    assert (found["overdue_share"].numerator, found["overdue_share"].denominator) == (late.sum(), len(alive))
    assert found["overdue_share"].value == pytest.approx(late.mean())


def test_settled_in_the_village_by_hand(county):
    with write_transaction(county) as writing:
        writing.execute(update(Incident).where(Incident.id % 4 == 0, Incident.closed_at.is_not(None))
                        .values(resolution_level="township"))
        writing.execute(update(Incident).where(Incident.id % 7 == 0, Incident.closed_at.is_not(None))
                        .values(outcome="referred"))
    rows, _ = messy_county.read(county)
    settled = rows[rows["week_closed"].between(WEEK - 12, WEEK) & (rows["outcome"] == "settled")]
    figure = figures(county)["settled_locally_share"]
    assert figure.denominator == len(settled)
    assert figure.numerator == (settled["resolution_level"] == "village").sum()


def test_came_back_counts_reopened_and_repeated_once(county):
    rows, _ = messy_county.read(county)
    last = WEEK - 13
    closed = rows[rows["week_closed"].between(last - 12, last)]
    first, second, third = closed["id"].iloc[:3].tolist()
    with write_transaction(county) as writing:
        at = {row.id: pd.Timestamp(row.closed_at) for row in closed.itertuples()}
        for number, days in ((first, 10), (second, 100)):  # the second came back too late to count
            when = (at[number].tz_localize("UTC") if at[number].tzinfo is None else at[number]) + pd.Timedelta(days=days)
            writing.execute(insert(Step), [{
                "incident_id": number, "source": "t", "source_ref": f"r{number}", "content_hash": "0", "kind": "reopen",
                "occurred_at": when.to_pydatetime(), "recorded_at": min(when.to_pydatetime(), NOW)}])
        later = rows[(rows["week_occurred"] > WEEK - 20) & ~rows["id"].isin([first, second, third])]
        closed_on = pd.Timestamp(at[third])
        closed_on = closed_on.tz_localize("UTC") if closed_on.tzinfo is None else closed_on
        reported = pd.to_datetime(later["reported_at"], utc=True)
        repeat = later[(reported > closed_on) & (reported < closed_on + pd.Timedelta(days=80))]["id"].iloc[0]
        writing.execute(update(Incident).where(Incident.id == int(repeat)).values(repeat_of=third))
    figure = figures(county)["returned_share"]
    assert figure.numerator == 2
    assert figure.denominator == len(closed)
    assert figure.window == (last - 12, last + 1)


def test_silent_village_is_covered_by_its_nil_return(county):
    village = f"{COUNTY}001002"
    with write_transaction(county) as writing:
        writing.exec_driver_sql(f"DELETE FROM steps WHERE incident_id IN (SELECT id FROM incidents WHERE place_code LIKE '{village}%')")
        writing.exec_driver_sql(f"DELETE FROM incidents WHERE place_code LIKE '{village}%'")
    assert (figures(county)["covered_places"].value, figures(county)["covered_places"].denominator) == (11, 12)
    with write_transaction(county) as writing:
        writing.execute(insert(NilReturn), [{
            "source": "t", "source_ref": "n1", "content_hash": "0", "recorded_at": NOW, "place_code": village,
            "stream": None, "period_from": monday_of(WEEK - 4), "period_to": monday_of(WEEK - 3)}])
    assert figures(county)["covered_places"].value == 12
    assert figures(county)["covered_places"].spark[-6:] == (11, 12, 12, 12, 12, 12)


def test_missing_is_never_zero(county):
    with write_transaction(county) as writing:
        writing.execute(update(Incident).values(due_at=None, closed_at=None, week_closed=None, outcome=None))
        writing.exec_driver_sql("DELETE FROM steps WHERE kind = 'close'")
    found = figures(county)
    assert (found["overdue_share"].value, found["overdue_share"].reason) == (None, "no_due_dates")
    assert (found["settled_locally_share"].value, found["settled_locally_share"].reason) == (None, "no_closings")
    assert (found["returned_share"].value, found["returned_share"].reason) == (None, "no_closings")
    assert set(found["overdue_share"].spark) == {None}
    for language in ("zh", "en"):
        assert "0" not in found["overdue_share"].written(language)
        assert found["overdue_share"].notes(language)


def test_share_of_fewer_than_ten_is_given_as_counts(county):
    with write_transaction(county) as writing:
        writing.execute(update(Incident).values(due_at=None))
        writing.execute(update(Incident).where(Incident.closed_at.is_(None), Incident.id < 100).values(due_at=NOW))
    figure = figures(county)["overdue_share"]
    assert 0 < figure.denominator < 10
    assert (figure.value, figure.reason) == (None, "few")
    assert figure.written("en") == f"{figure.numerator}/{figure.denominator}"


def test_figure_words_cover_every_reason():
    for reason in ("no_data", "few", "no_due_dates", "no_closings"):
        for language in ("zh", "en"):
            assert Figure("new_disputes", None, "incidents", None, None, (0, 1), reason=reason).notes(language)


def test_open_of_sources_without_closings_is_not_known(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(closed_at=None, week_closed=None, status="reported"))
    found = figures(county)["open_incidents"]
    assert (found.value, found.reason) == (None, "no_closings")
    assert set(found.spark) == {None}
