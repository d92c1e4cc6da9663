"""What counts as an escalation 激化, by configuration: the parts, their checks and the version of the rules; pure.

`data/reference/escalation_parts.toml` is the delivered configuration and explains each key. A fact is one row of
`escalation_events`; which fact belongs to which part is told here and in `rules.escalation_facts`.
"""

import difflib
import json
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from govdesk.terms import MediationChannel, ResolutionLevel, Stream

#: Parts that are charged to the office that did not answer: never counted for a village.
OFFICE_PARTS = frozenset({"group_petition", "skip_level_petition"})

Days = Annotated[int, Field(ge=0, le=3660)]


class EscalationConfigError(ValueError):
    """The configuration cannot be used; `args[0]` says, line by line, which key and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    is_on: bool = True


class PoliceHandover(_Part):
    """A dispute became a matter for the police 民转刑."""

    streams: tuple[Stream, ...] = (Stream.DISPUTE,)
    unit_kinds: tuple[str, ...] = ("police",)
    mediation_channels: tuple[MediationChannel, ...] = (MediationChannel.POLICE_HANDOVER,)
    followed_by: tuple[Stream, ...] = (Stream.PUBLIC_ORDER,)


class ReopenedTwice(_Part):
    """Sent back `times` times."""

    streams: tuple[Stream, ...] = (Stream.DISPUTE,)
    times: Annotated[int, Field(ge=1, le=20)] = 2


class AgreementBroken(_Part):
    """An agreement was not performed `grace_days` after its due date."""

    streams: tuple[Stream, ...] = (Stream.DISPUTE,)
    grace_days: Days = 0


class Violence(_Part):
    """A fight or an injury was recorded."""

    categories: tuple[str, ...] = ("order_fight", "order_injury")


class CountyLevel(_Part):
    """Referred up to, or settled at, one of `levels`; not within `alert_days` after a visit for an alert of ours."""

    streams: tuple[Stream, ...] = (Stream.DISPUTE,)
    levels: tuple[ResolutionLevel, ...] = (ResolutionLevel.COUNTY, ResolutionLevel.BEYOND)
    alert_days: Days = 28


class ByStream(_Part):
    """Every record of a stream, for sources that know worsening only as a kind of record."""

    streams: tuple[Stream, ...] = (Stream.PUBLIC_ORDER,)
    sources: tuple[str, ...] = ()


class FollowingPetition(_Part):
    """A petition that follows a matter without an answer for `unanswered_days`, or past its due date; off."""

    is_on: bool = False
    unanswered_days: Days = 15


class EscalationParts(BaseModel):
    """All parts, as they are in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    police_handover: PoliceHandover = PoliceHandover()
    reopened_twice: ReopenedTwice = ReopenedTwice()
    agreement_broken: AgreementBroken = AgreementBroken()
    violence: Violence = Violence()
    county_level: CountyLevel = CountyLevel()
    stream: ByStream = ByStream()
    group_petition: FollowingPetition = FollowingPetition()
    skip_level_petition: FollowingPetition = FollowingPetition()

    @property
    def version(self) -> str:
        """Hash of what is in force: order, comments, and settings of parts that are off do not change it."""
        kept = {name: part for name, part in self.model_dump(mode="json").items() if part["is_on"]}
        return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]

    def list_on(self) -> tuple[str, ...]:
        """Return the names of the parts that are on, in the order of the file."""
        return tuple(name for name in type(self).model_fields if getattr(self, name).is_on)


#: Every part there is.
PARTS = tuple(EscalationParts.model_fields)


def read_parts(text: str) -> EscalationParts:
    """Return the parts that a configuration file puts in force; what it does not name is as delivered.

    Raises
    ------
    EscalationConfigError
        When the text is no TOML, or a key or a value means nothing.
    """
    try:
        return EscalationParts.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message = f"no TOML: {error}"
        raise EscalationConfigError(message) from error
    except ValidationError as error:
        raise EscalationConfigError("\n".join(_explain(dict(item)) for item in error.errors())) from error


def merge_parts(parts: EscalationParts, changes: Mapping[str, Mapping[str, object] | None]) -> EscalationParts:
    """Return the parts in force.

    Parameters
    ----------
    parts : EscalationParts
        Of the file.
    changes : mapping
        The last change of each part by name: all its keys, or None where the file holds again.

    Raises
    ------
    EscalationConfigError
        When a change names a part, key or value that means nothing.
    """
    held = {name: dict(value) for name, value in changes.items() if value is not None}
    if not held:
        return parts
    try:
        return EscalationParts.model_validate({**parts.model_dump(mode="json"), **held})
    except ValidationError as error:
        raise EscalationConfigError("\n".join(_explain(dict(item)) for item in error.errors())) from error


def _explain(item: Mapping[str, Any]) -> str:
    path = [str(step) for step in item["loc"]]
    where = ".".join(path)
    if item["type"] == "extra_forbidden":
        return f"{where}: unknown key{_suggest(path)}"
    return f"{where}: {item['msg']}"


def _suggest(path: list[str]) -> str:
    part = EscalationParts.model_fields.get(path[0]) if len(path) > 1 else None
    known = PARTS if part is None else tuple(type(part.default).model_fields)
    found = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else f"; known are {', '.join(known)}"
