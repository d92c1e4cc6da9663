"""What was judged about two incidents that look alike; rows are only added, and undone by mark."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class DuplicateVerdict(Base):
    """Somebody merged an incident into another, or said that the two are different."""

    __tablename__ = "duplicate_verdicts"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, doc="the one that is merged away")
    other_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True, doc="the one that stays")
    verdict: Mapped[str] = mapped_column(String(12), doc="terms.DuplicateAnswer")
    reason: Mapped[str] = mapped_column(Text, doc="masked")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    undone_by: Mapped[str | None] = mapped_column(String(40))
    undone_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
