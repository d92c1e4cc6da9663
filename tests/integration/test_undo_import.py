"""Undoing a batch: everything as if the file had never come, refused where later work rests on it."""

import json
import random

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from govdesk.actions.undo_import import AlreadyUndoneError, BatchHeldError
from govdesk.cli import app
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.record_checks import FormRefusedError
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import (
    Account,
    AuditEvent,
    Call,
    EscalationEvent,
    ImportBatch,
    Incident,
    Mediation,
    MediationSession,
    Photo,
    Post,
    Step,
    WithdrawnRow,
)
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, VILLAGE, about, incident, run
from tests.support.undoing import check_sums, differences, picture, undo

CLOSING = INCIDENTS + '[fields.closed_at]\nfrom = "closed_at"\n'
STEPS = about("steps", incident_source='"t"')
STEP_HEAD = "source_ref,incident_ref,kind,occurred_at,recorded_at\n"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request):
    """Return a county with one file imported, on each engine."""
    found = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(found, n_incidents=40)
    return found


def incidents(engine, folder, *rows, head=HEAD, **options):
    return run(engine, folder, head + "".join(rows), **options).batch


def kinds(error):
    return [(one.kind, one.batch_id, one.n) for one in error.value.dependants]


def test_undone_incidents_leave_everything_as_before(engine, tmp_path):
    first = incidents(engine, tmp_path, incident("A1"), incident("A2", at="2026-03-02 10:00:00"))
    before = picture(engine)
    second = incidents(
        engine, tmp_path, incident("A2", category="request_sanitation", on="2026-02-01", at="2026-02-03 11:00:00"),
        incident("A3"), head=HEAD.replace("reported_at", "reported_at"))
    closing = HEAD.strip() + ",closed_at\n"
    third = run(engine, tmp_path, closing + incident("A1", at="2026-03-01 09:00:00").strip() + ",2026-04-01\n",
                CLOSING).batch
    assert picture(engine) != before
    assert (first, second, third) == (1, 2, 3)
    done = undo(engine, third)
    assert (done.n_withdrawn, done.n_restored) == (0, 1)
    check_sums(engine)
    undo(engine, second)
    check_sums(engine)
    assert not (found := differences(picture(engine), before)), found
    with read_transaction(engine) as connection:
        kept = connection.scalars(select(Incident.source_ref).where(Incident.source == "t").order_by(Incident.id)).all()
        assert kept == ["A1", "A2", "A3"], "nothing is deleted"
        batch = connection.execute(select(ImportBatch).where(ImportBatch.id == second)).one()
        assert (batch.withdrawn_by, batch.withdrawn_at) == ("system", tiny_county.NOW)


