"""What was proposed when an incident was sent to a unit 分流, and what was decided: both are kept, none is altered."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class Triage(Base):
    """One decision to which unit an incident goes, beside the proposal from the duty list 权责清单."""

    __tablename__ = "triages"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id"), index=True, doc="the dispatch")
    suggested_unit: Mapped[str | None] = mapped_column(String(40), doc="null: the duty list names nobody")
    suggested_why: Mapped[str | None] = mapped_column(Text, doc="JSON: row of the duty list, what was passed over")
    chosen_unit: Mapped[str] = mapped_column(String(40))
    is_followed: Mapped[bool] = mapped_column(Boolean)
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
