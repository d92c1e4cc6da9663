"""The invented county: every dated row of its place tree, its changes, its shapes and its landscape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govdesk.synthetic.county_shape import Floats, Ground, Ints, make_ground
from govdesk.synthetic.grid_history import MERGER_ON, GridHistory, cut_grids
from govdesk.synthetic.landscape import draw_landscape
from govdesk.synthetic.names import name_county, name_grid, name_townships, name_villages
from govdesk.synthetic.regions import unite
from govdesk.synthetic.villages import N_TOWNSHIPS, N_VILLAGES, Layout, lay_out

COUNTY_CODE = "990101"
#: Streams of chance: one each, so that a change of one does not move the others.
_GROUND, _LAYOUT, _GRIDS, _NAMES, _LANDSCAPE = range(5)
#: Position of the merged village among the villages; the two it is made of come before it.
_MERGED = N_VILLAGES

COLUMNS = ["code", "name", "level", "parent_code", "kind", "population", "households", "lon", "lat", "valid_from",
           "valid_to"]
CHANGE_COLUMNS = ["from_code", "to_code", "on", "kind", "share"]


@dataclass(frozen=True, slots=True)
class County:
    """An invented county at all times.

    Attributes
    ----------
    name, name_en : str
        Of the county.
    places, changes : DataFrame
        Columns of the import files; dates are `datetime.date` or None.
    shapes : dict
        Level to FeatureCollection; property `code`, for grids and villages also `valid_from`.
    context : dict
        river, road, settlement, relief to FeatureCollection.
    villages : DataFrame
        code, name, township_code, kind, population, households, lon, lat, valid_from, valid_to, neighbours (list of
        positions in this frame of villages that touch and exist at the same time).
    grids : DataFrame
        code, village_code, valid_from, valid_to, households, lon, lat.
    """

    seed: int
    name: str
    name_en: str
    places: pd.DataFrame
    changes: pd.DataFrame
    shapes: dict[str, dict[str, Any]]
    context: dict[str, dict[str, Any]]
    villages: pd.DataFrame
    grids: pd.DataFrame


def build_county(seed: int) -> County:
    """Return the county of a seed; the same at every call."""
    rng = [np.random.default_rng(np.random.SeedSequence([seed, stream])) for stream in range(5)]
    ground = make_ground(rng[_GROUND])
    layout = lay_out(rng[_LAYOUT], ground)
    history = cut_grids(rng[_GRIDS], ground, layout)
    name, name_en = name_county(rng[_NAMES])
    villages = _village_frame(ground, layout, rng[_NAMES])
    townships = _township_frame(villages, rng[_NAMES])
    grids = _grid_frame(history, villages)
    parts = _shapes(ground, layout, history)
    for frame, level in ((townships, "township"), (villages, "village"), (grids, "grid")):
        frame[["lon", "lat"]] = _label_points(parts[level])
    county = _county_row(name, townships, parts["county"][0])
    places = _places(county, townships, villages, grids)
    shapes = {level: _features(parts[level], frame) for level, frame in
              (("county", county), ("township", townships), ("village", villages), ("grid", grids))}
    context = draw_landscape(rng[_LANDSCAPE], ground, parts["county"][0], _towns(townships, villages))
    return County(seed, name, name_en, places, _changes(history, villages, grids), shapes, context, villages,
                  grids[["code", "village_code", "valid_from", "valid_to", "households", "lon", "lat"]])


def _village_frame(ground: Ground, layout: Layout, rng: np.random.Generator) -> pd.DataFrame:
    first, second = layout.merged
    township = np.r_[layout.township_of_village, layout.township_of_village[first]]
    kinds = [*layout.kinds, layout.kinds[first]]
    middles = np.array([ground.points[layout.village_of_cell == at].mean(axis=0) for at in range(N_VILLAGES)])
    middles = np.r_[middles, [middles[[first, second]].mean(axis=0)]]
    codes = _number_villages(township, middles)
    frame = pd.DataFrame({
        "code": codes, "name": name_villages(rng, kinds), "township": township,
        "township_code": [f"{COUNTY_CODE}{int(at) + 1:03d}" for at in township], "kind": kinds,
        "population": np.r_[layout.people, layout.people[[first, second]].sum()],
        "households": np.r_[layout.households, layout.households[[first, second]].sum()],
    })
    frame["valid_from"] = [None] * N_VILLAGES + [MERGER_ON]
    frame["valid_to"] = [MERGER_ON if at in layout.merged else None for at in range(N_VILLAGES + 1)]
    frame["neighbours"] = _neighbours(layout)
    return frame


def _number_villages(township: Ints, middles: Floats) -> list[str]:
    """Return codes: within a township from the north down; the merged village gets the next free number."""
    codes = [""] * len(township)
    for at in range(N_TOWNSHIPS):
        members = [int(one) for one in np.flatnonzero(township == at)]
        members.sort(key=lambda one: (one == _MERGED, -middles[one, 1]))
        for number, one in enumerate(members, start=1):
            codes[one] = f"{COUNTY_CODE}{at + 1:03d}{number:03d}"
    return codes


def _neighbours(layout: Layout) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in range(N_VILLAGES + 1)]
    for one, other in layout.pairs.tolist():
        found[one].add(other)
        found[other].add(one)
    for at in sorted((found[layout.merged[0]] | found[layout.merged[1]]) - set(layout.merged)):
        found[at].add(_MERGED)
        found[_MERGED].add(at)
    return [sorted(near) for near in found]


def _township_frame(villages: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    now = villages[villages["valid_to"].isna()]
    sums = now.groupby("township", sort=True)[["population", "households"]].sum()
    kinds = [str(now.loc[now["township"] == at, "kind"].mode().iloc[0]) for at in range(N_TOWNSHIPS)]
    return pd.DataFrame({
        "code": [f"{COUNTY_CODE}{at + 1:03d}" for at in range(N_TOWNSHIPS)], "name": name_townships(rng, kinds),
        "kind": kinds, "population": sums["population"].to_numpy(), "households": sums["households"].to_numpy(),
        "valid_from": None, "valid_to": None,
    })


def _grid_frame(history: GridHistory, villages: pd.DataFrame) -> pd.DataFrame:
    """Return the grids; the people of a village are shared out by households, so that sums hold at any time."""
    rows = []
    for grid in history.grids:
        village = villages.iloc[grid.village]  # -1 is the last: the merged one
        rows.append({"code": f"{village['code']}-{grid.number:02d}{grid.half}", "village_code": village["code"],
                     "name": name_grid(str(village["name"]), grid.number, grid.half), "kind": village["kind"],
                     "households": grid.households, "valid_from": grid.begins, "valid_to": grid.ends})
    frame = pd.DataFrame(rows)
    frame["population"] = _share_people(history, frame, villages)
    return frame


def _share_people(history: GridHistory, grids: pd.DataFrame, villages: pd.DataFrame) -> list[int]:
    """Return people of each grid: first grids by largest remainder, successors from what theirs had."""
    people = [0] * len(grids)
    first = grids[grids["valid_from"].isna()]
    total = dict(zip(villages["code"], villages["population"], strict=True))
    for code, group in first.groupby("village_code", sort=False):
        exact = group["households"].to_numpy() / group["households"].sum() * total[code]
        counts = np.floor(exact).astype(np.int64)
        counts[np.argsort(-(exact - counts), kind="stable")[: int(total[code] - counts.sum())]] += 1
        for at, count in zip(group.index, counts, strict=True):
            people[at] = int(count)
    half = 0
    for old, new, _, kind, share in history.changes:
        if kind == "split":
            half = people[old] - half if history.grids[new].half == "b" else round(people[old] * share)
            people[new] = half
        else:
            people[new] += people[old]
    return people


def _shapes(ground: Ground, layout: Layout, history: GridHistory) -> dict[str, list[shapely.Polygon]]:
    villages = unite(ground.cells, layout.village_of_cell, N_VILLAGES)
    merged = shapely.coverage_union_all([villages[at] for at in layout.merged])
    wholes = np.array(villages, dtype=object)
    townships = unite(wholes, layout.township_of_village, N_TOWNSHIPS)
    grids = [shapely.normalize(shapely.coverage_union_all(ground.cells[grid.cells])) for grid in history.grids]
    one = [shapely.normalize(shapely.coverage_union_all(townships))]
    levels = {"county": one, "township": townships, "village": [*villages, shapely.normalize(merged)], "grid": grids}
    return {level: [_single(shape) for shape in shapes] for level, shapes in levels.items()}


def _single(shape: shapely.Geometry) -> shapely.Polygon:
    parts = shapely.get_parts(shape)
    if len(parts) != 1:
        message = f"a place of {len(parts)} parts"
        raise ValueError(message)
    return parts[0]


def _label_points(shapes: Sequence[shapely.Polygon]) -> Floats:
    """Return a point inside each shape: its middle if that is inside, else one that is."""
    array = np.asarray(shapes, dtype=object)
    middles = shapely.centroid(array)
    inside = shapely.contains_properly(array, middles)
    points = np.where(inside, middles, shapely.point_on_surface(array))
    rounded: Floats = np.round(shapely.get_coordinates(points), 5)
    return rounded


def _county_row(name: str, townships: pd.DataFrame, shape: shapely.Polygon) -> pd.DataFrame:
    lon, lat = _label_points([shape])[0]
    return pd.DataFrame([{"code": COUNTY_CODE, "name": name, "kind": None, "lon": lon, "lat": lat,
                          "population": townships["population"].sum(), "valid_from": None, "valid_to": None,
                          "households": townships["households"].sum()}])


def _places(county: pd.DataFrame, townships: pd.DataFrame, villages: pd.DataFrame,
            grids: pd.DataFrame) -> pd.DataFrame:
    levels = [county.assign(level="county", parent_code=None),
              townships.assign(level="township", parent_code=COUNTY_CODE),
              villages.assign(level="village", parent_code=villages["township_code"]),
              grids.assign(level="grid", parent_code=grids["village_code"])]
    frames = [frame.sort_values("code")[COLUMNS].astype(object) for frame in levels]
    return pd.concat(frames, ignore_index=True)


def _features(shapes: Sequence[shapely.Polygon], frame: pd.DataFrame) -> dict[str, Any]:
    features = []
    for at in np.argsort(frame["code"].to_numpy(dtype=str), kind="stable"):
        begins = frame["valid_from"].iloc[at]
        geometry = shapely.geometry.mapping(shapes[at])
        properties = {"code": frame["code"].iloc[at], **({"valid_from": begins.isoformat()} if begins else {})}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def _towns(townships: pd.DataFrame, villages: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what the landscape needs: the village that is each township's seat, and all villages of today."""
    now = villages[villages["valid_to"].isna()].reset_index(drop=True)
    largest = now.sort_values(["township", "population", "code"], ascending=[True, False, True])
    return {"seats": largest.drop_duplicates("township").merge(townships[["code"]], left_on="township_code",
                                                              right_on="code", suffixes=("", "_township")),
            "villages": now}


