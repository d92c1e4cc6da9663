"""Mediation 调解, revisits 回访 to incidents, and visits 走访 to villages."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.imports import Sourced
from govdesk.tables.incidents import Key


class Mediation(Sourced, Base):
    """One mediation of one incident: method, channel, sessions, agreement and whether it was kept."""

    __tablename__ = "mediations"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16), doc="terms.MediationChannel")
    method: Mapped[str] = mapped_column(String(12), doc="terms.MediationMethod")
    level: Mapped[str] = mapped_column(String(12), doc="terms.ResolutionLevel at which it was held")
    unit_code: Mapped[str | None] = mapped_column(String(40))
    by_post: Mapped[str | None] = mapped_column(String(40))
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    n_sessions: Mapped[int | None] = mapped_column(Integer)
    is_settled: Mapped[bool | None] = mapped_column(Boolean, doc="null while it goes on")
    agreed_on: Mapped[date | None] = mapped_column(Date)
    performance_due_on: Mapped[date | None] = mapped_column(Date)
    performed_on: Mapped[date | None] = mapped_column(Date)
    confirmed_on: Mapped[date | None] = mapped_column(Date, doc="judicial confirmation")

    __table_args__ = (
        Unique("source", "source_ref"),
        # What was agreed, by the day until which it is to be performed.
        Index(
            "ix_mediations_due", "performance_due_on", "performed_on", "incident_id",
            sqlite_where=text("performance_due_on IS NOT NULL"),
            postgresql_where=text("performance_due_on IS NOT NULL"),
        ),
    )


class MediationSession(Base):
    """One sitting of a mediation: when, how, and which posts mediated; never who quarrelled."""

    __tablename__ = "mediation_sessions"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"), index=True)
    source_ref: Mapped[str] = mapped_column(String(80), unique=True, doc="names the form: sent twice, written once")
    held_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(12), doc="terms.MediationMethod")
    mediator_posts: Mapped[str] = mapped_column(Text, doc="posts, separated by commas")
    note: Mapped[str | None] = mapped_column(Text, doc="masked")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class Revisit(Sourced, Base):
    """Somebody went back and asked whether it is really settled."""

    __tablename__ = "revisits"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    revisited_on: Mapped[date] = mapped_column(Date)
    by_post: Mapped[str | None] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(12), doc="terms.RevisitResult")
    satisfaction: Mapped[int | None] = mapped_column(Integer, doc="1 … 5; null: no answer")

    __table_args__ = (
        Unique("source", "source_ref"),
        # Who was asked of late, for the inbox of what is to be revisited.
        Index("ix_revisits_day", "revisited_on", "result", "incident_id"),
    )


class Visit(Sourced, Base):
    """A visit to a village, never to a person: asked for by an alert, by a random sample, or on its own."""

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    reason: Mapped[str] = mapped_column(String(12), doc="alert, sample, own")
    risk_score_id: Mapped[int | None] = mapped_column(ForeignKey("risk_scores.id"), index=True)
    visited_on: Mapped[date] = mapped_column(Date)
    by_post: Mapped[str | None] = mapped_column(String(40))
    found: Mapped[str] = mapped_column(String(16), doc="found, nothing_found, already_known")
    outcome_90_days: Mapped[str | None] = mapped_column(String(16))
    outcome_recorded_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Unique("source", "source_ref"),)
