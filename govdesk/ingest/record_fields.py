"""What each kind of record consists of: the fields a profile may map, their types, and which must be there.

One description a kind; everything else of the importer (profiles, conversion, checks, upsert) is generic over it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from govdesk.terms import (
    CapacityKind,
    Channel,
    MediationChannel,
    MediationMethod,
    Outcome,
    PetitionKind,
    ResolutionLevel,
    RevisitResult,
    SourceChangeKind,
    StepKind,
    Stream,
    WorksKind,
)

About = Literal[
    "incidents", "steps", "mediations", "revisits", "works", "nil_returns", "source_changes", "units", "posts",
    "vacancies", "capacities",
]

Kind = Literal["text", "code", "int", "float", "bool", "date", "instant", "category", "unit", "post", "incident"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field a file may bring.

    Attributes
    ----------
    name : str
        Column of the table, except ``incident_ref`` (becomes ``incident_id``).
    kind : str
        How its text is understood.
    required : bool
        A row without it is rejected; a file without a column for it is refused.
    codes : type of StrEnum or None
        Allowed codes of kind ``code``.
    group : str
        Prefix of the words of these codes in `locales/*/term.toml`: the words are understood, too.
    length : int
        Longest text the table keeps.
    low, high : int
        Allowed range of kind ``int``.
    named_only : bool
        Never read by ``own_names``: the profile has to ask for it by name.
    future : bool
        A date of it may lie ahead (or, for validity, before the first day of reports).
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    codes: type[StrEnum] | None = None
    group: str = ""
    length: int = 40
    low: int = 0
    high: int = 1_000_000
    named_only: bool = False
    future: bool = False


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record.

    Attributes
    ----------
    about : str
        Name in profiles and commands.
    table : str
        Table it is kept in.
    fields : tuple of Field
        What a profile may map.
    subject : str
        Subject of `storage.versions` that changes with it.
    has_place, has_point : bool
        Whether the sections ``[place]`` and ``[point]`` of a profile mean anything.
    place_required : bool
        A row without a known place is rejected.
    is_sourced : bool
        Keyed by ``(source, source_ref)``; otherwise by ``code``.
    dated_by : tuple of str
        Fields of which the first known stands in for a missing ``recorded_at`` on a first load.
    """

    about: About
    table: str
    fields: tuple[Field, ...]
    subject: str = "incidents"
    has_place: bool = False
    has_point: bool = False
    place_required: bool = False
    is_sourced: bool = True
    dated_by: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Return the field of that name."""
        return next(item for item in self.fields if item.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all fields."""
        return tuple(item.name for item in self.fields)


def _code(name: str, codes: type[StrEnum], group: str, *, required: bool = False) -> Field:
    return Field(name, "code", required=required, codes=codes, group=group)


_REF = Field("source_ref", length=80)
_RECORDED = Field("recorded_at", "instant")
_INCIDENT = Field("incident_ref", "incident", required=True, length=80)
_POST = Field("by_post", "text")
_UNIT = Field("unit_code", "unit")

INCIDENTS = RecordKind(
    "incidents", "incidents",
    (
        _REF,
        _code("stream", Stream, "stream", required=True),
        Field("category", "category"),
        _code("channel", Channel, "channel"),
        _code("petition_kind", PetitionKind, "petition"),
        _code("lodged_level", ResolutionLevel, "resolution"),
        Field("n_people", "int", low=1, high=100_000),
        Field("severity", "int", low=1, high=4),
        Field("summary", length=5_000, named_only=True),
        Field("weight", "int", low=-1, high=1),
        Field("occurred_on", "date"),
        Field("reported_at", "instant"),
        _RECORDED,
        Field("handling_unit", "unit"),
        Field("concerns_unit", "unit"),
        Field("repeat_of", length=80),
        Field("due_at", "instant", future=True),
        Field("first_answered_at", "instant", named_only=True),
        Field("closed_at", "instant", named_only=True),
        Field("resolution_level", "code", codes=ResolutionLevel, group="resolution", named_only=True),
        Field("outcome", "code", codes=Outcome, group="outcome", named_only=True),
    ),
    has_place=True, has_point=True, place_required=True, dated_by=("reported_at",),
)