def _changes(history: GridHistory, villages: pd.DataFrame, grids: pd.DataFrame) -> pd.DataFrame:
    codes = grids["code"].tolist()
    rows = [(codes[old], codes[new], on, kind, round(share, 4)) for old, new, on, kind, share in history.changes]
    old_villages = villages.loc[villages["valid_to"].notna(), "code"]
    rows += [(code, villages["code"].iloc[-1], MERGER_ON, "merge", 1.0) for code in old_villages]
    frame = pd.DataFrame(rows, columns=CHANGE_COLUMNS)
    return frame.sort_values(["on", "from_code", "to_code"], ignore_index=True)


def places_until(county: County, until: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return places and changes as they were known on a day: what changes later has not happened yet.

    Parameters
    ----------
    county : County
        The county at all times.
    until : date
        A change on this day is included.
    """
    places = county.places[[begins is None or begins <= until for begins in county.places["valid_from"]]].copy()
    places["valid_to"] = [ends if ends is not None and ends <= until else None for ends in places["valid_to"]]
    changes = county.changes[[on <= until for on in county.changes["on"]]]
    return places.reset_index(drop=True), changes.reset_index(drop=True)


def features_until(collection: Mapping[str, Any], until: date) -> dict[str, Any]:
    """Return the features of places that exist or existed on a day."""
    kept = [item for item in collection["features"]
            if item["properties"].get("valid_from", "") <= until.isoformat()]
    return {"type": "FeatureCollection", "features": kept}
