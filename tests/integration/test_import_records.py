"""Importing records: dry run, upsert, before-images, masks, steps and their cache, on SQLite and PostgreSQL."""

import gzip
import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from govdesk.actions.importing import DataChangedError
from govdesk.ingest.profiles import ProfileError
from govdesk.ingest.readers import FileRefusedError
from govdesk.rules.access import RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import read_versions
from govdesk.tables import (
    AuditEvent,
    BeforeImage,
    Capacity,
    Category,
    GridVacancy,
    ImportBatch,
    Incident,
    Mediation,
    NilReturn,
    Post,
    Revisit,
    RowNote,
    SourceChange,
    Step,
    Unit,
    WorksProject,
)
from govdesk.terms import DataKind, Role
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, POINT, VILLAGE, about, codes, incident, run

IDENTITY = "11010519491231002X"
MOBILE = "13800138000"


@pytest.fixture
def county():
    """Return an engine on a tiny county without incidents."""
    engine = get_engine()
    tiny_county.build(engine, n_incidents=0)
    return engine


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def everywhere(request):
    """Return the same on each database engine, for what touches the engine's own ways."""
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def state(engine):
    with read_transaction(engine) as connection:
        return {table.__tablename__: connection.scalar(select(func.count()).select_from(table))
                for table in (Incident, Step, ImportBatch, AuditEvent, RowNote, BeforeImage)} | read_versions(connection)


def rows(engine, table):
    with read_transaction(engine) as connection:
        return connection.execute(select(table.__table__)).all()


def test_dry_run_writes_nothing(county, tmp_path):
    before = state(county)
    report = run(county, tmp_path, HEAD + incident(), commit=False)
    assert (report.inserted, report.committed, report.batch) == (1, False, None)
    assert state(county) == before


def test_same_file_twice_changes_nothing(everywhere, tmp_path):
    content = HEAD + incident() + incident("A2", stream="dispute", category="neighbour", lon=POINT[0], lat=POINT[1])
    first = run(everywhere, tmp_path, content)
    after = state(everywhere)
    second = run(everywhere, tmp_path, content)
    assert (first.inserted, second.inserted, second.unchanged, second.batch) == (2, 0, 2, None)
    assert state(everywhere) == after
    assert after["import_batches"] == after["audit_events"] == 1


def test_changed_row_is_updated_and_its_before_image_kept(everywhere, tmp_path):
    run(everywhere, tmp_path, HEAD + incident() + incident("A2"))
    report = run(everywhere, tmp_path, HEAD + incident(category="request_papers") + incident("A2"))
    assert (report.updated, report.unchanged) == (1, 1)
    changed = next(row for row in rows(everywhere, Incident) if row.source_ref == "A1")
    assert (changed.category, changed.batch_id) == ("request_papers", report.batch)
    image = json.loads(rows(everywhere, BeforeImage)[0].image)
    assert image["category"] == "request_road"
    assert changed.recorded_at == changed.reported_at
    assert changed.is_recorded_assumed


def test_first_load_assumes_and_later_loads_take_the_time_of_import(county, tmp_path):
    run(county, tmp_path, HEAD + incident())
    run(county, tmp_path, HEAD + incident("A2"))
    found = {row.source_ref: row for row in rows(county, Incident)}
    assert found["A1"].recorded_at == found["A1"].reported_at
    assert found["A1"].is_recorded_assumed
    assert found["A2"].recorded_at == tiny_county.NOW
    assert not found["A2"].is_recorded_assumed
    assert found["A2"].week_known > found["A2"].week_occurred


def test_three_bad_rows_in_ten_thousand_are_named_and_the_rest_is_kept(everywhere, tmp_path):
    lines = [incident(f"A{n}") for n in range(10_000)]
    lines[17] = incident("A17", stream="what")
    lines[4_000] = incident("A4000", on="1900-01-01")
    lines[9_998] = incident("A9998", place="nowhere")
    report = run(everywhere, tmp_path, HEAD + "".join(lines))
    assert (report.read, report.inserted, report.rejected) == (10_000, 9_997, 3)
    assert [item.line for item in report.errors] == [19, 4_002, 10_000]
    assert {row.line for row in rows(everywhere, RowNote)} == {19, 4_002, 10_000}


