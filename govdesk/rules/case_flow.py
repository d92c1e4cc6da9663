"""The case flow 流转: where an incident may stand, which step may follow, who may take it and what it needs; pure.

The nodes and steps are configuration (`data/reference/case_flow.toml`; a county's own file in the work folder): there
are places with five nodes and with seven. What a step *does* is no configuration (`rules.step_cache`): a flow can only
leave steps out, forbid them to somebody, or ask for more.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from govdesk.rules.revisits import RevisitPlan
from govdesk.rules.step_cache import find_next_status
from govdesk.terms import Status, StepKind

#: Minutes from the report within which a closing is asked why: nobody has been there. Case quality counts by it too.
QUICK_MINUTES = 60

#: Statuses in which an incident can stand in a node; a pause stops the clock of the node it lies in.
STANDING = tuple(status for status in Status if status is not Status.PAUSED)


class FlowConfigError(ValueError):
    """The file of the flow cannot be used; the message says where and why."""


class Actor(StrEnum):
    """Who takes a step, seen from the incident."""

    CENTRE = "centre"
    HANDLER = "handler"
    AREA = "area"
    CLOCK = "clock"


class Need(StrEnum):
    """What a step must bring."""

    UNIT = "unit"
    NOTE = "note"
    OUTCOME = "outcome"
    LEVEL = "level"
    PAUSE_REASON = "pause_reason"
    RESULT = "result"
    ASK = "ask"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(_Part):
    """One node of the flow, in both languages; `statuses` may be empty: nobody waits in it."""

    code: str = Field(pattern=r"^[a-z][a-z_]{0,19}$")
    zh: str = Field(min_length=1, max_length=20)
    en: str = Field(min_length=1, max_length=40)
    statuses: tuple[Status, ...]


class AllowedStep(_Part):
    """One kind of step: from which statuses, by whom, with what."""

    kind: StepKind
    from_: tuple[Status, ...] = Field(alias="from", min_length=1)
    by: tuple[Actor, ...] = Field(min_length=1)
    needs: tuple[Need, ...]
    other_post: bool = False


class CaseFlow(_Part):
    """A whole flow, checked."""

    name: str = Field(min_length=1, max_length=40)
    stages: Mapping[Status, str]
    node: tuple[Node, ...]
    step: tuple[AllowedStep, ...]
    revisits: RevisitPlan = RevisitPlan()

    @model_validator(mode="after")
    def _check(self) -> "CaseFlow":
        held = [status for node in self.node for status in node.statuses]
        for status in STANDING:
            if held.count(status) != 1:
                message = f"status {status}: stands in {held.count(status)} nodes, must be one"
                raise ValueError(message)
        if Status.PAUSED in held:
            message = "status paused: is in no node, a pause stops the clock of the node that it lies in"
            raise ValueError(message)
        _check_once("node", [node.code for node in self.node])
        _check_once("step", [step.kind for step in self.step])
        wanted = {status for status in STANDING if status is not Status.CLOSED}
        if set(self.stages) != wanted:
            wrong = ", ".join(sorted(set(self.stages) ^ wanted))
            message = f"stages: one clock for each open status, none for others; wrong: {wrong}"
            raise ValueError(message)
        self._check_ways()
        return self

    def _check_ways(self) -> None:
        """Every status that can be reached must lead to closing; what is closed can be opened again."""
        ways = {status: self._leads(status) for status in Status}
        reached = _walk(ways, Status.REPORTED)
        for status in sorted(reached):
            if Status.CLOSED not in _walk(ways, status):
                message = f"status {status}: no way leads from it to closing"
                raise ValueError(message)
        if not any(Status.DISPATCHED in ways[status] for status in reached - {Status.CLOSED}):
            message = "nobody can be sent an incident: no step leads from reported to dispatched"
            raise ValueError(message)
        if not ways[Status.CLOSED]:
            message = "what is closed could never be opened again: a step reopen is missing"
            raise ValueError(message)

    def _leads(self, status: Status) -> set[Status]:
        found = {find_next_status(step.kind, status, before_pause=Status.ACCEPTED)
                 for step in self.step if status in step.from_}
        return {one for one in found if one != status}

    def find_step(self, kind: StepKind) -> AllowedStep | None:
        """Return what the flow says about a kind of step; None where it knows no such step."""
        return next((step for step in self.step if step.kind == kind), None)

    def find_node(self, status: Status) -> Node:
        """Return the node that a status stands in (for a pause: give the status before it)."""
        return next(node for node in self.node if status in node.statuses)

    def find_stage(self, status: Status) -> str | None:
        """Return the stage whose clock runs in a status; None while paused and when closed."""
        return self.stages.get(status)


def _check_once(what: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            message = f"{what} {code}: stands there twice"
            raise ValueError(message)
        seen.add(code)


def _walk(ways: Mapping[Status, set[Status]], start: Status) -> set[Status]:
    seen, left = {start}, [start]
    while left:
        for status in ways[left.pop()] - seen:
            seen.add(status)
            left.append(status)
    return seen


def read_flow(text: str) -> CaseFlow:
    """Return the flow of a TOML text.

    Raises
    ------
    FlowConfigError
        When it cannot be used: names the entry and the reason.
    """
    try:
        return CaseFlow.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FlowConfigError(str(error)) from error
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in one['loc']) or 'flow'}: {one['msg']}" for one in error.errors()]
        raise FlowConfigError("; ".join(lines)) from error


@dataclass(frozen=True, slots=True)
class Taken:
    """The last step of an incident, or the one that another answers: who is told about it. `at` in UTC seconds."""

    step_id: int
    kind: str
    by_post: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an incident stands when somebody wants to take a step.

    Attributes
    ----------
    status : Status
    handling_unit, concerns_unit : str or None
    is_live : bool
        Neither merged nor withdrawn, no correction.
    n_steps : int
        How many steps count so far.
    reported_at : int
        UTC seconds.
    last : Taken or None
        The last step.
    asked : Taken or None
        The extension that was asked for and not yet decided.
    closed : Taken or None
        The last closing.
    """

    status: Status
    handling_unit: str | None
    concerns_unit: str | None
    is_live: bool
    n_steps: int
    reported_at: int
    last: Taken | None = None
    asked: Taken | None = None
    closed: Taken | None = None


