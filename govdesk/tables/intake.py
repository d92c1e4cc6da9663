"""Other systems: who may send and read (Open311), and to whom each step is told (webhooks)."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class IntakeSource(Base):
    """A system that may send incidents or read its own; of its tokens only hashes are kept."""

    __tablename__ = "intake_sources"

    code: Mapped[str] = mapped_column(String(40), primary_key=True, doc="the source of the incidents that it sends")
    title: Mapped[str] = mapped_column(String(100))
    write_hash: Mapped[str | None] = mapped_column(String(64), doc="SHA-256 of a random token; null: may not send")
    read_hash: Mapped[str | None] = mapped_column(String(64), doc="null: may not read")
    unit_code: Mapped[str | None] = mapped_column(String(40), doc="what concerns this unit is hidden from it")
    per_minute: Mapped[int] = mapped_column(Integer, doc="requests a minute")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class Webhook(Base):
    """An address that is told each step."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    address: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(String(80), doc="key of the signature (HMAC-SHA-256)")
    source: Mapped[str | None] = mapped_column(String(40), doc="only incidents of this source; null: all")
    unit_code: Mapped[str | None] = mapped_column(String(40), doc="what concerns this unit is not told")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class WebhookDelivery(Base):
    """One step to be told to one address; written in the transaction of the step."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id"))
    body: Mapped[str] = mapped_column(Text, doc="JSON, without personal data")
    n_tries: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="null: delivered, or given up")
    delivered_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    failure: Mapped[str | None] = mapped_column(String(100))

    __table_args__ = (Index("ix_webhook_deliveries_next", "next_at"),)
