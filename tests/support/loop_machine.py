"""The loop under random actors, files, merges, clocks and crashes, held against `loop_model` after every step."""

import csv
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import create_engine, event, insert
from sqlalchemy.util._collections import LRUCache

import govdesk.clock
from govdesk.actions.importing import import_records
from govdesk.actions.merge_incidents import MergeRefusedError, merge_incidents, undo_verdict
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.actions.urge_overdue import urge_overdue
from govdesk.clock import week_of
from govdesk.ingest.profiles import parse_profile
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import get_incident, list_incidents
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.step_cache import StepFact
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Account, Incident, Unit
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.loop_model import FLOW, REASONS, Happened, Matter
from tests.support.replayed_steps import by_definition
from tests.support.weekly_sums import check_weekly_counts

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - time on the wall
#: Later the brute clock does not know which days are worked.
END = datetime(2026, 7, 31)  # noqa: DTZ001
UNITS = ("U-LAND", "U-WATER", "U-ROAD")
#: Stream, severity, township, unit that it concerns.
INCIDENTS = (("dispute", 3, "001", None), ("petition", None, "001", None), ("hazard", 1, "002", None),
             ("request", 4, "003", None), ("dispute", 2, "001", "U-WATER"), ("public_order", None, "002", None))
STEPS = 'about = "steps"\nname = "t"\nsource = "t"\nsample = true\nown_names = true\n'


@dataclass(frozen=True)
class Actor:
    """An account."""

    code: str
    role: str
    unit: str | None = None
    area: str | None = None

    @property
    def scope(self):
        """Return the caller that the product knows."""
        return Scope(self.code, Role(self.role), None if self.area is None else f"{tiny_county.COUNTY}{self.area}",
                     self.unit)


ACTORS = (Actor("local_centre", "centre"), Actor("deputy", "centre"), Actor("land", "department", "U-LAND"),
          Actor("water", "department", "U-WATER"), Actor("road", "department", "U-ROAD"),
          Actor("town", "township", area="001"), Actor("elsewhere", "township", area="003"))


class Crash(BaseException):
    """The process dies here."""


_COMPILED = LRUCache(5_000)


@lru_cache(maxsize=1)
def _first_dialect():
    first = create_engine("sqlite://")
    first.connect().close()  # a dialect knows its server after its first connection
    return first.dialect


@lru_cache(maxsize=1)
def _folder():
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - only as quick as memory is
    return tempfile.TemporaryDirectory(prefix="govdesk-loop-", dir=base)


def _connect_quickly(connection, record):
    del record
    connection.execute("PRAGMA synchronous=OFF")  # the machine itself does not fail here


@lru_cache(maxsize=1)
def _ready():
    """Make the database that every run begins with."""
    path = Path(_folder().name) / "ready.db"
    engine = get_engine(f"sqlite:///{path}")
    tiny_county.build(engine, 0)
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [{"code": code, "name": code, "kind": "department", "content_hash": "0"}
                                          for code in UNITS if code != "U-LAND"])
        connection.execute(insert(Account), [{"code": one.code, "title": one.code, "role": one.role, "is_active": True,
                                              "unit_code": one.unit} for one in ACTORS[1:]])
        for number, (stream, severity, township, concerns) in enumerate(INCIDENTS, 1):
            connection.execute(insert(Incident).values(
                id=number, source="t", source_ref=f"A{number}", content_hash="0", stream=stream, severity=severity,
                category=tiny_county.STREAMS[stream][0], place_code=f"{tiny_county.COUNTY}{township}002-01",
                occurred_on=START.date(), reported_at=START.replace(tzinfo=ZONE), recorded_at=START.replace(tzinfo=ZONE),
                week_occurred=week_of(START.date()), week_known=week_of(START.date()), concerns_unit=concerns))
        rebuild(connection)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


