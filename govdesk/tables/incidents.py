"""The umbrella table of everything that is reported 事件, and the steps 流转 that follow."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds

#: SQLite numbers rows itself only for INTEGER keys.
Key = BigInteger().with_variant(Integer, "sqlite")


class Category(Base):
    """A category of one stream, with its words; from `data/reference/categories.csv` or an import profile."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    stream: Mapped[str] = mapped_column(String(12))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))


class Incident(Base):
    """One reported thing. What became known later is a step; the last group of columns is a cache of steps."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)

    # Provenance
    source: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str] = mapped_column(String(80))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(32), doc="hash of the mapped fields: same hash, same row")

    # What
    stream: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(20))
    petition_kind: Mapped[str | None] = mapped_column(String(12))
    lodged_level: Mapped[str | None] = mapped_column(String(12))
    n_people: Mapped[int | None] = mapped_column(Integer)
    severity: Mapped[int | None] = mapped_column(Integer, doc="1 highest … 4 lowest")
    summary: Mapped[str | None] = mapped_column(Text, doc="masked; only where the profile asks for it")
    weight: Mapped[int] = mapped_column(Integer, default=1, doc="+1, −1 for a correction row")

    # Where
    place_code: Mapped[str] = mapped_column(String(40), doc="the finest known place of its week")
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    point_kind: Mapped[str | None] = mapped_column(String(8), doc="terms.PointKind; null without a point")
    cell_county: Mapped[int | None] = mapped_column(BigInteger, doc="H3 cell shown at county level")
    cell_township: Mapped[int | None] = mapped_column(BigInteger, doc="H3 cell shown at township level")

    # When
    occurred_on: Mapped[date] = mapped_column(Date)
    reported_at: Mapped[datetime] = mapped_column(UtcSeconds)
    recorded_at: Mapped[datetime] = mapped_column(UtcSeconds, doc="when we knew")
    is_recorded_assumed: Mapped[bool] = mapped_column(Boolean, default=False)
    week_occurred: Mapped[int] = mapped_column(Integer)
    week_known: Mapped[int] = mapped_column(Integer)

    # Who handles
    handling_unit: Mapped[str | None] = mapped_column(String(40))
    concerns_unit: Mapped[str | None] = mapped_column(String(40), doc="the unit it is about: hidden from it")
    due_given_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="due date it came with; steps move due_at")

    # Other rows
    repeat_of: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    is_counted: Mapped[int] = mapped_column(Integer, default=1, doc="0 when merged or withdrawn")

    # Cache of the steps
    status: Mapped[str] = mapped_column(String(12), default="reported")
    first_answered_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    due_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="deadline of the stage in which it stands")
    answer_due_at: Mapped[datetime | None] = mapped_column(
        UtcSeconds, doc="deadline that ran when the product gave the first answer; null: due_at tells")
    closed_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    week_closed: Mapped[int | None] = mapped_column(Integer)
    resolution_level: Mapped[str | None] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(12))
    n_reopened: Mapped[int] = mapped_column(Integer, default=0)
    n_steps: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (
        # The number first: it is searched for by its beginning.
        Unique("source_ref", "source"),
        CheckConstraint("weight IN (1, -1)", name="weight"),
        CheckConstraint("is_counted IN (0, 1)", name="counted"),
        CheckConstraint("(closed_at IS NULL) = (week_closed IS NULL)", name="closed_pair"),
        # The indexes that counting reads instead of the table (measured by benchmarks/query_speed.py).
        # By week: curves, cells, lists in order of time.
        Index(
            "ix_incidents_counting",
            "is_counted", "week_occurred", "stream", "category", "weight", "recorded_at",
            "place_code", "cell_county", "cell_township", "petition_kind", "repeat_of", "concerns_unit",
        ),
        # By place, then week: maps and everything inside one place.
        Index(
            "ix_incidents_place",
            "place_code", "is_counted", "week_occurred", "stream", "category", "weight",
            "petition_kind", "repeat_of", "concerns_unit",
        ),
        # What is open, by place; few rows, so that it costs an import next to nothing.
        Index(
            "ix_incidents_alive",
            "place_code", "is_counted", "week_occurred", "week_closed", "stream", "category", "weight",
            "recorded_at", "due_at", "concerns_unit",
            sqlite_where=text("week_closed IS NULL"), postgresql_where=text("week_closed IS NULL"),
        ),
        # What was closed when; what was open on an earlier day, since when and whether late.
        Index(
            "ix_incidents_open",
            "is_counted", "week_closed", "week_known", "stream", "place_code", "category", "weight", "week_occurred",
            "reported_at", "recorded_at", "due_at", "closed_at", "concerns_unit", "handling_unit", "channel",
        ),
        # How well it was handled: everything that case quality asks of the incidents of some weeks.
        Index(
            "ix_incidents_quality",
            "is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "closed_at", "first_answered_at",
            "outcome", "n_reopened", "stream", "category", "place_code", "handling_unit", "channel", "concerns_unit",
            "due_at", "petition_kind", "lodged_level", "answer_due_at",
        ),
        # The few that were ever re-opened.
        Index(
            "ix_incidents_reopened",
            "is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "stream", "category", "place_code",
            "handling_unit", "channel", "concerns_unit", "n_reopened",
            sqlite_where=text("n_reopened > 0"), postgresql_where=text("n_reopened > 0"),
        ),
        # The inboxes of the dispatch board: what is open, by where it stands and who has it.
        Index(
            "ix_incidents_inbox",
            "status", "handling_unit", "due_at", "is_counted", "weight", "place_code", "stream", "severity",
            "week_occurred", "concerns_unit", "reported_at", "n_reopened",
            # Not "week_closed IS NULL": SQLite would take ix_incidents_open, and read the table for each row.
            sqlite_where=text("status <> 'closed'"), postgresql_where=text("status <> 'closed'"),
        ),
        # The few that were withdrawn: nobody goes back to them.
        Index(
            "ix_incidents_withdrawn", "week_closed",
            sqlite_where=text("outcome = 'withdrawn'"), postgresql_where=text("outcome = 'withdrawn'"),
        ),
        Index("ix_incidents_recorded", "recorded_at"),
    )


class Step(Base):
    """Something that happened to an incident; append-only, with its own time and its own time of knowing."""

    __tablename__ = "steps"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    source: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str] = mapped_column(String(80))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(12))
    occurred_at: Mapped[datetime] = mapped_column(UtcSeconds)
    recorded_at: Mapped[datetime] = mapped_column(UtcSeconds)
    is_recorded_assumed: Mapped[bool] = mapped_column(Boolean, default=False)
    by_post: Mapped[str | None] = mapped_column(String(40))
    unit_code: Mapped[str | None] = mapped_column(String(40), doc="who acts, or to whom it is dispatched")
    level: Mapped[str | None] = mapped_column(String(12), doc="referred up to, or settled at")
    outcome: Mapped[str | None] = mapped_column(String(12))
    due_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    severity: Mapped[int | None] = mapped_column(Integer, doc="a changed severity")
    promised_on: Mapped[date | None] = mapped_column(
        Date, doc="of a closing by agreement: until when what was agreed is to be performed")
    reason: Mapped[str | None] = mapped_column(
        String(20), doc="terms.PauseReason, QuickReason or RevisitResult, as the kind of step asks")
    urge_level: Mapped[int | None] = mapped_column(Integer, doc="of a step that urges: 1 unit, 2 centre, 3 leader")
    time_limit: Mapped[str | None] = mapped_column(
        String(40), doc="limit that its due_at was reckoned by, for instance '15 working_days'")
    of_step: Mapped[int | None] = mapped_column(Key, doc="number of the step that this one answers")
    note: Mapped[str | None] = mapped_column(Text, doc="masked reason or remark")
    is_withdrawn: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        Unique("source", "source_ref"),
        # Closings by agreement that say until when it is to be performed.
        Index(
            "ix_steps_promised", "promised_on", "incident_id",
            sqlite_where=text("promised_on IS NOT NULL"), postgresql_where=text("promised_on IS NOT NULL"),
        ),
        Index("ix_steps_incident", "incident_id", "occurred_at"),
        # The few extensions that were ever asked for.
        Index("ix_steps_asked", "incident_id", "occurred_at",
              sqlite_where=text("kind = 'ask_extend'"), postgresql_where=text("kind = 'ask_extend'")),
    )


class EscalationEvent(Base):
    """One fact that a dispute worsened 激化; a part per rule, an incident counts once per horizon."""

    __tablename__ = "escalation_events"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    occurred_on: Mapped[date] = mapped_column(Date, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcSeconds)
    rule_version: Mapped[str] = mapped_column(String(20))
