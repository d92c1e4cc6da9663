"""Reads once what a file is checked against: places, categories, units, posts, the database's facts."""

import json
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import shapely
from sqlalchemy import Connection, select

from govdesk.clock import now
from govdesk.ingest.cells import Meanings, fold
from govdesk.ingest.dates import day_number
from govdesk.ingest.notes import note
from govdesk.ingest.place_book import OPEN_DAY, AliasRow, ChangeRow, PlaceBook, PlaceRow, ShapeRow
from govdesk.ingest.points import choose_resolutions
from govdesk.ingest.profiles import Profile, ProfileError
from govdesk.ingest.readers import FileRefusedError
from govdesk.ingest.records import Surroundings
from govdesk.settings import get_settings
from govdesk.storage.category_changes import read_former_names
from govdesk.storage.properties import check_properties
from govdesk.storage.reference import read_delivered_categories
from govdesk.tables import Category, Incident, Place, PlaceAlias, PlaceChange, PlaceShape, Post, Unit
from govdesk.terms import DataKind, ShapeKind


def read_surroundings(connection: Connection, profile: Profile, book: PlaceBook | None = None) -> Surroundings:
    """Return what a file of this profile is read against; `book` where the places were read before.

    Raises
    ------
    ProfileError
        When an invented file meets a real database or the other way round, or the profile gives a known category
        to another stream.
    FileRefusedError
        When the database has no places yet.
    """
    facts = check_properties(connection, get_settings().zone)
    if profile.sample != (facts.kind is DataKind.SAMPLE):
        message = (f"sample = {str(profile.sample).lower()}, but this is a {facts.kind} database: "
                   "invented and real data never mix")
        raise ProfileError(message)
    book = book or read_places(connection)
    if profile.kind.place_required and not book.periods:
        raise FileRefusedError(note("places_missing"))
    return Surroundings(
        book=book, meanings=_read_meanings(connection, profile, ZoneInfo(facts.zone)),
        units=frozenset(connection.scalars(select(Unit.code))), crs=facts.crs,
        resolutions=_read_resolutions(connection, book), now=int(now().timestamp()),
    )


def read_places(connection: Connection) -> PlaceBook:
    """Return all places with their delivered shapes, their changes and their accepted aliases."""
    names = read_names(connection)
    measured = PlaceShape.kind.in_((ShapeKind.DELIVERED.value, ShapeKind.REPAIRED.value))
    shapes = [
        ShapeRow(row.code, day_number(row.valid_from), shapely.from_geojson(row.geometry), row.area_km2)
        for row in connection.execute(select(PlaceShape.__table__).where(measured)) if row.code in names
    ]
    changes = [ChangeRow(row.from_code, row.to_code, day_number(row.on))
               for row in connection.execute(select(PlaceChange.__table__))]
    return PlaceBook([place for rows in names.periods.values() for place in rows], shapes, changes, names.aliases)


def read_names(connection: Connection) -> PlaceBook:
    """Return all places with their accepted aliases, without shapes and changes: enough to match names."""
    places = [
        PlaceRow(row.code, row.name, row.level, row.parent_code, day_number(row.valid_from),
                 OPEN_DAY if row.valid_to is None else day_number(row.valid_to), row.households, row.lon, row.lat)
        for row in connection.execute(select(Place.__table__))
    ]
    aliases = [AliasRow(row.alias, row.folded, row.parent_code, row.place_code) for row in connection.execute(
        select(PlaceAlias.__table__).where(PlaceAlias.withdrawn_at.is_(None)).order_by(PlaceAlias.id))]
    return PlaceBook(places, aliases=aliases)


def _read_meanings(connection: Connection, profile: Profile, county: ZoneInfo) -> Meanings:
    streams: dict[str, str] = {}
    words: dict[str, str] = {}
    shared: set[str] = set()
    former, in_file = read_former_names(connection), read_delivered_categories()
    for row in connection.execute(select(Category.__table__)):
        streams[row.code] = row.stream
        # Renamed on screen, a category is still found by what it was called: files do not change with us.
        earlier = former.get(row.code, set()) | {in_file[row.code][name] for name in ("name_zh", "name_en")
                                                 if row.code in former and row.code in in_file}
        for name in {fold(one) for one in (row.name_zh, row.name_en, *earlier)}:
            if name in words:
                shared.add(name)
            words[name] = row.code
    for item in profile.category:
        if streams.get(item.code, item.stream.value) != item.stream.value:
            message = f"category {item.code}: it is known already, in stream {streams[item.code]!r}"
            raise ProfileError(message)
        streams[item.code] = item.stream.value
    return Meanings(
        zone=ZoneInfo(profile.time_zone) if profile.time_zone else county, county=county,
        formats=tuple(profile.date_formats), categories=streams,
        category_words={name: code for name, code in words.items() if name not in shared},
        posts=frozenset(connection.scalars(select(Post.code))) if profile.about == "vacancies" else frozenset(),
        year=profile.file.year, this_year=now().astimezone(county).year, serials=profile.file.serial_dates,
        empties=tuple(profile.file.empty),
    )


def _read_resolutions(connection: Connection, book: PlaceBook) -> tuple[int, int]:
    """Return the cell sizes that the database uses already, or choose them by the county's area."""
    cell = connection.scalar(select(Incident.cell_county).where(Incident.cell_county.is_not(None)).limit(1))
    if cell is not None:
        level = h3.get_resolution(cell)
        return level, level + 1
    return choose_resolutions(book.area_km2)


def as_json(row: dict[str, object]) -> str:
    """Return a row as the text that a before-image keeps."""
    return json.dumps(row, ensure_ascii=False, default=str, sort_keys=True)
