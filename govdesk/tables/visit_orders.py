"""Visit orders 走访任务: a flagged or drawn village becomes somebody's task, with a day and a reason."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class VisitOrder(Base):
    """One village to be visited because of one week's list or lot; answered by a visit, or called off with a reason."""

    __tablename__ = "visit_orders"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    place_code: Mapped[str] = mapped_column(String(40))
    week: Mapped[int] = mapped_column(Integer, doc="the week whose list or lot named it")
    reason: Mapped[str] = mapped_column(String(12), doc="terms.VisitReason")
    risk_score_id: Mapped[int | None] = mapped_column(ForeignKey("risk_scores.id"))
    owner_unit: Mapped[str] = mapped_column(String(40), index=True)
    owner_post: Mapped[str | None] = mapped_column(String(40))
    due_on: Mapped[date] = mapped_column(Date)
    ordered_by: Mapped[str] = mapped_column(String(40))
    ordered_at: Mapped[datetime] = mapped_column(UtcSeconds)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    called_off_by: Mapped[str | None] = mapped_column(String(40))
    called_off_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    called_off_why: Mapped[str | None] = mapped_column(Text, doc="masked")

    __table_args__ = (Unique("place_code", "week", "reason"),)
