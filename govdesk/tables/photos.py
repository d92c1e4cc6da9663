"""Photos of incidents: the pixels lie in the work folder, without what a camera writes into a file."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class Photo(Base):
    """One photo; its file is removed after a set time, its row stays and says when."""

    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12), doc="terms.PhotoKind")
    stored_as: Mapped[str] = mapped_column(String(80), doc="name in the work folder's photos/, never from the sender")
    file_hash: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the file as delivered")
    n_bytes: Mapped[int] = mapped_column(Integer, doc="as kept")
    width: Mapped[int] = mapped_column(Integer, doc="pixels")
    height: Mapped[int] = mapped_column(Integer, doc="pixels")
    by: Mapped[str] = mapped_column("by", String(40), doc="account, or source of an intake")
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    delete_at: Mapped[datetime] = mapped_column(UtcSeconds)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
