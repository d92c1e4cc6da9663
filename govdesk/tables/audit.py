"""Who saw or changed what, when, from where: append-only, written in the transaction of the act itself."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class AuditEvent(Base):
    """One act. `detail` is JSON without personal data."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40), doc="account")
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_key: Mapped[str | None] = mapped_column(String(130))
    detail: Mapped[str] = mapped_column(Text, default="{}")

    address: Mapped[str | None] = mapped_column(String(45), doc="where from; null: on the office PC itself")
    is_refused: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    # What the page of the audit filters by; each with the time, in which it is sorted.
    __table_args__ = (
        Index("ix_audit_events_at", "at"),
        Index("ix_audit_events_by", "by", "at"),
        Index("ix_audit_events_action", "action", "at"),
        Index("ix_audit_events_subject", "subject", "at"),
        Index("ix_audit_events_subject_key", "subject_key", "at"),
        Index("ix_audit_events_refused", "at", sqlite_where=text("is_refused = 1"),
              postgresql_where=text("is_refused")),
    )


class AuditBlock(Base):
    """A run of audit events under one seal; each seal contains the one before it."""

    __tablename__ = "audit_blocks"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    first_event: Mapped[int] = mapped_column(Key)
    last_event: Mapped[int] = mapped_column(Key)
    n_events: Mapped[int] = mapped_column(Integer)
    previous: Mapped[str] = mapped_column(String(64), doc="seal of the block before; empty at the first")
    seal: Mapped[str] = mapped_column(String(64), doc="HMAC-SHA-256 over the seal before and the mark of every event")
    marks: Mapped[str] = mapped_column(Text, doc="number and mark of each event: which of them was touched")
    key_id: Mapped[str] = mapped_column(String(16), doc="which secret it was sealed with")
    sealed_at: Mapped[datetime] = mapped_column(UtcSeconds)
    removed_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="its events were past their time")

    __table_args__ = (Index("uq_audit_blocks_first_event", "first_event", unique=True),)
