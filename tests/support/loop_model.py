"""What the loop should do, once more and in plain Python: who may take which step, where it leads, when it is due.

Shares nothing with the product but the names of steps and statuses. One `Matter` stands for one incident; it keeps its
steps as they came and its clock while it runs.
"""

import csv
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from tests.support.brute_clock import find_deadline_by_hand

OPEN = frozenset({"reported", "dispatched", "accepted", "answered"})
#: Kind: from where, by whom, what it needs.
FLOW = {
    "triage": ({"reported"}, {"centre"}, ()), "dispatch": (OPEN, {"centre"}, ("unit",)),
    "accept": ({"dispatched"}, {"handler", "centre"}, ()), "return": ({"dispatched", "accepted"}, {"handler"}, ("note",)),
    "answer": ({"accepted", "answered"}, {"handler", "centre"}, ("note",)),
    "pause": ({"accepted", "answered"}, {"handler", "centre"}, ("reason",)),
    "resume": ({"paused"}, {"handler", "centre"}, ()), "ask_extend": ({"accepted"}, {"handler"}, ("note",)),
    "extend": ({"accepted", "paused"}, {"centre"}, ()), "deny_extend": ({"accepted", "paused"}, {"centre"}, ("note",)),
    "urge": (OPEN, {"centre"}, ()), "refer_up": (OPEN, {"handler", "centre", "area"}, ("level", "note")),
    "close": ({"reported", "accepted", "answered"}, {"handler", "centre", "area"}, ("outcome", "level")),
    "revisit": ({"closed"}, {"centre", "area"}, ("reason",)), "reopen": ({"closed"}, {"centre"}, ("note",)),
}
STAGES = {"reported": "triage", "dispatched": "accept", "accepted": "handle", "answered": "close"}
LEADS = {"dispatch": "dispatched", "accept": "accepted", "return": "reported", "answer": "answered", "close": "closed",
         "reopen": "dispatched"}
#: What ends the wait for a decision about an extension.
DECIDES = {"extend", "deny_extend", "dispatch", "return", "answer", "close", "reopen"}
#: A step of a file at one second with others comes in this order.
ORDER = ("report", "triage", "dispatch", "return", "accept", "answer", "pause", "resume", "ask_extend", "deny_extend",
         "extend", "urge", "refer_up", "close", "revisit", "reopen")
#: Reasons that may be given, by kind.
REASONS = {"pause": ("party_absent", "court"), "revisit": ("settled", "not_settled", "not_reached")}
LIMITS = Path(__file__).resolve().parents[2] / "data" / "reference" / "time_limits.csv"


@lru_cache(maxsize=1)
def _limits():
    with LIMITS.open(encoding="utf-8") as file:
        return {(row["stage"], row["stream"], row["severity"]): (
            (int(row["amount"]), row["unit"]),
            (int(row["extension"]), row["extension_unit"]) if row["extension"] else None) for row in csv.DictReader(file)}


def find_limit(stage, stream, severity):
    """Return the limit of a stage and its extension."""
    for key in ((stage, stream, str(severity or "")), (stage, stream, ""), (stage, "", str(severity or "")), (stage, "", "")):
        if key in _limits():
            return _limits()[key]
    raise LookupError(stage)


deadline = lru_cache(maxsize=20_000)(find_deadline_by_hand)


@dataclass
class Happened:
    """One step as it should be in the table. `at` is time on the wall; `taken` numbers those of the product."""

    ref: str
    kind: str
    at: datetime
    by: str | None = None
    unit: str | None = None
    outcome: str | None = None
    level: str | None = None
    taken: int = 0
    brought: int = 0