STEPS = RecordKind(
    "steps", "steps",
    (
        _REF, _INCIDENT,
        _code("kind", StepKind, "step", required=True),
        Field("occurred_at", "instant", required=True),
        _RECORDED, _POST, _UNIT,
        _code("level", ResolutionLevel, "resolution"),
        _code("outcome", Outcome, "outcome"),
        Field("due_at", "instant", future=True),
        Field("severity", "int", low=1, high=4),
        Field("note", length=5_000),
    ),
    dated_by=("occurred_at",),
)

MEDIATIONS = RecordKind(
    "mediations", "mediations",
    (
        _REF, _INCIDENT,
        _code("channel", MediationChannel, "mediation", required=True),
        _code("method", MediationMethod, "method", required=True),
        _code("level", ResolutionLevel, "resolution", required=True),
        _UNIT, _POST,
        Field("started_on", "date", required=True),
        Field("ended_on", "date"),
        Field("n_sessions", "int", high=1_000),
        Field("is_settled", "bool"),
        Field("agreed_on", "date"),
        Field("performance_due_on", "date", future=True),
        Field("performed_on", "date"),
        Field("confirmed_on", "date"),
        _RECORDED,
    ),
    dated_by=("ended_on", "started_on"),
)

REVISITS = RecordKind(
    "revisits", "revisits",
    (
        _REF, _INCIDENT,
        Field("revisited_on", "date", required=True),
        _POST,
        _code("result", RevisitResult, "revisit", required=True),
        Field("satisfaction", "int", low=1, high=5),
        _RECORDED,
    ),
    dated_by=("revisited_on",),
)

WORKS = RecordKind(
    "works", "works_projects",
    (
        _REF,
        Field("name", required=True, length=100),
        _code("kind", WorksKind, "works", required=True),
        Field("started_on", "date", required=True, future=True),
        Field("ended_on", "date", future=True),
        _UNIT, _RECORDED,
    ),
    has_place=True, place_required=True, dated_by=("started_on",),
)

NIL_RETURNS = RecordKind(
    "nil_returns", "nil_returns",
    (
        _REF,
        _code("stream", Stream, "stream"),
        Field("period_from", "date", required=True),
        Field("period_to", "date", required=True, future=True),
        _POST, _RECORDED,
    ),
    has_place=True, place_required=True, dated_by=("period_to",),
)

SOURCE_CHANGES = RecordKind(
    "source_changes", "source_changes",
    (
        _REF,
        Field("on", "date", required=True),
        _code("kind", SourceChangeKind, "source", required=True),
        _code("stream", Stream, "stream"),
        _code("channel", Channel, "channel"),
        _UNIT,
        Field("note", length=5_000),
        _RECORDED,
    ),
    has_place=True, dated_by=("on",),
)

UNITS = RecordKind(
    "units", "units",
    (
        Field("code", required=True),
        Field("name", required=True, length=100),
        Field("kind", required=True, length=20),
        Field("parent_code"),
    ),
    subject="organisation", has_place=True, is_sourced=False,
)

POSTS = RecordKind(
    "posts", "posts",
    (
        Field("code", required=True),
        Field("title", required=True, length=100),
        _UNIT,
        Field("valid_from", "date", future=True),
        Field("valid_to", "date", future=True),
    ),
    subject="organisation", has_place=True, is_sourced=False,
)

VACANCIES = RecordKind(
    "vacancies", "grid_vacancies",
    (
        _REF,
        Field("post_code", "post", required=True),
        Field("from_on", "date", required=True),
        Field("to_on", "date", future=True),
        _RECORDED,
    ),
    subject="organisation", dated_by=("from_on",),
)

CAPACITIES = RecordKind(
    "capacities", "capacities",
    (
        _REF,
        _code("kind", CapacityKind, "capacity", required=True),
        Field("n", "int", required=True, high=100_000),
        Field("counted_on", "date", required=True),
        _RECORDED,
    ),
    subject="organisation", has_place=True, place_required=True, dated_by=("counted_on",),
)

#: Every kind of record by its name in profiles and commands.
RECORD_KINDS: dict[str, RecordKind] = {
    kind.about: kind
    for kind in (INCIDENTS, STEPS, MEDIATIONS, REVISITS, WORKS, NIL_RETURNS, SOURCE_CHANGES, UNITS, POSTS, VACANCIES,
                 CAPACITIES)
}
