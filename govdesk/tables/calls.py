"""Call and answer 乡呼县应: a township calls units of the county; each hop is a row, none is ever altered."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class Call(Base):
    """One call of a township; several units called together are a joint handling 联合会诊 with one lead."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    source_ref: Mapped[str] = mapped_column(String(80), unique=True, doc="names the form: sent twice, written once")
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    concerns_unit: Mapped[str | None] = mapped_column(String(40), doc="of its incident: never called, never shown it")
    category: Mapped[str] = mapped_column(String(40))
    severity: Mapped[int] = mapped_column(Integer, doc="1 highest … 4 lowest")
    note: Mapped[str | None] = mapped_column(Text, doc="masked")
    called_at: Mapped[datetime] = mapped_column(UtcSeconds)
    by_post: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="when whoever called judged the outcome")
    outcome: Mapped[str | None] = mapped_column(String(12), doc="terms.CallOutcome")
    ended_by: Mapped[str | None] = mapped_column(String(40))


class CallStep(Base):
    """One hop of one called unit."""

    __tablename__ = "call_steps"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    unit_code: Mapped[str] = mapped_column(String(40), index=True)
    hop: Mapped[str] = mapped_column(String(12), doc="terms.CallHop")
    is_lead: Mapped[bool] = mapped_column(Boolean, default=False, doc="of the hop that summons: this unit leads")
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    due_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="until when the next hop is expected")
    by_post: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text, doc="masked")

    __table_args__ = (Unique("call_id", "unit_code", "hop"),)