def test_strict_writes_nothing_when_a_row_is_bad(everywhere, tmp_path):
    before = state(everywhere)
    report = run(everywhere, tmp_path, HEAD + incident() + incident("A2", stream="what"), strict=True)
    assert not report.committed
    assert state(everywhere) == before


def test_lines_are_those_of_an_editor(county, tmp_path):
    content = HEAD + incident() + "\n" + 'A2,request,"request_road","' + VILLAGE + '","","","2026-03-01","2026-03-01\n"\n'
    report = run(county, tmp_path, content + incident("A3", stream="what"))
    assert report.accepted == 2
    assert report.errors[0].line == 6


def test_equal_rows_are_duplicates_and_differing_ones_name_both_lines(county, tmp_path):
    report = run(county, tmp_path, HEAD + incident() + incident() + incident(category="request_papers"))
    assert (report.inserted, report.duplicates, report.rejected) == (1, 1, 1)
    assert dict(report.errors[0].values)["first"] == "2"
    assert report.errors[0].line == 4


def test_rows_without_numbers_are_known_by_content_and_ordinal(county, tmp_path):
    line = incident(ref="").removeprefix(",")
    content = HEAD.removeprefix("source_ref,") + line * 3 + line.replace("request_road", "request_papers")
    assert run(county, tmp_path, content).inserted == 4
    again = run(county, tmp_path, content + line)
    assert (again.unchanged, again.inserted) == (4, 1)


def test_corrections_count_from_when_they_were_recorded(county, tmp_path):
    content = ("source_ref,stream,place_code,occurred_on,recorded_at,weight\n"
               f"A1,request,{VILLAGE},2026-01-05,2026-01-06,1\nA2,request,{VILLAGE},2026-01-05,2026-04-06,-1\n")
    run(county, tmp_path, content)
    found = {row.source_ref: row for row in rows(county, Incident)}
    assert (found["A1"].weight, found["A2"].weight) == (1, -1)
    assert found["A2"].week_known - found["A1"].week_known == 13
    assert found["A1"].week_occurred == found["A2"].week_occurred


def test_homes_are_snapped_and_hazards_stay_exact(county, tmp_path):
    lon, lat = POINT
    content = HEAD + "".join(
        incident(stream, stream=stream, category=category, lon=lon, lat=lat)
        for stream, category in [("dispute", "neighbour"), ("petition", "petition_land"), ("public_order", "order_theft"),
                                 ("hazard", "hazard_fire"), ("request", "request_road")])
    run(county, tmp_path, content)
    for row in rows(county, Incident):
        is_exact = (row.lon, row.lat) == (lon, lat)
        assert is_exact == (row.stream in ("hazard", "request"))
        assert row.point_kind == ("exact" if is_exact else "snapped")
        assert row.cell_county
        assert row.cell_township
    run(county, tmp_path, content.replace("2026-03-01 09", "2026-03-01 10"))
    for row in rows(county, BeforeImage):
        image = json.loads(row.image)
        assert (image["lon"] == lon) == (image["stream"] in ("hazard", "request"))


def test_numbers_of_persons_are_masked_everywhere(everywhere, tmp_path):
    profile = INCIDENTS + '[fields.summary]\nfrom = "text"\n'
    content = (HEAD.strip() + ",text,channel\n"
               + incident(IDENTITY).strip() + f",call {MOBILE},\n"
               + incident("A2").strip() + f",id {IDENTITY} and 138-0013-8000,{MOBILE}\n")
    report = run(everywhere, tmp_path, content, profile, name=f"{MOBILE}.csv")
    assert report.masked == 3
    stored = repr([rows(everywhere, table) for table in (Incident, RowNote, ImportBatch, AuditEvent, BeforeImage)])
    assert MOBILE not in stored + repr(report)
    assert IDENTITY not in stored + repr(report)
    assert report.accepted == 1
    assert run(everywhere, tmp_path, content, profile).unchanged == 1


HOSTILE = ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "\u202e\u2067gnp.exe", "a\x00b", "'; DROP TABLE incidents;--",
           "{0.__class__}", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "x" * 6_000, "%s%n", "\\N"]


