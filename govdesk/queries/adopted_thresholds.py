"""The thresholds in force: visits a week, split of the two lists, edges of the bands; and all that were adopted before.

Each adoption is one record and is never changed; the newest one is in force, an older one comes back as a new record.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import isnan
from typing import Any

from sqlalchemy import Connection, Row, func, select

from govdesk.clock import day_start
from govdesk.storage.visit_capacity import capacity_of, read_set_capacity
from govdesk.tables import Account, ThresholdAdoption

#: Bands from the most urgent down; what lies under the last edge is the last band.
BANDS = ("red", "orange", "yellow", "blue")

Edges = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One adopted setting, or the one that holds while nothing has been adopted.

    Attributes
    ----------
    id : int or None
        None: nothing has been adopted yet.
    visits_per_week : int
        K, villages visited a week.
    share_quiet : float
        Share of the K visits kept for "quiet until now", 0–1.
    band_edges : (float, float, float)
        Lowest probability of red, orange, yellow; falling.
    capacity_per_week : int or None
        Visits a week that the office can make: as it was adopted, or set since on the settings page.
    at, by, reason
        When and by which account it was adopted, and why.
    """

    id: int | None = None
    visits_per_week: int = 18
    share_quiet: float = 0.3
    band_edges: Edges = (0.30, 0.20, 0.10)
    capacity_per_week: int | None = None
    at: datetime | None = None
    by: str | None = None
    reason: str | None = None


#: What holds while nothing has been adopted; screens then say so. On the sample county, 18 visits, 3,887 escalations:
#: half of the visits for quiet villages name no more of them beforehand (1,479) than the habit of looking at the last
#: four weeks (1,486); three in ten name more (1,639) and still look after villages that were quiet.
DEFAULT = Thresholds()


@dataclass(frozen=True, slots=True)
class Adoption:
    """One record of the history.

    Attributes
    ----------
    thresholds : Thresholds
        What was adopted; its `id` is set.
    post : str
        Title of the account that adopted it.
    replaces_id : int or None
        The record its author saw in force; None: nothing was.
    backtest : dict
        The backtest's figures of that moment, as they were kept.
    """

    thresholds: Thresholds
    post: str
    replaces_id: int | None
    backtest: dict[str, Any]


def read_thresholds_in_force(connection: Connection, on: date) -> Thresholds:
    """Return the newest setting adopted up to the end of a day, else `DEFAULT`.

    Its capacity is the last word on it up to then, said with an adoption or on the settings page.
    """
    end = day_start(on + timedelta(days=1))
    row = connection.execute(
        _select().where(ThresholdAdoption.at < end).order_by(ThresholdAdoption.id.desc()).limit(1)).first()
    adopted = DEFAULT if row is None else _build(row)
    change = read_set_capacity(connection, adopted.id, end)
    return adopted if change is None else replace(adopted, capacity_per_week=capacity_of(change))


def read_adoption_before(connection: Connection, adoption_id: int) -> Thresholds | None:
    """Return what was in force before a record was adopted; None: nothing was."""
    query = _select().where(ThresholdAdoption.id < adoption_id)
    row = connection.execute(query.order_by(ThresholdAdoption.id.desc()).limit(1)).first()
    return None if row is None else _build(row)


def list_adoptions(connection: Connection) -> list[Adoption]:
    """Return all that was ever adopted, newest first."""
    rows = connection.execute(_select().order_by(ThresholdAdoption.id.desc()))
    return [Adoption(_build(row), str(row.post), row.replaces_id, json.loads(row.backtest or "{}")) for row in rows]


def band_of_probability(probability: float | None, edges: Sequence[float]) -> str | None:
    """Return the band of a probability; one on an edge belongs to the band above it. None: too few records to tell."""
    if probability is None or isnan(probability):
        return None
    return next((band for band, edge in zip(BANDS, edges, strict=False) if probability >= edge), BANDS[-1])


def _select() -> Any:
    adoption = ThresholdAdoption
    return select(
        adoption.id, adoption.at, adoption.by, adoption.visits_per_week, adoption.share_quiet, adoption.band_edges,
        adoption.capacity_per_week, adoption.reason, adoption.backtest, adoption.replaces_id,
        func.coalesce(Account.title, adoption.by).label("post"),
    ).outerjoin(Account, Account.code == adoption.by)


def _build(row: Row[Any]) -> Thresholds:
    return Thresholds(row.id, row.visits_per_week, row.share_quiet, _read_edges(row.band_edges),
                      row.capacity_per_week, row.at, row.by, row.reason)


def _read_edges(text: str) -> Edges:
    """Return the edges of a record; one that was adopted without edges keeps the first ones."""
    found = json.loads(text or "[]")
    if not isinstance(found, list) or len(found) != len(DEFAULT.band_edges):
        return DEFAULT.band_edges
    red, orange, yellow = (float(edge) for edge in found)
    return red, orange, yellow
