"""What the desk puts on the wall screens: one row a change, none is ever altered."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class WallPin(Base):
    """A scene put on all walls, or taken off them; the last row holds."""

    __tablename__ = "wall_pins"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40), doc="account")
    scene: Mapped[str | None] = mapped_column(String(40), doc="null: the rotation goes on")
    until: Mapped[datetime | None] = mapped_column("until", UtcSeconds, doc="null: until it is taken off")