def test_hostile_text_is_kept_as_text_or_cut(everywhere, tmp_path):
    profile = INCIDENTS + '[fields.summary]\nfrom = "text"\n'
    lines = [incident(f"A{n}").strip() + f',"{text}"\n' for n, text in enumerate(HOSTILE)]
    report = run(everywhere, tmp_path, HEAD.strip() + ",text\n" + "".join(lines), profile)
    assert report.inserted == len(HOSTILE)
    stored = {row.source_ref: row.summary for row in rows(everywhere, Incident)}
    for n, text in enumerate(HOSTILE):
        clean = text.replace("\x00", "").replace("\u202e", "").replace("\u2067", "")
        assert stored[f"A{n}"] == clean[:5_000]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("column", ["source_ref", "stream", "category", "place_code", "occurred_on", "lon"])
def test_hostile_text_in_any_column_breaks_nothing(county, tmp_path, text, column):
    values = dict(zip(HEAD.strip().split(","), incident().strip().split(","), strict=True)) | {column: text}
    content = HEAD + ",".join('"' + value.replace('"', '""') + '"' for value in values.values()) + "\n"
    report = run(county, tmp_path, content)
    assert report.accepted + report.rejected == 1
    assert len(rows(county, Incident)) == report.inserted


def test_place_by_name_and_parent(county, tmp_path):
    profile = 'about = "incidents"\nname = "t"\nsample = true\n[fields]\nstream = { constant = "request" }\nreported_at = { from = "at" }\n'
    profile += '[place.name]\nfrom = "village"\n[place.parent]\nfrom = "town"\n'
    report = run(county, tmp_path, "at,town,village\n2026-03-01,第2镇,第2镇3村\n2026-03-01,第1镇,第2镇3村\n", profile)
    assert (report.inserted, report.rejected) == (1, 1)
    assert rows(county, Incident)[0].place_code == "990101002003"


def test_point_on_an_edge_has_one_owner(county, tmp_path):
    profile = ('about = "incidents"\nname = "t"\nsample = true\n[fields]\nstream = { constant = "hazard" }\n'
               'reported_at = { from = "at" }\n[place.point]\nlevel = "village"\n[point]\nlon = { from = "x" }\nlat = { from = "y" }\n')
    # The corner of four villages, and an edge of two: the upper right one has it.
    report = run(county, tmp_path, "at,x,y\n2026-03-01,111.12,27.03\n2026-03-02,111.05,27.03\n", profile)
    assert report.inserted == 2
    assert [row.place_code for row in rows(county, Incident)] == ["990101002002", "990101001002"]


def test_converted_point_is_where_the_database_draws_it(county, tmp_path):
    profile = INCIDENTS + '[point]\ncrs = "gcj02"\nconvert = true\nlon = { from = "lon" }\nlat = { from = "lat" }\n'
    run(county, tmp_path, HEAD + incident(lon=POINT[0], lat=POINT[1]), profile)
    row = rows(county, Incident)[0]
    assert 0.001 < abs(row.lon - POINT[0]) < 0.01


def test_a_grid_before_its_split_is_its_predecessor(county, tmp_path):
    report = run(county, tmp_path, HEAD + incident(place=f"{VILLAGE}-01a", on="2026-02-01", at="2026-02-01"))
    assert "place_replaced" in codes(report)
    assert rows(county, Incident)[0].place_code == f"{VILLAGE}-01"


def test_missing_column_suggests_the_nearest(county, tmp_path):
    with pytest.raises(FileRefusedError, match="straem"):
        run(county, tmp_path, HEAD.replace("stream", "straem"))


def test_repeat_is_linked_even_when_the_earlier_row_comes_later(everywhere, tmp_path):
    content = HEAD.strip() + ",repeat_of\n" + incident("A2").strip() + ",A1\n" + incident("A1").strip() + ",\n"
    run(everywhere, tmp_path, content)
    found = {row.source_ref: row for row in rows(everywhere, Incident)}
    assert found["A2"].repeat_of == found["A1"].id


STEPS = "source_ref,incident_ref,kind,occurred_at,level,outcome,due_at,note\n"


