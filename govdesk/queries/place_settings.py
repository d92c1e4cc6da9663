"""Villages that can be merged or split, and what was merged and split before, as the settings page shows it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.storage.versions import read_versions
from govdesk.tables import Place, PlaceChange
from govdesk.terms import Level


@dataclass(frozen=True, slots=True)
class StandingPlace:
    """A place that is open: its code, name, level and the place above it."""

    code: str
    name: str
    level: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class PastChange:
    """What became of a place on a day; `share` of its people, 0–1."""

    on: date
    kind: str
    from_code: str
    from_name: str
    to_code: str
    to_name: str
    share: float


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Open places by code, changes with the newest first, and the version of the places that was read."""

    places: tuple[StandingPlace, ...]
    changes: tuple[PastChange, ...]
    version: int

    def list_of(self, level: str, parent: str | None = None) -> list[StandingPlace]:
        """Return the open places of a level, of one place above where it is named."""
        return [one for one in self.places if one.level == level and parent in (None, one.parent_code)]

    def list_below(self, code: str) -> list[StandingPlace]:
        """Return the open places right below one."""
        return [one for one in self.places if one.parent_code == code]


@reads("change_settings")
def read_place_settings(connection: Connection, scope: Scope) -> PlaceSettings:
    """Return what can be merged or split, and what was."""
    del scope  # who may change settings sees the whole
    wanted = (Level.TOWNSHIP, Level.VILLAGE, Level.GRID)
    places = tuple(StandingPlace(*row) for row in connection.execute(select(
        Place.code, Place.name, Place.level, Place.parent_code).where(
            Place.valid_to.is_(None), Place.level.in_(wanted)).order_by(Place.code)))
    names = {row.code: row.name for row in connection.execute(
        select(Place.code, Place.name).order_by(Place.valid_from))}
    change = PlaceChange
    changes = tuple(PastChange(row.on, row.kind, row.from_code, names.get(row.from_code, row.from_code), row.to_code,
                               names.get(row.to_code, row.to_code), row.share)
                    for row in connection.execute(select(change.on, change.kind, change.from_code, change.to_code,
                                                         change.share).order_by(change.on.desc(), change.from_code)))
    return PlaceSettings(places, changes, read_versions(connection)["places"])
