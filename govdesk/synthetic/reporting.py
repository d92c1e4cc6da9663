"""What of all that happened is reported: by whom, how late, in which words; and when it was written down."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.clock import EPOCH_MONDAY, week_of
from govdesk.synthetic.plants import APP_ON, Plants
from govdesk.synthetic.process import STREAMS, Happened, generator, weekly_draws
from govdesk.synthetic.seasons import weeks_from_festival

_REPORTS = 31

#: Category weights by stream; the order of codes is frozen with the process.
CATEGORIES: dict[str, dict[str, float]] = {
    "dispute": {
        "land_forest": 15,
        "works_compensation": 6,
        "housing_site": 11,
        "neighbour": 21,
        "family": 15,
        "labour": 7,
        "medical": 2,
        "traffic": 6,
        "property": 4,
        "consumer": 3,
        "food_drug": 1,
        "environment": 3,
        "debt": 8,
        "village_affairs": 4,
        "unclassified_dispute": 9,
    },
    "petition": {
        "petition_land": 22,
        "petition_welfare": 20,
        "petition_wages": 16,
        "petition_conduct": 8,
        "petition_public_works": 16,
        "petition_legal": 6,
        "petition_other": 7,
        "unclassified_petition": 5,
    },
    "hazard": {
        "hazard_fire": 24,
        "hazard_road": 26,
        "hazard_water": 16,
        "hazard_slope": 8,
        "hazard_building": 14,
        "hazard_other": 7,
        "unclassified_hazard": 5,
    },
    "request": {
        "request_water_power": 22,
        "request_road": 20,
        "request_sanitation": 24,
        "request_papers": 12,
        "request_care": 12,
        "request_other": 6,
        "unclassified_request": 4,
    },
    "public_order": {
        "order_fight": 26,
        "order_injury": 9,
        "order_theft": 28,
        "order_fraud": 20,
        "order_drugs_gambling": 10,
        "order_other": 5,
        "unclassified_order": 2,
    },
}

CHANNELS: dict[str, dict[str, float]] = {
    "dispute": {"grid_worker": 62, "visit": 22, "hotline": 8, "police": 5, "court": 3},
    "petition": {"visit": 38, "letter": 12, "online": 26, "hotline": 24},
    "hazard": {"grid_worker": 82, "hotline": 12, "visit": 6},
    "request": {"grid_worker": 48, "hotline": 40, "visit": 12},
    "public_order": {"police": 88, "grid_worker": 8, "hotline": 4},
}

#: Mean days from the event to the report, by channel.
DELAY_DAYS = {
    "grid_worker": 1.2,
    "visit": 3.0,
    "hotline": 0.8,
    "police": 0.3,
    "court": 20.0,
    "letter": 12.0,
    "online": 5.0,
    "app": 0.4,
}

#: Channels whose lists are typed in later, and the share of their reports that is.
LATE_LISTS = {"letter": 0.9, "court": 0.9, "visit": 0.12, "police": 0.25, "hotline": 0.05}


def report(happened: Happened, villages: pd.DataFrame, grids: pd.DataFrame, plants: Plants, seed: int) -> pd.DataFrame:
    """Return the reported incidents, one row each, week by week.

    Returns
    -------
    DataFrame
        ``source_ref, week, village, stream, by_works, tense, category, channel, place_code, grid, occurred_on,
        reported_at, recorded_at`` (naive local time), ``severity, n_people``.
    """
    habit = generator(seed, _REPORTS).beta(9, 1.6, len(villages))
    in_app = villages["township_code"].isin(plants.app_townships).to_numpy()
    events = happened.events.copy()
    week = events["week"].to_numpy()
    draws = weekly_draws(week, seed, _REPORTS, 10)
    stream = np.array(STREAMS)[events["stream"].to_numpy()]
    events["stream"] = stream
    events["category"] = _draw_category(events, draws[:, 0])
    may_app = in_app[events["village"]] & (week >= week_of(APP_ON)) & np.isin(stream, ["hazard", "request"])
    events["channel"] = np.where(may_app & (draws[:, 2] < 0.55), "app", _draw(CHANNELS, stream, draws[:, 1]))
    days = week * 7 + (draws[:, 3] * 7).astype(int)
    events["occurred_on"] = pd.Timestamp(EPOCH_MONDAY) + pd.to_timedelta(days, unit="D")
    events["place_code"], events["grid"] = _choose_grids(events, _grids_by_village(villages, grids), draws[:, 4])
    delay = -np.log(1 - draws[:, 5]) * events["channel"].map(DELAY_DAYS).to_numpy()
    seconds = np.floor(delay) * 86_400 + ((8 + 10 * draws[:, 6]) * 3600).astype(int)
    events["reported_at"] = events["occurred_on"] + pd.to_timedelta(seconds, unit="s")
    events["recorded_at"] = _record(events, draws[:, 7])
    events["severity"] = 4 - np.searchsorted((0.55, 0.85, 0.97), draws[:, 9]).astype(int)
    # More than one in eight disputes and petitions has over four people behind it.
    people = 2 + np.floor(np.log(1 - draws[:, 9]) / np.log(0.55)).astype(int)
    events["n_people"] = np.where(np.isin(stream, ["dispute", "petition"]), people, 1)
    kept = draws[:, 8] < _chance(events, habit, may_app, plants)
    events = events[kept].reset_index(drop=True)
    number = events.groupby("week").cumcount() + 1
    monday = pd.Timestamp(EPOCH_MONDAY) + pd.to_timedelta(events["week"] * 7, unit="D")
    events["source_ref"] = monday.dt.strftime("%Y%m%d") + "-" + number.astype(str).str.zfill(4)
    return events


def _draw_category(events: pd.DataFrame, draws: NDArray[np.float64]) -> NDArray[np.str_]:
    drawn = _draw(CATEGORIES, events["stream"].to_numpy(), draws)
    at_works = np.where(draws < 0.7, "land_forest", "works_compensation")
    return np.where(events["by_works"].to_numpy(), at_works, drawn)


@dataclass(frozen=True, slots=True)
class _Grids:
    """The grids of one village; `begins` and `ends` are days."""

    codes: NDArray[np.object_]
    positions: NDArray[np.int64]
    households: NDArray[np.float64]
    begins: NDArray[np.datetime64]
    ends: NDArray[np.datetime64]


def _grids_by_village(villages: pd.DataFrame, grids: pd.DataFrame) -> list[_Grids]:
    groups = dict(list(grids.groupby("village_code", sort=False)))
    return [
        _Grids(
            rows["code"].to_numpy(dtype=object),
            rows["position"].to_numpy(),
            rows["households"].to_numpy(dtype=float),
            rows["begins"].to_numpy(dtype="datetime64[D]"),
            rows["ends"].to_numpy(dtype="datetime64[D]"),
        )
        for rows in (groups[code] for code in villages["code"])
    ]


def _draw(
    weights: dict[str, dict[str, float]], stream: NDArray[np.str_], draws: NDArray[np.float64]
) -> NDArray[np.str_]:
    chosen = np.empty(len(stream), dtype=object)
    for name, table in weights.items():
        of = stream == name
        edges = np.cumsum(list(table.values())) / sum(table.values())
        chosen[of] = np.array(list(table))[np.minimum(np.searchsorted(edges, draws[of], "right"), len(edges) - 1)]
    return chosen


def _choose_grids(
    events: pd.DataFrame, by_village: list[_Grids], draws: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return code and position of a grid valid on the day, drawn by households."""
    codes, positions = np.empty(len(events), dtype=object), np.empty(len(events), dtype=np.int64)
    village = events["village"].to_numpy()
    days = events["occurred_on"].to_numpy(dtype="datetime64[D]")[:, None]
    order = np.argsort(village, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(village[order])) + 1):
        grids = by_village[village[rows[0]]]
        edges = np.cumsum(grids.households * ((grids.begins <= days[rows]) & (grids.ends > days[rows])), axis=1)
        at = (edges <= (draws[rows] * edges[:, -1])[:, None]).sum(axis=1)
        codes[rows], positions[rows] = grids.codes[at], grids.positions[at]
    return codes, positions


