"""The place tree 地区 with dated validity, its changes, its dated closure, and its shapes."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds


class Place(Base):
    """A place as it was from `valid_from` up to, not including, `valid_to`."""

    __tablename__ = "places"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(100))
    initials: Mapped[str] = mapped_column(String(100), default="", doc="pinyin initials, for the search")
    level: Mapped[str] = mapped_column(String(12))
    parent_code: Mapped[str | None] = mapped_column(String(40), index=True)
    kind: Mapped[str | None] = mapped_column(String(12))
    population: Mapped[int | None] = mapped_column(Integer)
    households: Mapped[int | None] = mapped_column(Integer)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)


class PlaceChange(Base):
    """Where the people of a place went on a date: `share` of `from_code` belongs to `to_code` since."""

    __tablename__ = "place_changes"

    from_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    to_code: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    on: Mapped[date] = mapped_column("on", Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    share: Mapped[float] = mapped_column(Float, default=1.0)


class PlaceAncestor(Base):
    """Dated closure: `ancestor_code` is `depth` levels above `code` in weeks `week_from` ≤ w < `week_to`.

    A place is its own ancestor at depth 0. Weeks are whole (`clock.week_of`): a change counts from the Monday
    of its week on. An open end is `OPEN_WEEK`, so that comparisons need no null.
    """

    __tablename__ = "place_ancestors"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    ancestor_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    week_from: Mapped[int] = mapped_column(Integer, primary_key=True)
    week_to: Mapped[int] = mapped_column(Integer)
    ancestor_level: Mapped[str] = mapped_column(String(12))
    depth: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("ix_place_ancestors_down", "ancestor_code", "code", "week_from", "week_to"),)


#: `week_to` of a place that is still valid, and `week_from` of one without a known beginning.
OPEN_WEEK = 99_999
FIRST_WEEK = -99_999

#: `valid_from` of a place whose register does not say since when.
ALWAYS = date(1900, 1, 1)


class PlaceShape(Base):
    """The shape drawn for a place: delivered, repaired, or schematic 示意 (cell, tile)."""

    __tablename__ = "place_shapes"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), doc="terms.ShapeKind")
    geometry: Mapped[str] = mapped_column(Text, doc="GeoJSON geometry as imported, WGS84 axis order lon, lat")
    outline: Mapped[str] = mapped_column(Text, doc="simplified GeoJSON geometry for the map")
    label_lon: Mapped[float] = mapped_column(Float, doc="a point inside, for the label")
    label_lat: Mapped[float] = mapped_column(Float)
    min_lon: Mapped[float] = mapped_column(Float)
    min_lat: Mapped[float] = mapped_column(Float)
    max_lon: Mapped[float] = mapped_column(Float)
    max_lat: Mapped[float] = mapped_column(Float)
    area_km2: Mapped[float | None] = mapped_column(Float, doc="null where schematic")


class ContextLayer(Base):
    """Rivers, roads, settlements: a landscape behind the places, from GeoJSON that the deployer gives."""

    __tablename__ = "context_layers"

    name: Mapped[str] = mapped_column(String(40), primary_key=True, doc="river, road, settlement, …")
    geojson: Mapped[str] = mapped_column(Text, doc="FeatureCollection")


class PlaceAlias(Base):
    """Another spelling of a place's name, accepted by somebody; rows are only added, and withdrawn by mark."""

    __tablename__ = "place_aliases"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True,
                                    autoincrement=True)
    alias: Mapped[str] = mapped_column(String(100), doc="as it stood in the file")
    folded: Mapped[str] = mapped_column(String(100), index=True, doc="as it is compared")
    parent_code: Mapped[str | None] = mapped_column(String(40), doc="holds only under this place; null: everywhere")
    place_code: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