@dataclass(frozen=True, slots=True)
class Taker:
    """Who wants to take it: what the account is to this incident, its post, and the account itself.

    An account that had no post signed with itself; given one meanwhile, it is nobody else.
    """

    actors: frozenset[Actor]
    post: str
    account: str = ""


def find_answered(kind: StepKind, standing: Standing) -> Taken | None:
    """Return the step that a step of `kind` answers: the extension asked for, the closing revisited."""
    if kind in (StepKind.EXTEND, StepKind.DENY_EXTEND):
        return standing.asked
    return standing.closed if kind in (StepKind.REVISIT, StepKind.REOPEN) else None


def list_allowed(flow: CaseFlow, standing: Standing, taker: Taker) -> tuple[StepKind, ...]:
    """Return the kinds of step that the taker may take now, in the order of the flow."""
    return tuple(step.kind for step in flow.step if find_obstacle(flow, standing, taker, step.kind) is None)


def find_obstacle(flow: CaseFlow, standing: Standing, taker: Taker, kind: StepKind) -> str | None:
    """Return why a step cannot be taken now, or None.

    Returns
    -------
    str or None
        ``unknown_step``, ``not_live``, ``not_now``, ``not_yours``, ``nothing_asked``, ``same_post``: the first of them.
    """
    step = flow.find_step(kind)
    if step is None:
        return "unknown_step"
    answered = find_answered(kind, standing)
    is_asked_again = kind is StepKind.ASK_EXTEND and standing.asked is not None
    obstacles = {
        "not_live": not standing.is_live,
        "not_now": standing.status not in step.from_ or is_asked_again,
        "not_yours": not taker.actors & set(step.by),
        "nothing_asked": Need.ASK in step.needs and answered is None,
        "same_post": step.other_post and answered is not None and answered.by_post in (taker.post, taker.account),
    }
    return next((name for name, stands in obstacles.items() if stands), None)