def _record(events: pd.DataFrame, draws: NDArray[np.float64]) -> pd.Series:
    """Return when it was written down: mostly within the hour; lists of some channels on a later Monday."""
    share = events["channel"].map(LATE_LISTS).fillna(0.02).to_numpy()
    soon = events["reported_at"] + pd.to_timedelta((300 + 3000 * draws).astype(int), unit="s")
    days = (7 - events["reported_at"].dt.day_of_week).to_numpy() + 7
    monday = events["reported_at"].dt.normalize() + pd.to_timedelta(days, unit="D") + timedelta(hours=9)
    return soon.where(draws >= share, monday)


def _chance(
    events: pd.DataFrame, habit: NDArray[np.float64], may_app: NDArray[np.bool_], plants: Plants
) -> NDArray[np.float64]:
    """Return the chance of each event to be reported at all."""
    village, week = events["village"].to_numpy(), events["week"].to_numpy()
    chance: NDArray[np.float64] = habit[village].copy()
    things = events["stream"].isin(["hazard", "request"]).to_numpy()
    chance[things] *= np.where(may_app[things], 1.0, 0.72)
    police = (events["stream"] == "public_order").to_numpy()
    chance[police] = 0.97  # the police write down what they go to
    by_worker = (events["channel"] == "grid_worker").to_numpy()
    festive = {number for number in np.unique(week) if -1 <= weeks_from_festival(int(number)) <= 1.5}
    chance[by_worker & np.isin(week, list(festive))] *= 0.6  # the grid workers are at home, too
    chance[by_worker & _is_vacant(events, plants.vacancies)] *= 0.35
    for spell in plants.silent.itertuples():
        hushed = (village == spell.village) & (week >= spell.week_from) & (week < spell.week_to) & ~police
        chance[hushed] *= spell.share_reported
    return chance


def _is_vacant(events: pd.DataFrame, vacancies: pd.DataFrame) -> NDArray[np.bool_]:
    """Return whether the post of each event's grid was empty on the day."""
    days = events[["place_code", "occurred_on"]].reset_index(names="row")
    spells = vacancies.rename(columns={"grid_code": "place_code"})[["place_code", "from_on", "to_on"]]
    met = days.merge(spells, on="place_code")
    inside = (met["occurred_on"] >= pd.to_datetime(met["from_on"])) & (
        met["occurred_on"] < pd.to_datetime(met["to_on"])
    )
    vacant: NDArray[np.bool_] = events.index.isin(met.loc[inside, "row"])
    return vacant
