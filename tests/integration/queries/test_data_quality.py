"""Data quality by value: fields that are there, days until the record, what villages said, files, the change log."""

import math
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from govdesk.actions.merge_incidents import merge_incidents
from govdesk.clock import day_start, monday_of, week_of
from govdesk.queries.data_quality import ARRIVAL_WEEKS, RECENT_WEEKS, read_arrivals
from govdesk.queries.data_quality_parts import count_merged, count_voices, list_batch_sums, list_source_log
from govdesk.queries.instants import complete_week
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import ImportBatch, Incident, NilReturn, SourceChange
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

END = complete_week(NOW) + 1
FIRST, SECOND = f"{COUNTY}001", f"{COUNTY}002"
MINE = Scope("t", Role.TOWNSHIP, SECOND)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    """Return a county with eleven records in the first township and two in the second, in all windows."""
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=20)
    with write_transaction(engine) as connection:
        plain = dict(connection.execute(select(Incident.__table__).where(Incident.id == 1)).mappings().one())
        connection.execute(delete(tiny_county.Step))
        connection.execute(delete(Incident))
        plain |= {"category": "neighbour", "stream": "dispute", "place_code": f"{FIRST}002-01", "repeat_of": None,
                  "closed_at": None, "week_closed": None, "resolution_level": None, "outcome": None}
        recent, arrived = monday_of(END - 1), monday_of(END - ARRIVAL_WEEKS - 1)
        rows = [{}, {"category": "unclassified_dispute"}, {"lon": None}, {"point_kind": "place"}, {"channel": None},
                {"handling_unit": None, "place_code": FIRST}, {"is_recorded_assumed": True, "weight": 1},
                {"closed_at": NOW, "week_closed": END, "resolution_level": "village"},
                {"closed_at": NOW, "week_closed": END}, {"weight": -1, "channel": "hotline"}, {"is_counted": 0}]
        made = [row | {"occurred_on": recent, "delay": 0} for row in rows]
        # Eight of the arrived window: known after 0, 3, 4, 7, 8, 20 days, one of an assumed time, one too old.
        made += [{"occurred_on": arrived, "delay": days} for days in (0, 3, 4, 7, 8, 20)]
        made += [{"occurred_on": arrived, "delay": 0, "is_recorded_assumed": True},
                 {"occurred_on": monday_of(END - ARRIVAL_WEEKS - RECENT_WEEKS - 1), "delay": 0}]
        made += [{"occurred_on": arrived, "delay": 1, "place_code": f"{SECOND}001-01", "source": "hotline", "channel": "hotline"},
                 {"occurred_on": arrived, "delay": 45, "place_code": f"{SECOND}001-01"}]  # known after NOW: not yet
        for number, row in enumerate(made, 1):
            on, delay = row["occurred_on"], row.pop("delay")
            connection.execute(insert(Incident), [plain | {
                "id": number, "source_ref": f"D{number}", "week_occurred": week_of(on),
                "recorded_at": day_start(on) + timedelta(days=delay, hours=23, minutes=30)} | row])
    return engine