def test_steps_fill_the_cache_and_a_later_import_of_incidents_keeps_it(everywhere, tmp_path):
    run(everywhere, tmp_path, HEAD.strip() + ",due_at\n" + incident().strip() + ",2026-04-01\n")
    content = STEPS + ("S1,A1,report,2026-03-01 09:00:00,,,,\nS2,A1,accept,2026-03-02,,,,\n"
                       f"S3,A1,extend,2026-03-03,,,2026-05-01,asked by {MOBILE}\nS4,A1,close,2026-03-08 23:30:00,village,settled,,\n")
    report = run(everywhere, tmp_path, content, about("steps"))
    assert (report.inserted, report.masked) == (4, 1)
    row = rows(everywhere, Incident)[0]
    assert (row.status, row.outcome, row.resolution_level, row.n_steps) == ("closed", "settled", "village", 4)
    assert row.due_at > row.due_given_at
    assert row.week_closed == row.week_occurred + 1
    run(everywhere, tmp_path, HEAD.strip() + ",due_at\n" + incident(category="request_papers").strip() + ",2026-04-02\n")
    after = rows(everywhere, Incident)[0]
    assert (after.category, after.status, after.closed_at, after.due_at) == ("request_papers", "closed", row.closed_at, row.due_at)
    assert run(everywhere, tmp_path, content, about("steps")).unchanged == 4


def test_a_step_is_never_edited(county, tmp_path):
    run(county, tmp_path, HEAD + incident())
    run(county, tmp_path, STEPS + "S1,A1,accept,2026-03-02,,,,\n", about("steps"))
    report = run(county, tmp_path, STEPS + "S1,A1,accept,2026-03-03,,,,\nS2,A1,close,2026-03-04,,,,\n", about("steps"))
    assert codes(report) == {"step_edited"}
    assert {row.source_ref for row in rows(county, Step)} == {"S1", "S2"}


def test_columns_that_tell_a_closing_become_steps(everywhere, tmp_path):
    profile = INCIDENTS + "".join(f'[fields.{name}]\nfrom = "{name}"\n' for name in ("closed_at", "outcome", "resolution_level"))
    content = HEAD.strip() + ",closed_at,outcome,resolution_level\n"
    run(everywhere, tmp_path, content + incident().strip() + ",,,\n", profile)
    assert rows(everywhere, Step) == []
    closed = content + incident().strip() + ",2026-03-05 10:00:00,settled,village\n"
    assert run(everywhere, tmp_path, closed, profile).updated == 1
    assert (rows(everywhere, Incident)[0].status, rows(everywhere, Incident)[0].outcome) == ("closed", "settled")
    assert run(everywhere, tmp_path, closed, profile).unchanged == 1
    run(everywhere, tmp_path, closed.replace("03-05 10", "03-06 10"), profile)
    assert len(rows(everywhere, Step)) == 2
    assert rows(everywhere, Incident)[0].closed_at == max(row.occurred_at for row in rows(everywhere, Step))


OTHERS = {
    "mediations": (Mediation, "source_ref,incident_ref,channel,method,level,started_on,ended_on,is_settled\nM1,A1,people,joint,village,2026-03-02,2026-03-09,1\n", "joint,village", "sitting,village"),
    "revisits": (Revisit, "source_ref,incident_ref,revisited_on,result,satisfaction\nR1,A1,2026-04-01,settled,5\n", ",5", ",4"),
    "works": (WorksProject, f"source_ref,name,kind,place_code,started_on,ended_on\nW9,水渠,water,{VILLAGE},2026-03-01,2027-03-01\n", "water", "road"),
    "nil_returns": (NilReturn, f"source_ref,place_code,stream,period_from,period_to\nN1,{VILLAGE},,2026-03-01,2026-04-01\n", "N1", "N1"),
    "source_changes": (SourceChange, f"source_ref,on,kind,place_code,note\nC1,2026-03-01,new_app,{VILLAGE},=1+1\n", "new_app", "new_form"),
    "units": (Unit, f"code,name,kind,place_code,parent_code\nU-9,司法所,bureau,{VILLAGE},U-CENTRE\n", "司法所", "司法局"),
    "posts": (Post, f"code,title,unit_code,place_code,valid_from,valid_to\nP-9,网格员,U-CENTRE,{VILLAGE},2020-01-01,\n", "网格员", "专职网格员"),
}


