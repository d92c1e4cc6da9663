"""Who can help to settle: legal and mediation capacity of places, as numbers."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base
from govdesk.tables.imports import Sourced
from govdesk.tables.incidents import Key


class Capacity(Sourced, Base):
    """How many legal guides, legal advisers or volunteer mediators a place had on a day; about nobody in person."""

    __tablename__ = "capacities"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(20), doc="terms.CapacityKind")
    n: Mapped[int] = mapped_column(Integer)
    counted_on: Mapped[date] = mapped_column(Date)

    __table_args__ = (Unique("source", "source_ref"), CheckConstraint("n >= 0", name="n"))
