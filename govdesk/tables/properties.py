"""What a database is (zone, epoch, sample or real) and how far its data has moved on."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base


class DatabaseProperty(Base):
    """One fact about the whole database; see `storage.properties` for the keys."""

    __tablename__ = "database_properties"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class DataVersion(Base):
    """One growing number a subject (``places``, ``incidents``, …); audit bumps none."""

    __tablename__ = "data_versions"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
