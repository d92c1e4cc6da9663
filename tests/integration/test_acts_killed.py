"""Steps, adoptions and backups in a process that is killed: before or after, never between; what was acknowledged stays.

Killed twice over: before a chosen statement of a chosen act, and at any instant (``GOVDESK_TEST_KILLS`` of them, few in
the suite). The process is forked, with an engine of its own.
"""

import contextlib
import json
import os
import random
import select
import signal
import sqlite3
import time
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy import select as sql_select

from govdesk.actions.adopt_thresholds import adopt_thresholds
from govdesk.actions.backups import make_backup
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.queries.standing import find_taker, read_standing
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.case_flow import list_allowed
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.settings import get_settings
from govdesk.storage import backup_postgres
from govdesk.storage.backup import list_backups, verify_backup
from govdesk.storage.backup_archive import BackupError
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, Step, ThresholdAdoption
from govdesk.terms import Role, StepKind
from tests.support.loop_load import check_kept, make_step, prepare

KILLS = int(os.environ.get("GOVDESK_TEST_KILLS", "3"))
ANALYST = Scope("local_analyst", Role.ANALYST)


@dataclass
class Desk:
    """A county in which steps can be taken: its address, by whom, of what, and what was acknowledged so far."""

    url: str
    by: Scope
    numbers: list[int]
    versions: dict[str, int]
    acknowledged: list[list] = field(default_factory=list)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request, tmp_path_factory):
    if request.param == "sqlite":
        engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('killed') / 'govdesk.db'}")
    else:
        engine = request.getfixturevalue("module_postgres_engine")
    people, numbers = prepare(engine, n_incidents=60, n_users=3)
    with read_transaction(engine) as connection:
        versions = read_versions(connection)
    engine.dispose()  # a connection of this process is none of another one's
    return Desk(engine.url.render_as_string(hide_password=False), people[0], numbers, versions)


def step(engine, by, numbers, rng):
    """Take the next step that is allowed on some incident; return what is acknowledged."""
    while True:
        number = rng.choice(numbers)
        with read_transaction(engine) as connection:
            held = read_standing(connection, by, number)
            kinds = list_allowed(read_flow_in_force(), held.standing, find_taker(connection, by, held))
        kinds = [kind for kind in kinds if kind not in (StepKind.REVISIT, StepKind.CLOSE)]
        with contextlib.suppress(StepRefusedError, IndexError):
            done = take_step(engine, by=by, incident_id=number, wanted=make_step(rng.choice(kinds), rng),
                             form_key=uuid4().hex)
            return ["step", done.step_id, number]


def adopt(engine, by, numbers, rng):
    done = adopt_thresholds(engine, by=ANALYST, visits_per_week=rng.randint(1, 40), share_quiet=0.5,
                            band_edges=(0.3, 0.2, 0.1), capacity_per_week=24, reason="试", backtest={}, seen_id=None)
    return ["adoption", done.id, 0]


