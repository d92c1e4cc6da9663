"""The clock of one incident kept while it runs: what replays of its steps are compared with; local time on the wall."""

from govdesk.terms import Status
from tests.support.brute_clock import find_deadline_by_hand

#: Of a hazard without severity: amount, unit.
TERMS = {"triage": (1, "working_days"), "accept": (1, "working_days"), "handle": (10, "working_days"),
         "close": (3, "working_days")}
#: From where a step may be taken, and where it leads.
WAYS = {
    "dispatch": ({"reported", "dispatched", "accepted", "answered"}, "dispatched"), "accept": ({"dispatched"}, "accepted"),
    "return": ({"dispatched", "accepted"}, "reported"), "answer": ({"accepted", "answered"}, "answered"),
    "close": ({"reported", "accepted", "answered"}, "closed"), "reopen": ({"closed"}, "dispatched"),
    "pause": ({"accepted", "answered"}, "paused"), "resume": ({"paused"}, None), "refer_up": ({"accepted"}, None),
    "ask_extend": ({"accepted"}, None), "extend": ({"accepted", "paused"}, None),
}


class SimulatedClock:
    """One hazard without severity while it happens: keeps what runs, looks back at nothing."""

    def __init__(self, stages, start):
        self.stages, self.status, self.unit, self.pauses, self.since = stages, "reported", None, [], None
        self.asked, self.extension, self.back = None, None, None
        self.enter("reported", start)

    def enter(self, status, at):
        self.status, self.stage, self.entered, self.pauses, self.extension, self.asked = (
            status, self.stages.get(Status(status)), at, [], None, None)

    def due(self, at):
        if self.status in ("paused", "closed"):
            return None
        amount, unit = TERMS[self.stage]
        first = find_deadline_by_hand(amount, unit, self.entered, self.pauses)
        return find_deadline_by_hand(10, "working_days", first, self.pauses) if self.extension else first

    def list_allowed(self):
        """Return what may be taken, twice what concerns the clock: else most walks leave a stage before it is."""
        found = [kind for kind, (allowed, _) in sorted(WAYS.items()) if self.status in allowed
                 and not (kind == "extend" and (not self.asked or self.extension))]
        return found + 2 * [kind for kind in found if kind in ("pause", "resume", "ask_extend", "extend")]

    def take(self, kind, at, unit):
        leads = WAYS[kind][1]
        if kind == "pause":
            self.back, self.since, self.status = self.status, at, "paused"
        elif kind == "resume":
            self.status, self.pauses = self.back, [*self.pauses, (self.since, at)]
        elif kind == "ask_extend":
            self.asked = True
        elif kind == "extend":
            self.extension = True
        elif leads is not None:
            is_new_unit = kind == "dispatch" and unit != self.unit
            if kind == "dispatch":
                self.unit = unit
            if self.status == "closed" or self.stages.get(Status(leads)) != self.stage or is_new_unit:
                self.enter(leads, at)
            self.status = leads
