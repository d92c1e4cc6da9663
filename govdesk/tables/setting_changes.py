"""What an administrator set on screen in place of a file of ``data/reference``: append-only, the last row holds."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class SettingChange(Base):
    """One change of one setting."""

    __tablename__ = "setting_changes"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40), doc="account")
    subject: Mapped[str] = mapped_column(String(40), doc="duty_list, escalation_parts …")
    key: Mapped[str] = mapped_column("key", String(130), default="")
    value: Mapped[str | None] = mapped_column("value", Text, doc="JSON; null: what the file says")
    reason: Mapped[str] = mapped_column(String(200))

    __table_args__ = (Index("ix_setting_changes_subject", "subject", "key", "id"),)
