"""What was written in place of sentences of a weekly brief 研判周报; rows are only ever added."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class BriefEdit(Base):
    """One rewriting of one sentence; the newest of a sentence counts, an empty text takes it back."""

    __tablename__ = "brief_edits"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    week: Mapped[int] = mapped_column(Integer)
    sentence: Mapped[str] = mapped_column(String(40), doc="key of the sentence, for instance lead.open")
    language: Mapped[str] = mapped_column(String(2))
    is_internal: Mapped[bool] = mapped_column(Boolean, doc="of the version that names villages")
    text: Mapped[str] = mapped_column(Text, doc="masked; empty: the sentence of the rules again")
    original: Mapped[str] = mapped_column(Text, doc="what the rules had written")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)

    __table_args__ = (Index("ix_brief_edits_week", "week", "language", "is_internal"),)