def run_apart(desk, acts, *, kill_before=None, kill_after=None, seed=0):
    """Run acts in a process of its own until it is killed; return what it acknowledged.

    Parameters
    ----------
    kill_before : int, optional
        It ends itself before this statement of its last act, the commit among them; 0 counts them instead.
    kill_after : float, optional
        Seconds from its first acknowledgement to the kill.
    """
    told, tell = os.pipe()
    process = os.fork()
    if process == 0:
        with contextlib.suppress(BaseException):
            get_engine.cache_clear()
            engine, n = get_engine(desk.url), [0]

            def count(*_):
                n[0] += 1
                if n[0] == kill_before:
                    os.kill(os.getpid(), signal.SIGKILL)

            for place, act in enumerate(acts):
                if kill_before is not None and place == len(acts) - 1:
                    event.listen(engine, "before_cursor_execute", count)
                    event.listen(engine, "commit", count)
                said = act(engine, desk.by, desk.numbers, random.Random(seed + place))
                os.write(tell, json.dumps([*said, n[0]]).encode() + b"\n")
        os._exit(0)
    os.close(tell)
    if kill_after is not None:
        select.select([told], [], [], 30)
        time.sleep(kill_after)
        os.kill(process, signal.SIGKILL)
    with os.fdopen(told, "rb") as answers:
        said = [json.loads(line) for line in answers.read().splitlines()]
    return said, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def check(desk):
    """Hold the database against what was acknowledged; return how many acts more it holds, each of them whole."""
    engine = get_engine(desk.url)
    if engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(engine.url.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with read_transaction(engine) as connection:
        steps = {row.id: row.incident_id for row in connection.execute(
            sql_select(Step.id, Step.incident_id).where(Step.source == LOOP_SOURCE))}
        adoptions = set(connection.scalars(sql_select(ThresholdAdoption.id)))
        audited = [(row.subject, int(row.subject_key)) for row in connection.execute(
            sql_select(AuditEvent.subject, AuditEvent.subject_key)
            .where(AuditEvent.subject.in_(["steps", "threshold_adoptions"])))]
        versions = read_versions(connection)
    assert sorted(audited) == sorted([*(("steps", one) for one in steps),
                                      *(("threshold_adoptions", one) for one in adoptions)]), "an act and its audit row are one"
    assert {one: number for kind, one, number, _ in desk.acknowledged if kind == "step"}.items() <= steps.items()
    assert {one for kind, one, *_ in desk.acknowledged if kind == "adoption"} <= adoptions
    assert check_kept(engine, steps) == [], "what is derived from the steps is that of the steps"
    assert versions["loop"] - desk.versions["loop"] == len(steps)
    assert versions["risk"] - desk.versions["risk"] == len(adoptions)
    engine.dispose()
    return len(steps) + len(adoptions) - len(desk.acknowledged)


def test_act_killed_before_any_of_its_statements_is_not_there_at_all(desk):
    rng = random.Random(20261123)
    for act in (step, adopt):
        counted, status = run_apart(desk, [act], kill_before=0)
        assert (len(counted), status) == (1, 0)
        desk.acknowledged += counted
        n = counted[0][3]
        for place in range(1, n + 1) if KILLS > 20 else [*rng.sample(range(1, n), 2), n]:
            said, status = run_apart(desk, [act], kill_before=place)
            assert (said, status) == ([], -signal.SIGKILL)
            assert check(desk) == 0, (act.__name__, place, n)


def test_acts_killed_at_any_instant(desk):
    rng, extra, cut = random.Random(8), check(desk), 0
    for number in range(KILLS):
        said, status = run_apart(desk, [step, adopt] * 400, kill_after=rng.uniform(0, 0.1), seed=number)
        assert status == -signal.SIGKILL
        assert said
        desk.acknowledged += said
        more = check(desk)
        assert extra <= more <= extra + 1, "at most the act under way, and that one whole"
        cut, extra = cut + (more == extra), more
    assert cut, "no kill came within an act"


@pytest.mark.postgres
def test_killed_backup_of_postgres_is_none(module_postgres_engine, tmp_path):
    """On SQLite: test_backup_drill."""
    try:
        backup_postgres._find("pg_dump")
    except BackupError:
        pytest.skip("pg_dump is not installed")
    url = module_postgres_engine.url.render_as_string(hide_password=False)
    desk, kept = Desk(url, SYSTEM, [], {}), tmp_path / "kept"
    get_settings().var.mkdir()
    (get_settings().var / "secret_key").write_bytes(b"s" * 32)

    def start(engine, *_):
        return ["started", 0]

    def back_up(engine, *_):
        make_backup(engine, by=SYSTEM, folder=kept)
        return ["made", 0]

    began, rng, cut = time.monotonic(), random.Random(3), 0
    assert run_apart(desk, [start, back_up])[1] == 0
    took = time.monotonic() - began
    for _ in range(KILLS):
        for one in list_backups(kept):
            verify_backup(one.path)
            one.path.unlink()
        run_apart(desk, [start, back_up], kill_after=rng.uniform(0.2, 0.9) * took)
        cut += not list_backups(kept)
    assert cut, "no kill came while a backup was made"
    assert run_apart(desk, [start, back_up])[1] == 0
    assert [path.name for path in kept.iterdir()] == [list_backups(kept)[0].path.name], "the next one clears it away"
