"""Units 单位, posts 岗位 and accounts: staff appear by post, never by name."""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base


class Unit(Base):
    """An office, department or township government that may handle an incident."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20), doc="centre, department, township, court, police, bureau")
    place_code: Mapped[str | None] = mapped_column(String(40), doc="the area it works for")
    parent_code: Mapped[str | None] = mapped_column(String(40))
    content_hash: Mapped[str] = mapped_column(String(32))


class Post(Base):
    """A post in a unit, or a grid worker's post in a grid."""

    __tablename__ = "posts"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    unit_code: Mapped[str | None] = mapped_column(String(40), index=True)
    place_code: Mapped[str | None] = mapped_column(String(40), index=True)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    content_hash: Mapped[str] = mapped_column(String(32))


class Account(Base):
    """A post with a role and an area; what an audit row is signed with."""

    __tablename__ = "accounts"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    post_code: Mapped[str | None] = mapped_column(ForeignKey("posts.code"), index=True)
    role: Mapped[str] = mapped_column(String(12), doc="terms.Role")
    area_code: Mapped[str | None] = mapped_column(String(40), doc="null: the whole database")
    unit_code: Mapped[str | None] = mapped_column(String(40))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    address_range: Mapped[str | None] = mapped_column(String(100), doc="signs in only from here, CIDR; null: anywhere")