@dataclass
class Matter:
    """One incident."""

    id: int
    stream: str
    severity: int | None
    township: str
    concerns: str | None
    reported: datetime
    steps: list = field(default_factory=list)
    revisits: list = field(default_factory=list)
    into: int | None = None
    #: A file has brought a step: the clock below knows nothing of it.
    is_mixed: bool = False
    stage: str | None = "triage"
    entered: datetime | None = None
    term: tuple | None = None
    pauses: list = field(default_factory=list)
    extension: tuple | None = None
    asked: tuple | None = None
    clock_unit: str | None = None

    def ordered(self):
        """Return the steps in the order in which they count."""
        return sorted(self.steps, key=lambda one: (one.at, one.taken > 0, one.taken or ORDER.index(one.kind), one.brought))

    def walk(self):
        """Return status, status before a pause, and when the pause began, by walking all steps."""
        status, before, since = "reported", "reported", None
        for one in self.ordered():
            if one.kind == "close":
                status = "closed"
            elif status == "closed":
                status = "dispatched" if one.kind == "reopen" else "closed"
            elif one.kind == "pause":
                before, since = (before, since) if status == "paused" else (status, one.at)
                status = "paused"
            elif one.kind == "resume":
                status = before if status == "paused" else status
            elif one.kind != "reopen" and one.kind in LEADS:
                status = LEADS[one.kind]
            if status != "paused":
                before, since = status, None
        return status, before, since

    @property
    def status(self):
        """Where it stands."""
        return self.walk()[0]

    @property
    def unit(self):
        """Who has it."""
        sent = [one.unit for one in self.ordered() if one.kind == "dispatch" and one.taken]
        return sent[-1] if sent else None

    def last(self, kinds):
        """Return the last step of some kinds, or None."""
        found = [one for one in self.ordered() if one.kind in kinds]
        return found[-1] if found else None

    def sees(self, actor):
        """Return whether an actor may see it."""
        return (actor.area in (None, self.township)) and (actor.unit is None or actor.unit != self.concerns)

    def may(self, actor, kind):
        """Return whether an actor may take a step of a kind now, if it brings what is needed."""
        if kind not in FLOW or self.into is not None or not self.sees(actor):
            return False
        froms, by, _ = FLOW[kind]
        parts = {"centre": actor.role == "centre", "handler": actor.unit is not None and actor.unit == self.unit,
                 "area": actor.role == "township"}
        if self.status not in froms or not any(parts[one] for one in by):
            return False
        asked = self.last({"ask_extend"} | DECIDES)
        is_asked = asked is not None and asked.kind == "ask_extend"
        if kind in ("extend", "deny_extend"):
            return is_asked and asked.by != actor.code
        if kind == "ask_extend":
            return not is_asked
        return kind != "revisit" or self.last({"close"}).by != actor.code

    def is_complete(self, kind, inputs, at):
        """Return whether a step brings what it must, and nothing that it must not."""
        needs = FLOW[kind][2]
        if any(not inputs.get(name) for name in needs):
            return False
        if (kind == "dispatch") != bool(inputs.get("unit")) or inputs.get("unit") == (self.concerns or ""):
            return False
        is_quick = kind == "close" and timedelta(0) <= at - self.reported <= timedelta(minutes=60)
        if is_quick:
            return inputs.get("reason") == "on_the_spot" and bool(inputs.get("note"))
        if inputs.get("reason") and inputs["reason"] not in REASONS.get(kind, ()):
            return False
        return (kind == "close" and inputs.get("outcome") == "agreement") == bool(inputs.get("promised"))

    def has_moved(self, seen):
        """Return whether something came after the first `seen` steps; an urging moves nothing."""
        return any(one.kind != "urge" for one in self.ordered()[seen:])

    def can_extend(self):
        """Return whether the clock that runs can be extended."""
        return self.term is not None and self.stage == "handle" and self.extension is None

    # The clock, kept while it runs

    def take(self, step, severity=None):
        """Take a step of the product."""
        before, _, since = self.walk()
        self.steps.append(step)
        after = self.status
        if severity is not None:
            self.severity = severity
        if step.kind == "ask_extend":
            self.asked = find_limit("handle", self.stream, self.severity)[1]
        if step.kind == "extend":
            self.extension = self.asked
        if before == "paused" and after not in ("paused", "closed"):
            self.pauses.append((since, step.at))
        if after == "paused" or before == after == "closed":
            return
        is_other_unit = step.kind == "dispatch" and step.unit != self.clock_unit
        stage = STAGES.get(after)
        if stage != self.stage or is_other_unit:
            self.stage, self.entered, self.pauses, self.extension, self.asked = stage, step.at, [], None, None
            self.term = None if stage is None else find_limit(stage, self.stream, self.severity)[0]
            self.clock_unit = step.unit if step.kind == "dispatch" else self.clock_unit

    def due(self):
        """Return when it is due, as time on the wall; None where nothing runs."""
        if self.term is None or self.status in ("paused", "closed"):
            return None
        found = deadline(*self.term, self.entered, tuple(self.pauses))
        return found if self.extension is None else deadline(*self.extension, found, tuple(self.pauses))