class World:
    """One database, the model beside it, and the clock on the wall."""

    n_worlds = 0
    #: What happened in all worlds, for the report.
    tally: ClassVar[Counter] = Counter()

    def __init__(self):
        World.n_worlds += 1
        self.at, self.n_forms, self.n_refs, self.sent = START + timedelta(minutes=90), 0, 0, None
        self.matters = {n: Matter(n, stream, severity, township, concerns, START)
                        for n, (stream, severity, township, concerns) in enumerate(INCIDENTS, 1)}
        self.verdicts, self.n_acknowledged, self.n_taken, self.n_brought = [], 0, 0, 0
        self.path = Path(_folder().name) / f"world-{World.n_worlds}.db"
        settings = govdesk.clock.get_settings()
        self.patch = patch.object(govdesk.clock, "get_settings", lambda: SimpleNamespace(
            now=self.at.replace(tzinfo=ZONE), zone=settings.zone))
        source = _ready()
        shutil.copy(source, self.path)
        self.patch.start()
        self.crash_after = None
        self.start()

    def start(self):
        """Begin a process."""
        get_engine.cache_clear()
        self.engine = get_engine(f"sqlite:///{self.path}")
        # What was compiled once serves all: each world has an engine of its own, all have the same statements.
        self.engine.dialect = _first_dialect()
        self.engine.update_execution_options(compiled_cache=_COMPILED)
        event.listen(self.engine, "connect", _connect_quickly)
        event.listen(self.engine, "before_cursor_execute", self._count_down)

    def _count_down(self, *_):
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                self.crash_after = None
                raise Crash

    def restart(self):
        """Let the process die and another begin."""
        self.engine.dispose()
        self.start()

    def stop(self):
        """End it all, and take the files away."""
        self.engine.dispose()
        self.patch.stop()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    # Steps

    def attempt(self, rng, crash=None):
        """Let somebody try a step: mostly one that is allowed, sometimes any, sometimes with something missing."""
        matter = rng.choice(list(self.matters.values()))
        pairs = [(actor, kind) for actor in ACTORS for kind in FLOW if matter.may(actor, kind)]
        weighted = [pair for pair in pairs for _ in range(1 if pair[1] in ("dispatch", "refer_up", "urge", "triage") else 3)]
        actor, kind = rng.choice(weighted) if weighted and rng.random() < 0.8 else (
            rng.choice(ACTORS), rng.choice([one.value for one in StepKind]))
        inputs = self._fill(rng, kind, matter)
        self.n_forms += 1
        seen = None if rng.random() < 0.6 else len(matter.steps) - (rng.random() < 0.3)
        self.send(actor, matter, kind, inputs, f"form-{self.n_forms:06d}", seen, crash)

    def go_on(self, rng, n):
        """Let several try steps, a little time between them, and a process die within one in ten."""
        for _ in range(n):
            self.attempt(rng, crash=rng.randrange(40) if rng.random() < 0.1 else None)
            self.at = min(self.at + timedelta(minutes=rng.choice([0, 1, 15, 90, 700])), END)

    def _fill(self, rng, kind, matter):
        """Return what a form says; one in eight lacks something or says too much."""
        inputs = {"note": "情况说明"}
        if kind == "dispatch":
            inputs["unit"] = rng.choice(UNITS)
        if kind == "refer_up" or kind == "close":
            inputs["level"] = rng.choice(["village", "township", "county"])
        if kind == "close":
            inputs["outcome"] = rng.choice(["settled", "agreement", "referred", "not_settled", "withdrawn"])
            if inputs["outcome"] == "agreement":
                inputs["promised"] = self.at.date() + timedelta(days=30)
            if self.at - matter.reported <= timedelta(minutes=60):
                inputs["reason"] = "on_the_spot"
        if kind in REASONS:
            inputs["reason"] = rng.choice(REASONS[kind])
        if kind == "revisit" and inputs["reason"] != "not_reached" and rng.random() < 0.5:
            inputs["satisfaction"] = rng.randint(1, 5)
        if kind == "triage" and rng.random() < 0.7:
            inputs["severity"] = rng.randint(1, 4)
        if rng.random() < 0.12:
            wrong = rng.choice(["note", "unit", "level", "outcome", "reason"])
            inputs[wrong] = None if inputs.get(wrong) else {"unit": "U-LAND", "reason": "court"}.get(wrong)
        return inputs

    def send(self, actor, matter, kind, inputs, key, seen, crash=None):
        """Send one form and compare what the product answers with what the model expects."""
        self.sent = (actor, matter, kind, inputs, key)
        World.tally["attempts"] += 1
        self.crash_after = crash
        known = next((one for one in matter.steps if one.ref == f"L{key}"), None)
        # Never before what went before, whatever the clock says.
        at = max([self.at, *(one.at for one in matter.steps)])
        expected = (matter.may(actor, kind) and matter.is_complete(kind, inputs, self.at)
                    and not (kind == "ask_extend" and not matter.is_mixed and not matter.can_extend())
                    and (seen is None or not matter.steps or not matter.has_moved(seen)))
        try:
            done = take_step(self.engine, by=actor.scope, incident_id=matter.id, form_key=key, seen=seen, wanted=Wanted(
                StepKind(kind), note=inputs.get("note") or "", unit_code=inputs.get("unit"), outcome=inputs.get("outcome"),
                level=inputs.get("level"), reason=inputs.get("reason"), promised_on=inputs.get("promised"),
                severity=inputs.get("severity"), satisfaction=inputs.get("satisfaction")))
        except StepRefusedError as error:
            reasons = {one.key for one in error.problems}
            is_theirs = matter.is_mixed and kind == "ask_extend" and reasons <= {"no_extension", "extended"}
            assert known is None
            assert not expected or is_theirs, (kind, inputs, reasons)
            World.tally["refused"] += 1
            assert matter.sees(actor) or reasons == {"not_found"}
        except Crash:
            World.tally["crashes"] += 1
            self.restart()
        else:
            assert done.is_repeated == (known is not None)
            World.tally["repeated" if known else "taken"] += 1
            if known is None:
                assert expected, (kind, inputs, matter.status)
                self._follow(actor, matter, kind, inputs, f"L{key}", at)
            assert done.status == matter.status
        finally:
            self.crash_after = None
        self.check(matter)

    def _follow(self, actor, matter, kind, inputs, ref, at):
        """Let the model take the step that the product took, and what follows from it."""
        unit = inputs.get("unit") or actor.unit
        self._take(matter, Happened(ref, kind, at, actor.code, unit, inputs.get("outcome"), inputs.get("level")),
                   inputs.get("severity"))
        if kind == "revisit":
            matter.revisits.append((ref, inputs["reason"], inputs.get("satisfaction")))
            if inputs["reason"] == "not_settled":
                self._take(matter, Happened(f"{ref}-R", "reopen", at, actor.code, actor.unit))

    def _take(self, matter, step, severity=None):
        self.n_taken += 1
        step.taken = self.n_taken
        matter.take(step, severity)

    def send_again(self):
        """Send the last form once more: it was received, or nobody knows whether it was."""
        actor, matter, kind, inputs, key = self.sent
        self.send(actor, matter, kind, inputs, key, None)

    # What else happens

    def bring(self, rng):
        """Import one step by a file, twice: it may lie before what was done here."""
        matter = rng.choice(list(self.matters.values()))
        self.n_refs += 1
        kind = rng.choice(["accept", "answer", "close", "reopen", "pause", "resume", "refer_up", "dispatch", "report"])
        at = max(self.at - timedelta(minutes=rng.choice([0, 1, 600, 5000])), START)
        outcome, level = ("settled", "village") if kind == "close" else ("", "county" if kind == "refer_up" else "")
        path = Path(_folder().name) / "steps.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([
                ("source_ref", "incident_ref", "kind", "occurred_at", "level", "outcome"),
                (f"S{self.n_refs}", f"A{matter.id}", kind, f"{at:%Y-%m-%d %H:%M:%S}", level, outcome)])
        for expected in (1, 0):
            report = import_records(self.engine, by=SYSTEM, path=path, profile=parse_profile(STEPS, "t"), commit=True)
            assert report.inserted == expected, report
        World.tally["brought"] += 1
        self.n_brought += 1
        matter.is_mixed = True
        matter.steps.append(Happened(f"S{self.n_refs}", kind, at, None, None, outcome or None, level or None,
                                     brought=self.n_brought))
        self.check(matter)

    def merge(self, rng):
        """Merge two, or try to."""
        one, other = rng.sample(list(self.matters.values()), 2)
        try:
            judged = merge_incidents(self.engine, by=ACTORS[0].scope, incident_id=one.id, into_id=other.id, reason="同一件事")
        except MergeRefusedError:
            assert one.into is not None or other.into is not None
        else:
            assert one.into is None
            assert other.into is None
            one.into = other.id
            self.verdicts.append((judged.verdict_id, one))
            World.tally["merged"] += 1
        self.check(one)

    def unmerge(self, rng):
        """Take a merger back."""
        verdict, one = self.verdicts.pop(rng.randrange(len(self.verdicts)))
        undo_verdict(self.engine, by=ACTORS[0].scope, verdict_id=verdict)
        one.into = None
        self.check(one)

    def urge(self):
        """Let the scheduler run, twice: what it wrote is taken over, each level of a deadline once."""
        urge_overdue(self.engine, by=SYSTEM)
        before = self._count("steps")
        urge_overdue(self.engine, by=SYSTEM)
        assert self._count("steps") == before, "a second run urged again"
        known = {one.ref for matter in self.matters.values() for one in matter.steps}
        for row in self._read("SELECT source_ref, incident_id, kind, occurred_at, unit_code, by_post FROM steps"
                              " WHERE source = 'loop' ORDER BY id"):
            if row[0] not in known:
                assert row[2] == "urge"
                matter = self.matters[row[1]]
                assert matter.into is None
                self._take(matter, Happened(row[0], "urge", _wall(row[3]), row[5], row[4]))
                World.tally["urged"] += 1
        twice = self._read("SELECT incident_id, of_step, urge_level, COUNT(*) FROM steps WHERE urge_level IS NOT NULL"
                           " GROUP BY 1, 2, 3 HAVING COUNT(*) > 1")
        assert not twice, twice

    # What must hold

    def _read(self, statement):
        with read_transaction(self.engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def _count(self, table):
        return self._read(f"SELECT COUNT(*) FROM {table}")[0][0]

    def check(self, matter):
        """Compare one incident: its steps, what is derived of them, its clock, its revisits."""
        stored = self._read("SELECT source_ref, kind, occurred_at, outcome, level, due_at, is_withdrawn, unit_code, id,"
                            f" source, severity FROM steps WHERE incident_id = {matter.id} ORDER BY id")
        assert [(row[0], row[1], _wall(row[2])) for row in stored] == [
            (one.ref, one.kind, one.at) for one in matter.steps]
        facts = [StepFact(*row[1:6], is_withdrawn=bool(row[6]), unit=row[7], taken=row[8] if row[9] == "loop" else 0,
                          severity=row[10]) for row in stored]
        expected = by_definition(facts, None)
        row = self._read("SELECT status, first_answered_at, due_at, closed_at, resolution_level, outcome, n_reopened,"
                         " n_steps, handling_unit, is_counted, merged_into, week_closed FROM incidents WHERE id ="
                         f" {matter.id}")[0]
        assert row[:8] == (expected.status, expected.first_answered_at, expected.due_at, expected.closed_at,
                           expected.resolution_level, expected.outcome, expected.n_reopened, expected.n_steps)
        assert (row[0], row[8], row[9], row[10]) == (matter.status, matter.unit, int(matter.into is None), matter.into)
        assert row[11] == (None if row[3] is None else week_of(_wall(row[3]).date()))
        if not matter.is_mixed and row[0] != "closed":
            assert (None if row[2] is None else _wall(row[2])) == matter.due(), (_wall(row[2] or 0), matter.due(), matter)
            World.tally["clocks"] += matter.due() is not None
        revisits = self._read(f"SELECT source_ref, result, satisfaction FROM revisits WHERE incident_id = {matter.id}"
                              " ORDER BY id")
        assert revisits == matter.revisits

    def check_all(self):
        """Compare everything: no row too many, sums a week, and who sees what."""
        for matter in self.matters.values():
            self.check(matter)
        assert self._count("steps") == sum(len(matter.steps) for matter in self.matters.values())
        assert self._count("revisits") == sum(len(matter.revisits) for matter in self.matters.values())
        check_weekly_counts(self.engine)
        taken = {one.ref for matter in self.matters.values() for one in matter.steps if one.taken}
        audited = self._read("SELECT COUNT(*) FROM audit_events WHERE action IN ('take_step', 'urge_overdue')"
                             " AND subject = 'steps' AND detail NOT LIKE '%repeated%' AND detail NOT LIKE '%urged%'")
        assert audited[0][0] == len(taken)
        with read_transaction(self.engine) as connection:
            for actor in ACTORS:
                shown = set(list_incidents(connection, actor.scope, IncidentFilter(0, 9_999), as_of=date(2027, 1, 1))["id"])
                for matter in self.matters.values():
                    assert (matter.id in shown) == (matter.sees(actor) and matter.into is None)
                    assert (get_incident(connection, actor.scope, matter.id) is not None) == matter.sees(actor)


def _wall(instant):
    return datetime.fromtimestamp(instant, ZONE).replace(tzinfo=None)


seeds = st.integers(0, 2**32 - 1)


class LoopMachine(RuleBasedStateMachine):
    """Many actors and a world that does not wait for them."""

    @initialize()
    def begin(self):
        """Begin with an empty loop."""
        self.world = World()

    @rule(seed=seeds)
    def step(self, seed):
        """Somebody takes a step."""
        self.world.attempt(random.Random(seed))

    @rule(seed=seeds)
    def some_steps(self, seed):
        """Several take steps, a little time between them: steps are most of what happens."""
        self.world.go_on(random.Random(seed), 12)

    @rule(seed=seeds, after=st.integers(0, 40))
    def crash(self, seed, after):
        """The process dies within a step."""
        self.world.attempt(random.Random(seed), crash=after)

    @precondition(lambda self: self.world.sent is not None)
    @rule()
    def again(self):
        """A form is sent once more."""
        self.world.send_again()

    @rule(minutes=st.sampled_from([0, 1, 30, 240, 1440, 4000]))
    def wait(self, minutes):
        """Time goes on."""
        self.world.at = min(self.world.at + timedelta(minutes=minutes), END)

    @rule(minutes=st.sampled_from([1, 60, 3000]))
    def put_back(self, minutes):
        """The clock of the computer is put back."""
        self.world.at = max(self.world.at - timedelta(minutes=minutes), START)

    @rule(seed=seeds)
    def bring(self, seed):
        """A file brings a step."""
        rng = random.Random(seed)
        if rng.random() < 0.1:  # rarely, or no clock would be left to compare
            self.world.bring(rng)

    @rule(seed=seeds)
    def merge(self, seed):
        """Two are merged, or a merger is taken back."""
        rng = random.Random(seed)
        if self.world.verdicts and rng.random() < 0.7:
            self.world.unmerge(rng)
        elif rng.random() < 0.3:
            self.world.merge(rng)
        self.world.go_on(rng, 4)

    @rule(seed=seeds)
    def urge(self, seed):
        """The scheduler runs after some steps."""
        self.world.go_on(random.Random(seed), 6)
        self.world.urge()

    @rule(seed=seeds)
    def look(self, seed):
        """Some steps, and now and then everything is compared."""
        rng = random.Random(seed)
        self.world.go_on(rng, 6)
        if rng.random() < 0.05:
            self.world.check_all()

    def teardown(self):
        """Compare everything a last time."""
        if hasattr(self, "world"):
            try:
                self.world.check_all()
            finally:
                self.world.stop()
