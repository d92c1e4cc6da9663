"""Says what is strange about where places lie: outside the parent, sharing a point, without any position."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import shapely

from govdesk.ingest.drawing import Drawn
from govdesk.ingest.geometry import lies_inside
from govdesk.ingest.notes import Note, note
from govdesk.ingest.place_checks import Candidate
from govdesk.ingest.place_tree import Key, PlaceVersion, group_by_code


def check_positions(candidates: Sequence[Candidate], versions: Mapping[Key, PlaceVersion],
                    delivered: Mapping[Key, Drawn]) -> list[Note]:
    """Return warnings about the positions of a file's places.

    Parameters
    ----------
    candidates : sequence of Candidate
        The file's good rows.
    versions : mapping of (code, valid_from) to PlaceVersion
        The whole tree with them.
    delivered : mapping of (code, valid_from) to Drawn
        Shapes that files brought.
    """
    return [*_outside(candidates, versions, delivered), *_shared_points(candidates, versions),
            *_without_position(candidates, versions, delivered)]


def _outside(candidates: Sequence[Candidate], versions: Mapping[Key, PlaceVersion],
             delivered: Mapping[Key, Drawn]) -> list[Note]:
    by_code, notes = group_by_code(versions.values()), []
    for candidate in candidates:
        version = candidate.version
        parents = [parent for parent in by_code.get(version.parent_code or "", ())
                   if parent.key in delivered and parent.overlaps(version)]
        if not parents:
            continue
        around = delivered[parents[-1].key].shape
        shapely.prepare(around)
        own = delivered.get(version.key)
        point = (version.lon, version.lat) if version.lon is not None and version.lat is not None else None
        for what, shape, spot in (("shape", own.shape if own else None, None), ("point", None, point)):
            if (shape is not None or spot is not None) and not lies_inside(shape, spot, around):
                code = "child_outside" if what == "shape" else "point_outside"
                column = "geometry" if what == "shape" else candidate.row.titles.get("lon", "lon")
                notes.append(note(code, candidate.row.line, column, place=version.code, name=version.name,
                                  parent=version.parent_code))
    return notes


def _shared_points(candidates: Sequence[Candidate], versions: Mapping[Key, PlaceVersion]) -> list[Note]:
    """Name siblings of one time that stand on the same point."""
    places: dict[tuple[str | None, float, float], list[PlaceVersion]] = defaultdict(list)
    for version in versions.values():
        if version.lon is not None and version.lat is not None:
            places[version.parent_code, round(version.lon, 6), round(version.lat, 6)].append(version)
    notes = []
    for candidate in candidates:
        version = candidate.version
        if version.lon is None or version.lat is None:
            continue
        same = places[version.parent_code, round(version.lon, 6), round(version.lat, 6)]
        others = sorted(item.name for item in same if item.code != version.code and item.overlaps(version))
        if others:
            notes.append(note("point_shared", candidate.row.line, candidate.row.titles.get("lon", "lon"),
                              place=version.code, name=version.name, others=", ".join(others[:5])))
    return notes


def _without_position(candidates: Sequence[Candidate], versions: Mapping[Key, PlaceVersion],
                      delivered: Mapping[Key, Drawn]) -> list[Note]:
    """Name places without shape or point beside siblings that have one; say once where a whole level has none."""
    with_position: dict[str, int] = defaultdict(int)
    siblings_known: dict[str | None, int] = defaultdict(int)
    for key, version in versions.items():
        if key in delivered or version.has_point:
            with_position[version.level] += 1
            siblings_known[version.parent_code] += 1
    bare = [item for item in candidates if item.version.key not in delivered and not item.version.has_point]
    notes = []
    blank_levels: dict[str, int] = defaultdict(int)
    for candidate in bare:
        version = candidate.version
        if siblings_known[version.parent_code] and version.parent_code is not None:
            notes.append(note("no_position", candidate.row.line, candidate.row.titles.get("lon"), place=version.code,
                              name=version.name))
        else:
            blank_levels[version.level] += 1
    notes += [note("level_without_positions", n=n, level=level) for level, n in blank_levels.items()]
    return notes
