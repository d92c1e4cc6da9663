"""Import batches, their row notes and the before-images that undo them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds

_Key = BigInteger().with_variant(Integer, "sqlite")


class Sourced:
    """Columns of every record that a file may bring; `(source, source_ref)` is unique."""

    source: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str] = mapped_column(String(80))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(32), doc="hash of the mapped fields: same hash, same row")
    recorded_at: Mapped[datetime] = mapped_column(UtcSeconds, doc="when we knew")


class ImportBatch(Base):
    """One committed file."""

    __tablename__ = "import_batches"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    about: Mapped[str] = mapped_column(String(20), doc="places, incidents, steps, …")
    profile: Mapped[str] = mapped_column(String(60))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column("by", String(40), doc="account")
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    n_read: Mapped[int] = mapped_column(Integer)
    n_inserted: Mapped[int] = mapped_column(Integer)
    n_updated: Mapped[int] = mapped_column(Integer)
    n_unchanged: Mapped[int] = mapped_column(Integer)
    n_rejected: Mapped[int] = mapped_column(Integer)
    n_masked: Mapped[int] = mapped_column(Integer, default=0)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class RowNote(Base):
    """What was said about one row of a batch; never the raw value of a personal field."""

    __tablename__ = "row_notes"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"), index=True)
    line: Mapped[int | None] = mapped_column(Integer, doc="line of the file, the header being 1")
    column: Mapped[str | None] = mapped_column("column", String(80))
    level: Mapped[str] = mapped_column(String(8), doc="error, warning")
    code: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(Text)


class BeforeImage(Base):
    """A row as it was before a batch changed it (JSON of its columns)."""

    __tablename__ = "before_images"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(130))
    image: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_before_images_batch", "batch_id", "table_name", "row_key"),)