@pytest.mark.parametrize("kind", list(OTHERS))
def test_every_other_kind_inserts_updates_and_repeats(everywhere, tmp_path, kind):
    table, content, old, new = OTHERS[kind]
    run(everywhere, tmp_path, HEAD + incident())
    before = len(rows(everywhere, table))
    first = run(everywhere, tmp_path, content, about(kind))
    assert (first.inserted, first.rejected, first.committed) == (1, 0, True)
    assert len(rows(everywhere, table)) == before + 1
    assert run(everywhere, tmp_path, content, about(kind)).unchanged == 1
    if old != new:
        assert run(everywhere, tmp_path, content.replace(old, new), about(kind)).updated == 1
        assert len(rows(everywhere, table)) == before + 1


def test_vacancies_need_a_known_post(everywhere, tmp_path):
    run(everywhere, tmp_path, OTHERS["posts"][1], about("posts"))
    content = "source_ref,post_code,from_on,to_on\nV1,P-9,2026-01-01,2026-05-01\nV2,P-8,2026-01-01,\n"
    report = run(everywhere, tmp_path, content, about("vacancies"))
    assert (report.inserted, report.rejected) == (1, 1)
    assert [row.post_code for row in rows(everywhere, GridVacancy)] == ["P-9"]


def test_capacities_are_counts_of_places_of_their_day(everywhere, tmp_path):
    content = ("source_ref,place_code,kind,n,counted_on\nC1,990101001001,legal_guide,3,2026-01-15\n"
               "C2,990101001002,法律明白人,0,2026-01-15\nC3,990101001003,legal_guide,-1,2026-01-15\n"
               "C4,990101001004,lawyer,1,2026-01-15\nC5,990101009001,legal_guide,1,2026-01-15\n"
               "C6,990101001001,legal_guide,,2026-01-15\nC7,990101001001-01,legal_guide,1,2026-01-15\n")
    report = run(everywhere, tmp_path, content, about("capacities"))
    assert (report.inserted, report.rejected) == (3, 4)
    found = sorted((row.place_code, row.kind, row.n) for row in rows(everywhere, Capacity))
    assert found[:2] == [("990101001001", "legal_guide", 3), ("990101001001-01", "legal_guide", 1)]
    assert found[2] == ("990101001002", "legal_guide", 0)
    assert run(everywhere, tmp_path, content, about("capacities")).unchanged == 3
    assert run(everywhere, tmp_path, content.replace("guide,3", "guide,4"), about("capacities")).updated == 1


def test_new_categories_come_with_the_profile(everywhere, tmp_path):
    profile = INCIDENTS + '[[category]]\ncode = "street_light"\nstream = "request"\nname_zh = "路灯"\nname_en = "Street lights"\n'
    assert run(everywhere, tmp_path, HEAD + incident(category="street_light"), profile).inserted == 1
    assert "street_light" in {row.code for row in rows(everywhere, Category)}
    with pytest.raises(ProfileError, match="stream"):
        run(everywhere, tmp_path, HEAD + incident(), profile.replace('"request"', '"hazard"'))


@pytest.mark.parametrize("name", ["f.csv", "f.tsv", "f.csv.gz", "f.parquet", "f.xlsx", "gb.csv", "utf16.csv", "semicolon.csv"])
def test_every_format_gives_the_same_rows(county, tmp_path, name):
    frame = pd.DataFrame({
        "source_ref": ["007", "08"], "stream": ["矛盾纠纷", "Requests"], "category": ["邻里", "道路维修"], "place_code": [VILLAGE, VILLAGE],
        "occurred_on": ["2026-03-01", "2026/3/2"], "n_people": ["2", "3"]})
    path = tmp_path / name
    text = frame.to_csv(index=False, sep="\t" if "tsv" in name else ";" if "semi" in name else ",")
    if name.endswith("parquet"):
        frame.astype({"n_people": "int64"}).to_parquet(path)
    elif name.endswith("xlsx"):
        frame.astype({"n_people": "float64"}).to_excel(path, index=False, engine="xlsxwriter")
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode({"gb.csv": "gb18030", "utf16.csv": "utf-16"}.get(name, "utf-8-sig")))
    assert run(county, tmp_path, path.read_bytes(), name=name).inserted == 2
    found = sorted(rows(county, Incident), key=lambda row: row.source_ref)
    assert [(row.source_ref, row.stream, row.category, row.n_people) for row in found] == [
        ("007", "dispute", "neighbour", 2), ("08", "request", "request_road", 3)]


