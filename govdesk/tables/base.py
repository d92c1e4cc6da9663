"""The base of all tables and the two column types that differ between Python and the engines."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Dialect, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of the mapped classes; singular class, plural table."""

    metadata = MetaData(naming_convention=NAMING)


class UtcSeconds(TypeDecorator[datetime]):
    """An instant, kept as whole seconds since 1970-01-01T00:00Z on every engine (ADR 0003).

    Python sees aware UTC datetimes; the fast bulk paths write the integer.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into seconds."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant needs a time zone"
            raise ValueError(message)
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn seconds into an aware UTC datetime."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)