def read(engine, query, *args, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def test_fields_and_days_by_township(county):
    found = read(county, read_arrivals, NOW)
    assert found.recent == (END - 13, END)
    assert found.arrived == (END - 17, END - 4)
    rows = found.rows.set_index("district")
    one = rows.loc[FIRST]
    # Ten counted of the recent week, one of them a correction (−1): 9 − 1 = 8; and seven of the arrived window lie in
    # the recent one, too (weeks END − 5 ≥ END − 13).
    assert one["n"] == 8 + 7
    assert one["n_classified"] == 7 + 7
    assert one["n_village"] == 7 + 7
    assert one["n_point"] == 6 + 7
    assert one["n_channel"] == 7 + 7
    assert one["n_unit"] == 7 + 7
    assert one["n_own_time"] == 7 + 6
    assert (one["n_closed"], one["n_level"]) == (2, 1)
    assert (one["n_timed"], one["n_prompt"], one["n_timely"]) == (6, 2, 4)
    assert one["median_days"] == 5.5
    assert one["last_days"] == (date(2026, 11, 22) - monday_of(END - 1)).days
    assert (rows.loc[SECOND, "n"], rows.loc[SECOND, "n_timed"], rows.loc[SECOND, "n_prompt"]) == (1, 1, 1)
    assert f"{COUNTY}003" not in rows.index


def test_by_channel_and_source_and_inside_one_place(county):
    channels = read(county, read_arrivals, NOW, "channel").rows.set_index("channel")["n"].to_dict()
    assert channels == {"": 1, "grid_worker": 15, "hotline": 0}
    sources = read(county, read_arrivals, NOW, "source").rows.set_index("source")["n"].to_dict()
    assert sources == {"hotline": 1, "tiny": 15}
    inside = read(county, read_arrivals, NOW, "source", SECOND).rows
    assert inside["source"].tolist() == ["hotline"]
    assert read(county, read_arrivals, NOW, scope=MINE).rows["district"].tolist() == [SECOND]
    assert read(county, read_arrivals, NOW, scope=Scope("x", Role.CLERK, "nowhere")).rows.empty


def test_nothing_timed_has_no_median(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(is_recorded_assumed=True))
    rows = read(county, read_arrivals, NOW).rows.set_index("district")
    assert math.isnan(rows.loc[FIRST, "median_days"])
    assert rows.loc[FIRST, "n_timed"] == 0


def test_what_is_about_the_own_unit_is_not_counted(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-LAND"))
    rows = read(county, read_arrivals, NOW, scope=Scope("x", Role.TOWNSHIP, unit_code="U-LAND")).rows
    assert rows.set_index("district").loc[FIRST, "n"] == 14


def test_village_weeks_that_spoke_said_nil_or_were_silent(county):
    with write_transaction(county) as connection:
        connection.execute(insert(NilReturn), [{
            "source": "n", "source_ref": "1", "content_hash": "0", "recorded_at": NOW, "place_code": f"{FIRST}003",
            "period_from": monday_of(END - 2), "period_to": monday_of(END)}])
    rows = read(county, count_voices, END - 2, END, NOW).set_index("district")
    assert rows.loc[FIRST].to_dict() == {"n_weeks": 8, "n_reported": 1, "n_nil": 2, "n_silent": 5, "n_villages": 4}
    assert rows.loc[SECOND, "n_silent"] == 8
    assert read(county, count_voices, END - 2, END, NOW, scope=MINE)["district"].tolist() == [SECOND]
    assert read(county, count_voices, END, END, NOW).empty


def test_merged_are_counted_where_they_lay(county):
    merge_incidents(county, by=SYSTEM, incident_id=1, into_id=2)
    assert read(county, count_merged, END - 13, END).to_dict("records") == [{"district": FIRST, "n_merged": 1}]
    assert read(county, count_merged, END - 13, END, scope=MINE).empty
    assert read(county, count_merged, END - 13, END - 1).empty
    assert read(county, read_arrivals, NOW).rows.set_index("district").loc[FIRST, "n"] == 14


def _batch(**values):
    return {"about": "incidents", "profile": "p", "file_name": "f", "file_hash": "0", "by": "x", "at": NOW, "n_read": 10,
            "n_inserted": 7, "n_updated": 0, "n_unchanged": 0, "n_rejected": 3, "n_masked": 2} | values


def test_files_are_summed_by_source_and_kind_and_are_nobodys_in_one_area(county):
    with write_transaction(county) as connection:
        connection.execute(delete(ImportBatch))
        connection.execute(insert(ImportBatch), [_batch()])
        connection.execute(insert(ImportBatch), [_batch(source="hotline", n_read=5)])
        connection.execute(insert(ImportBatch), [_batch(source="hotline", n_rejected=1, at=NOW - timedelta(days=1))])
        connection.execute(insert(ImportBatch), [_batch(source="hotline", withdrawn_at=NOW)])
        connection.execute(insert(ImportBatch), [_batch(source="hotline", at=NOW - timedelta(days=91))])
    rows = read(county, list_batch_sums, NOW - timedelta(days=90))
    assert rows[["source", "n_batches", "n_read", "n_rejected", "n_masked"]].values.tolist() == [
        ["hotline", 2, 15, 4, 4], ["p", 1, 10, 3, 2]]
    assert read(county, list_batch_sums, NOW - timedelta(days=90), scope=MINE).empty


def test_log_names_who_told_and_holds_what_concerns_the_area(county):
    with write_transaction(county) as connection:
        batch = connection.execute(insert(ImportBatch).values(**_batch(by="local_clerk"))).inserted_primary_key[0]
        plain = {"source": "s", "content_hash": "0", "recorded_at": NOW, "kind": "new_app", "batch_id": None,
                 "place_code": None, "note": None}
        connection.execute(insert(SourceChange), [
            plain | {"source_ref": "1", "on": date(2026, 3, 1), "place_code": FIRST, "batch_id": batch, "note": "新表"},
            plain | {"source_ref": "2", "on": date(2026, 5, 1)},
            plain | {"source_ref": "3", "on": date(2026, 4, 1), "place_code": f"{SECOND}001"}])
    rows = read(county, list_source_log)
    assert rows["on"].dt.date.tolist() == [date(2026, 5, 1), date(2026, 4, 1), date(2026, 3, 1)]
    assert rows.iloc[2][["place_name", "by", "note"]].tolist() == ["第1镇", "local_clerk", "新表"]
    assert len(read(county, list_source_log, scope=MINE)) == 2