def test_undo_is_audited_and_counts_as_a_change(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    with read_transaction(engine) as connection:
        version = read_versions(connection)["incidents"]
    undo(engine, batch, reason="  sent twice,\n call 13800138000 ")
    with read_transaction(engine) as connection:
        event = connection.execute(select(AuditEvent).where(AuditEvent.action == "undo_import")).one()
        assert (event.subject, event.subject_key) == ("import_batches", str(batch))
        assert json.loads(event.detail) == {"about": "incidents", "reason": "sent twice, call ***", "restored": 0, "withdrawn": 1}
        assert read_versions(connection)["incidents"] == version + 1


def test_dry_run_writes_nothing(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    before = picture(engine)
    done = undo(engine, batch, commit=False)
    assert (done.n_withdrawn, done.is_committed) == (1, False)
    assert not (found := differences(picture(engine), before)), found


def test_second_undo_is_refused(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    undo(engine, batch)
    with pytest.raises(AlreadyUndoneError):
        undo(engine, batch)
    with pytest.raises(LookupError):
        undo(engine, 99)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_reason_is_needed(engine, tmp_path, reason):
    batch = incidents(engine, tmp_path, incident("A1"))
    with pytest.raises(FormRefusedError):
        undo(engine, batch, reason=reason)


def test_leader_may_not_undo_and_an_area_undoes_only_its_own(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    with pytest.raises(RefusedError):
        undo(engine, batch, by=Scope("local_leader", Role.LEADER))
    with pytest.raises(LookupError):
        undo(engine, batch, by=Scope("other", Role.CLERK, area_code="990101001"))


def test_same_file_brings_undone_incidents_and_their_steps_back(engine, tmp_path):
    rows = HEAD.strip() + ",closed_at\n" + incident("A1").strip() + ",2026-04-01\n" + incident("A2").strip() + ",\n"
    batch = run(engine, tmp_path, rows, CLOSING).batch
    after = picture(engine)
    undo(engine, batch)
    again = run(engine, tmp_path, rows, CLOSING)
    assert (again.inserted, again.updated, again.unchanged) == (2, 0, 0)
    check_sums(engine)
    assert not (found := differences(picture(engine), after)), found
    assert run(engine, tmp_path, rows, CLOSING).unchanged == 2
    undo(engine, again.batch)
    check_sums(engine)
    changed = run(engine, tmp_path, rows.replace("2026-04-01", "2026-05-01"), CLOSING)
    assert changed.inserted == 2
    check_sums(engine)


def test_later_change_of_the_same_rows_holds_a_batch(engine, tmp_path):
    first = incidents(engine, tmp_path, incident("A1"), incident("A2"))
    second = incidents(engine, tmp_path, incident("A1", on="2026-02-02"))
    third = incidents(engine, tmp_path, incident("A1", on="2026-02-01"))
    with pytest.raises(BatchHeldError) as error:
        undo(engine, first)
    assert kinds(error) == [("changed", second, 1)]
    with pytest.raises(BatchHeldError) as error:
        undo(engine, second)
    assert kinds(error) == [("changed", third, 1)]
    for batch in (third, second, first):
        undo(engine, batch)
        check_sums(engine)


def test_text_that_looks_like_a_before_image_holds_nothing(engine, tmp_path):
    profile = INCIDENTS + '[fields.summary]\nfrom = "summary"\n'
    head = HEAD.strip() + ",summary\n"
    first = incidents(engine, tmp_path, incident("A1"))
    text = '"say ""batch_id"": 1, now"'
    run(engine, tmp_path, head + incident("A2").strip() + f",{text}\n", profile)
    third = run(engine, tmp_path, head + incident("A2", on="2026-02-02").strip() + f",{text}\n", profile).batch
    assert third == 3
    undo(engine, first)


def test_steps_mediations_and_repeats_of_later_files_hold_a_batch(engine, tmp_path):
    first = incidents(engine, tmp_path, incident("A1"), incident("A2"))
    steps = run(engine, tmp_path, STEP_HEAD + "S1,A1,accept,2026-03-02,\nS2,A2,accept,2026-03-02,\n", STEPS).batch
    mediations = run(
        engine, tmp_path, "source_ref,incident_ref,channel,method,level,started_on\nM1,A1,people,direct,village,2026-03-05\n".replace(
            "people", "people_committee").replace("direct", "face_to_face"), about("mediations"))
    if not mediations.batch:  # whatever the codes are: one row straight into the table
        with write_transaction(engine) as connection:
            number = connection.scalar(select(Incident.id).where(Incident.source_ref == "A1"))
            connection.execute(insert(Mediation).values(
                source="m", source_ref="M1", content_hash="0", recorded_at=tiny_county.NOW, incident_id=number,
                channel="people", method="direct", level="village", started_on=tiny_county.UNTIL))
    repeat = incidents(engine, tmp_path, incident("B1").strip() + ",A2\n", head=HEAD.strip() + ",repeat_of\n")
    with pytest.raises(BatchHeldError) as error:
        undo(engine, first)
    assert kinds(error) == [("steps", steps, 2), ("mediations", mediations.batch, 1), ("repeats", repeat, 1)]
    undo(engine, steps)
    undo(engine, repeat)
    with pytest.raises(BatchHeldError) as error:
        undo(engine, first)
    assert [kind for kind, *_ in kinds(error)] == ["mediations"]


def test_merged_incidents_hold_a_batch(engine, tmp_path):
    first = incidents(engine, tmp_path, incident("A1"), incident("A2"))
    with write_transaction(engine) as connection:
        ids = connection.scalars(select(Incident.id).where(Incident.source == "t").order_by(Incident.id)).all()
        connection.execute(update(Incident).where(Incident.id == ids[1]).values(merged_into=ids[0], is_counted=0))
    with pytest.raises(BatchHeldError) as error:
        undo(engine, first)
    assert kinds(error) == [("merged", None, 1)]


def test_undone_change_leaves_a_merging_alone(engine, tmp_path):
    incidents(engine, tmp_path, incident("A1"), incident("A2"))
    second = incidents(engine, tmp_path, incident("A2", on="2026-02-02"))
    with write_transaction(engine) as connection:
        ids = connection.scalars(select(Incident.id).where(Incident.source == "t").order_by(Incident.id)).all()
        connection.execute(update(Incident).where(Incident.id == ids[1]).values(merged_into=ids[0], is_counted=0))
    undo(engine, second)
    with read_transaction(engine) as connection:
        row = connection.execute(select(Incident).where(Incident.id == ids[1])).one()
    assert (row.merged_into, row.is_counted, row.occurred_on.isoformat()) == (ids[0], 0, "2026-03-01")


def test_undone_steps_are_withdrawn_and_come_back(engine, tmp_path):
    incidents(engine, tmp_path, incident("A1"))
    before = picture(engine)
    file = STEP_HEAD + "S1,A1,accept,2026-03-02,2026-03-02\nS2,A1,close,2026-04-02,2026-04-02\n"
    batch = run(engine, tmp_path, file, STEPS).batch
    after = picture(engine)
    undo(engine, batch)
    assert not (found := differences(picture(engine), before)), found
    check_sums(engine)
    with read_transaction(engine) as connection:
        assert connection.scalars(select(Step.is_withdrawn).where(Step.batch_id == batch)).all() == [True, True]
    again = run(engine, tmp_path, file, STEPS)
    assert (again.inserted, again.rejected) == (2, 0)
    assert not (found := differences(picture(engine), after)), found
    check_sums(engine)


def test_step_of_an_undone_incident_is_rejected(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    undo(engine, batch)
    report = run(engine, tmp_path, STEP_HEAD + "S1,A1,accept,2026-03-02,\n", STEPS)
    assert [item.code for item in report.errors] == ["incident_unknown"]
    again = run(engine, tmp_path, HEAD.strip() + ",repeat_of\n" + incident("B1").strip() + ",A1\n")
    assert "repeat_unknown" in {item.code for item in again.warnings}


def test_restored_row_repeats_nothing_that_was_undone_meanwhile(engine, tmp_path):
    head = HEAD.strip() + ",repeat_of\n"
    first = incidents(engine, tmp_path, incident("A1"))
    incidents(engine, tmp_path, incident("B1").strip() + ",A1\n", head=head)
    third = incidents(engine, tmp_path, incident("B1", on="2026-02-01").strip() + ",\n", head=head)
    undo(engine, first)
    undo(engine, third)
    with read_transaction(engine) as connection:
        row = connection.execute(select(Incident).where(Incident.source_ref == "B1")).one()
    assert (row.repeat_of, row.occurred_on.isoformat()) == (None, "2026-03-01")


def test_escalations_of_undone_incidents_go(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    with write_transaction(engine) as connection:
        number = connection.scalar(select(Incident.id).where(Incident.source == "t"))
        connection.execute(insert(EscalationEvent).values(
            incident_id=number, part="reopened", occurred_on=tiny_county.UNTIL, recorded_at=tiny_county.NOW, rule_version="1"))
    undo(engine, batch)
    with read_transaction(engine) as connection:
        assert connection.scalars(select(EscalationEvent.incident_id)).all() == []


WORKS = "source_ref,name,kind,place_code,started_on,recorded_at\n"


def test_rows_of_other_kinds_move_out_and_come_back(engine, tmp_path):
    run(engine, tmp_path, WORKS + f"W1,road one,road,{VILLAGE},2026-01-01,2026-01-02\n", about("works"))
    before = picture(engine)
    file = WORKS + f"W1,road two,road,{VILLAGE},2026-02-01,2026-01-02\nW2,road,road,{VILLAGE},2026-01-01,2026-01-02\n"
    batch = run(engine, tmp_path, file, about("works")).batch
    after = picture(engine)
    done = undo(engine, batch)
    assert (done.n_withdrawn, done.n_restored) == (1, 1)
    assert not (found := differences(picture(engine), before)), found
    with read_transaction(engine) as connection:
        row = connection.execute(select(WithdrawnRow)).one()
        assert (row.batch_id, row.table_name, json.loads(row.image)["source_ref"]) == (batch, "works_projects", "W2")
    again = run(engine, tmp_path, file, about("works"))
    assert (again.inserted, again.updated) == (1, 1)
    assert not (found := differences(picture(engine), after)), found


POSTS = "code,title,unit_code,place_code\n"


def test_batch_stays_while_the_loop_works_on_what_it_brought(engine, tmp_path):
    batch = incidents(engine, tmp_path, incident("A1"))
    mediated = run(engine, tmp_path, "source_ref,incident_ref,channel,method,level,started_on,recorded_at\n"
                   "M1,A1,people,sitting,village,2026-03-03,2026-03-03\n",
                   profile=about("mediations", incident_source='"t"')).batch
    with write_transaction(engine) as connection:
        number = connection.scalar(select(Incident.id).where(Incident.source_ref == "A1"))
        meeting = connection.scalar(select(Mediation.id).where(Mediation.source_ref == "M1"))
        connection.execute(insert(Photo).values(
            incident_id=number, kind="report", stored_as="x", file_hash="0", n_bytes=1, width=1, height=1, by="t",
            at=tiny_county.NOW, delete_at=tiny_county.NOW))
        connection.execute(insert(Call).values(
            source_ref="K1", place_code=VILLAGE, incident_id=number, category="request_road", severity=1,
            called_at=tiny_county.NOW, by_post="t"))
        connection.execute(insert(MediationSession).values(
            mediation_id=meeting, source_ref="S1", held_on=tiny_county.UNTIL, method="sitting", mediator_posts="t",
            by="t", at=tiny_county.NOW))
    with pytest.raises(BatchHeldError) as error:
        undo(engine, mediated)
    assert kinds(error) == [("sessions", None, 1)]
    with pytest.raises(BatchHeldError) as error:
        undo(engine, batch)
    assert kinds(error) == [("mediations", mediated, 1), ("calls", None, 1), ("photos", None, 1)]


def test_posts_are_undone_unless_an_account_or_a_vacancy_rests_on_them(engine, tmp_path):
    run(engine, tmp_path, POSTS + "P1,one,U-LAND,\n", about("posts"))
    before = picture(engine)
    file = POSTS + "P1,other,U-LAND,\nP2,two,U-LAND,\n"
    batch = run(engine, tmp_path, file, about("posts")).batch
    with write_transaction(engine) as connection:
        code = connection.scalar(select(Account.code).limit(1))
        connection.execute(update(Account).where(Account.code == code).values(post_code="P2"))
    vacancies = run(engine, tmp_path, "source_ref,post_code,from_on\nV1,P2,2026-01-01\n", about("vacancies")).batch
    with pytest.raises(BatchHeldError) as error:
        undo(engine, batch)
    assert kinds(error) == [("vacancies", vacancies, 1), ("accounts", None, 1)]
    undo(engine, vacancies)
    with write_transaction(engine) as connection:
        connection.execute(update(Account).where(Account.code == code).values(post_code=None))
    undo(engine, batch)
    assert not (found := differences(picture(engine), before)), found
    assert run(engine, tmp_path, file, about("posts")).inserted == 1
    with read_transaction(engine) as connection:
        assert sorted(connection.scalars(select(Post.title))) == ["other", "two"]


def test_later_files_that_only_repeat_are_told(engine, tmp_path):
    first = incidents(engine, tmp_path, incident("A1"))
    incidents(engine, tmp_path, incident("A1"), incident("A2"))
    assert undo(engine, first).n_said_again == 1


def test_batch_of_places_says_what_to_do_instead(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(ImportBatch).values(
            about="places", profile="", file_name="p.csv", file_hash="0", by="system", at=tiny_county.NOW, n_read=1,
            n_inserted=1, n_updated=0, n_unchanged=0, n_rejected=0))
    with pytest.raises(BatchHeldError) as error:
        undo(engine, 1)
    assert kinds(error) == [("places", None, 1)]


class Story:
    """A random sequence of imports and undos, and the same story without what was undone."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.files, self.holds = [], {}

    def next_file(self):
        number = len(self.files)
        refs = self.rng.sample([f"K{n}" for n in range(8)], self.rng.randint(1, 4))
        rows = "".join(
            incident(ref, on=f"2026-0{self.rng.randint(1, 3)}-{self.rng.randint(1, 28):02d}", at=f"2026-05-01 00:00:{number:02d}",
                     category=self.rng.choice(["request_road", "request_sanitation"])).strip()
            + f",2026-05-{number + 1:02d}," + self.rng.choice(["", "2026-06-01", "2026-07-02"]) + "\n" for ref in refs)
        self.files.append(HEAD.strip() + ",recorded_at,closed_at\n" + rows)
        return number, set(refs)


@pytest.mark.parametrize("seed", range(3))
def test_any_story_ends_as_if_the_undone_files_had_never_come(tmp_path, seed, empty_engine):
    from govdesk.storage.engine import get_engine

    story, live = Story(seed), {}
    real, other = empty_engine, get_engine(f"sqlite:///{tmp_path / 'other.db'}")
    for engine in (real, other):
        tiny_county.build(engine, n_incidents=40)
        run(engine, tmp_path, HEAD.strip() + ",recorded_at\n" + incident("BASE").strip() + ",2026-01-01\n", CLOSING.replace(
            '[fields.closed_at]\nfrom = "closed_at"\n', ""))
    for _ in range(12):
        if live and story.rng.random() < 0.45:
            number = story.rng.choice(sorted(live))
            batch, refs = live[number]
            is_held = any(later > number and refs & held for later, (_, held) in live.items())
            if is_held:
                with pytest.raises(BatchHeldError):
                    undo(real, batch)
            else:
                undo(real, batch)
                del live[number]
        else:
            number, refs = story.next_file()
            live[number] = run(real, tmp_path, story.files[number], CLOSING).batch, refs
        check_sums(real)
    for number in sorted(live):
        run(other, tmp_path, story.files[number], CLOSING)
    assert not (found := differences(picture(real), picture(other))), found


def test_command_says_what_it_did_and_what_holds(tiny_engine, tmp_path):
    runner = CliRunner()
    first = incidents(tiny_engine, tmp_path, incident("A1"))
    second = incidents(tiny_engine, tmp_path, incident("A1", on="2026-02-01"))
    report = tmp_path / "r.json"
    held = runner.invoke(app, ["undo-import", str(first), "--commit", "--report", str(report)])
    assert held.exit_code == 3
    assert f"of batch {second}" in held.output
    assert json.loads(report.read_text())["dependants"] == [{"kind": "changed", "batch": second, "file": "file.csv", "rows": 1}]
    dry = runner.invoke(app, ["undo-import", str(second)])
    assert dry.exit_code == 0
    assert "dry run" in dry.output
    done = runner.invoke(app, ["undo-import", str(second), "--commit", "--report", str(report)])
    assert "1 put back" in done.output
    assert json.loads(report.read_text())["committed"] is True
    again = runner.invoke(app, ["undo-import", str(second), "--commit"])
    assert again.exit_code == 3
    assert runner.invoke(app, ["undo-import", "99", "--commit"]).exit_code == 2
