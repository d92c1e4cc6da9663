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
    n_duplicates: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    n_aside: Mapped[int] = mapped_column(Integer, default=0, server_default="0",
                                         doc="rows that are no records: titles, totals, blank ones")
    source: Mapped[str | None] = mapped_column(String(40), doc="source of its rows; null for places")
    profile_text: Mapped[str | None] = mapped_column(Text, doc="the profile as it was used (TOML)")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class RowNote(Base):
    """What was said about one row of a batch; never the raw value of a personal field."""

    __tablename__ = "row_notes"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"), index=True)
    sheet: Mapped[str | None] = mapped_column(String(80), doc="sheet of a workbook")
    line: Mapped[int | None] = mapped_column(Integer, doc="row as Excel or an editor shows it, from 1")
    column: Mapped[str | None] = mapped_column("column", String(80))
    level: Mapped[str] = mapped_column(String(8), doc="error, warning")
    code: Mapped[str] = mapped_column(String(40))
    value: Mapped[str | None] = mapped_column(String(80), doc="what stood in the cell, short and masked")
    message: Mapped[str] = mapped_column(Text, doc="the sentence in the language of the settings")
    detail: Mapped[str | None] = mapped_column(Text, doc="JSON of what fills the sentence in, for other languages")


class BeforeImage(Base):
    """A row as it was before a batch changed it (JSON of its columns)."""

    __tablename__ = "before_images"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(130))
    image: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_before_images_batch", "batch_id", "table_name", "row_key"),)


class WithdrawnRow(Base):
    """A row that an undone batch had brought, taken out of its table (JSON of its columns).

    Incidents and steps stay in their tables, marked; rows of all other kinds are kept here instead.
    """

    __tablename__ = "withdrawn_rows"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(130))
    image: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_withdrawn_rows_batch", "batch_id", "table_name"),)


class Upload(Base):
    """A file on its way in: kept in the work folder until 24 hours after its commit, then removed."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    file_name: Mapped[str] = mapped_column(String(200), doc="as given, masked")
    file_hash: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the bytes")
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    stored_as: Mapped[str] = mapped_column(String(80), doc="name in the work folder's uploads/, never from the user")
    by: Mapped[str] = mapped_column("by", String(40), index=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    status: Mapped[str] = mapped_column(String(12), doc="terms.UploadStatus")
    changed_at: Mapped[datetime] = mapped_column(UtcSeconds)
    profile_text: Mapped[str | None] = mapped_column(Text, doc="mapping chosen so far (TOML)")
    report: Mapped[str | None] = mapped_column(Text, doc="JSON of the last dry run or of the commit")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id"))
    committed_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    removed_at: Mapped[datetime | None] = mapped_column(UtcSeconds, doc="when the file was deleted")


class ImportProfile(Base):
    """A mapping made on screen; rows are only added, the newest of a name that is not retired counts."""

    __tablename__ = "import_profiles"

    id: Mapped[int] = mapped_column(_Key, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    about: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, doc="TOML, as docs/import-profiles.md describes")
    headers: Mapped[str] = mapped_column(Text, doc="JSON list of the headers it was made for")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    retired_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
