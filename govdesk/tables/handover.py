"""Handover 交接班: what one shift left to the next, as it was when it was signed for."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class Handover(Base):
    """One handover: written when the going shift signs; the coming shift signs once."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    source_ref: Mapped[str] = mapped_column(String(80), unique=True, doc="names the form: sent twice, written once")
    area_code: Mapped[str | None] = mapped_column(String(40), index=True, doc="null: the whole database")
    from_at: Mapped[datetime] = mapped_column(UtcSeconds, doc="what it looks back on begins here")
    to_at: Mapped[datetime] = mapped_column(UtcSeconds)
    facts: Mapped[str] = mapped_column(Text, doc="JSON: counts and numbers of incidents, calls, visit orders")
    remark: Mapped[str | None] = mapped_column(Text, doc="masked")
    out_by: Mapped[str] = mapped_column(String(40), doc="post of the going shift")
    out_at: Mapped[datetime] = mapped_column(UtcSeconds)
    in_by: Mapped[str | None] = mapped_column(String(40), doc="post of the coming shift, another one")
    in_at: Mapped[datetime | None] = mapped_column(UtcSeconds)


class HandoverNote(Base):
    """A remark on one thing that a handover names."""

    __tablename__ = "handover_notes"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handovers.id"), index=True,
                                                    doc="null: of the shift that goes on")
    subject: Mapped[str] = mapped_column(String(20), doc="incident, call, visit_order or shift")
    subject_id: Mapped[int | None] = mapped_column(Key)
    area_code: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text, doc="masked")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
