"""Works projects 工程项目, nil returns 零报告 and source changes: what surrounds the counts."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base
from govdesk.tables.imports import Sourced
from govdesk.tables.incidents import Key


class WorksProject(Sourced, Base):
    """A dated exposure: farmland, road, water, housing works in one place (one row a place)."""

    __tablename__ = "works_projects"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(12), doc="terms.WorksKind")
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    unit_code: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (Unique("source", "source_ref"),)


class NilReturn(Sourced, Base):
    """A place said for a period that nothing happened: evidence, unlike silence."""

    __tablename__ = "nil_returns"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    stream: Mapped[str | None] = mapped_column(String(12), doc="null: all streams")
    period_from: Mapped[date] = mapped_column(Date)
    period_to: Mapped[date] = mapped_column(Date, doc="exclusive")
    by_post: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (Unique("source", "source_ref"),)


class SourceChange(Sourced, Base):
    """A new app, form or office: why numbers may jump without the world having changed."""

    __tablename__ = "source_changes"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    on: Mapped[date] = mapped_column("on", Date)
    kind: Mapped[str] = mapped_column(String(12), doc="terms.SourceChangeKind")
    place_code: Mapped[str | None] = mapped_column(String(40), doc="null: everywhere")
    stream: Mapped[str | None] = mapped_column(String(12))
    channel: Mapped[str | None] = mapped_column(String(20))
    unit_code: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Unique("source", "source_ref"),)


class GridVacancy(Sourced, Base):
    """A grid worker's post was empty in a period; about the post, never about a worker."""

    __tablename__ = "grid_vacancies"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    post_code: Mapped[str] = mapped_column(ForeignKey("posts.code"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (Unique("source", "source_ref"),)