def test_missing_sheet_names_the_sheets(county, tmp_path):
    path = tmp_path / "book.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(path, sheet_name="三月", index=False, engine="xlsxwriter")
    with pytest.raises(FileRefusedError, match="三月"):
        run(county, tmp_path, path.read_bytes(), INCIDENTS + '[file]\nsheet = "April"\n', name="book.xlsx")


def test_sample_and_real_never_mix(county, tmp_path):
    with pytest.raises(ProfileError, match="never mix"):
        run(county, tmp_path, HEAD + incident(), INCIDENTS.replace("sample = true", "sample = false"))


def test_database_without_places_refuses(empty_engine, tmp_path):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    with pytest.raises(FileRefusedError) as refused:
        run(empty_engine, tmp_path, HEAD + incident())
    assert refused.value.note.code == "places_missing"


def test_leader_may_not_import(county, tmp_path):
    with pytest.raises(RefusedError):
        run(county, tmp_path, HEAD + incident(), by=Scope(account="local_leader", role=Role.LEADER))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["", "B1", "B2", "B3"]), st.sampled_from(["request_road", "request_papers"]),
                          st.dates(min_value=pd.Timestamp("1985-01-01").date(), max_value=pd.Timestamp("2027-06-01").date())),
                min_size=1, max_size=12))
def test_importing_again_is_idempotent(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("again")
    engine = get_engine(f"sqlite:///{folder / 'again.db'}")
    tiny_county.build(engine, n_incidents=0, townships=1, villages=1, grids=1)
    content = HEAD + "".join(incident(ref, category=category, on=on, at=on) for ref, category, on in drawn)
    first = run(engine, folder, content)
    assert first.read == first.inserted + first.rejected + first.duplicates
    after = state(engine)
    second = run(engine, folder, content)
    assert (second.inserted, second.updated, second.unchanged) == (0, 0, first.inserted)
    assert state(engine) == after
    engine.dispose()


def test_month_that_is_not_over_is_known_now_and_stays_the_same_content(county, tmp_path, monkeypatch):
    content = "source_ref,stream,place_code,occurred_on,month\n" + f"A1,request,{VILLAGE},2026-11-05,2026-11\n"
    profile = INCIDENTS + '[fields.recorded_at]\nfrom = "month"\nformats = ["%Y-%m"]\ntransform = "first_instant_of_month_after"\n'
    report = run(county, tmp_path, content, profile)
    assert "recorded_in_future" in codes(report)
    assert rows(county, Incident)[0].recorded_at == tiny_county.NOW
    monkeypatch.setenv("GOVDESK_NOW", "2026-12-24T02:00:00+00:00")
    get_settings.cache_clear()
    assert run(county, tmp_path, content, profile).unchanged == 1


def test_post_of_a_grid_that_was_split_keeps_its_grid(county, tmp_path):
    content = f"code,title,unit_code,place_code\nP-1,网格员,U-CENTRE,{VILLAGE}-01\n"
    assert run(county, tmp_path, content, about("posts")).inserted == 1
    assert rows(county, Post)[0].place_code == f"{VILLAGE}-01"


def test_batch_is_known_by_the_name_the_file_came_with(county, tmp_path):
    run(county, tmp_path, HEAD + incident(), file_name="台账 13800138000.csv")
    with read_transaction(county) as connection:
        assert connection.scalar(select(ImportBatch.file_name)) == "台账 ***.csv"


def test_nothing_is_written_when_the_data_is_not_what_the_dry_run_saw(county, tmp_path):
    with read_transaction(county) as connection:
        seen = read_versions(connection)
    run(county, tmp_path, HEAD + incident("B1"), expected={"incidents": seen["incidents"], "places": seen["places"]})
    with pytest.raises(DataChangedError, match="incidents"):
        run(county, tmp_path, HEAD + incident("B2"), expected={"incidents": seen["incidents"]})
    with read_transaction(county) as connection:
        assert connection.scalars(select(Incident.source_ref)).all() == ["B1"]
