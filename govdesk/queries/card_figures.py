"""What the model card shows of the newest backtest beyond its report: curves, strata, calibration by quarter.

These are figures of all places of the database, whoever asks: no place can be told from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import monday_of
from govdesk.queries.comparing import may_see_county
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.risk_backtests import read_newest_backtest
from govdesk.queries.treated import group_treated, list_treated
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.visit_orders import TREATED_DAYS, touches
from govdesk.terms import Level, PlaceKind
from models.calibration_curve import calibration_curve
from models.drift import calibrate_in_time
from models.strata import figures_by_stratum

#: Figures use every 4th of the weekly dates, as the report does (docs/method.md).
EVERY = 4
LABELS = ("elevated", "onset", "surge")


@dataclass(frozen=True, slots=True)
class CardFigures:
    """The newest backtest as the model card shows it.

    Attributes
    ----------
    as_of : date
        Only what was known before it was used.
    from_week, to_week : int
        Test window, [from_week, to_week).
    n_places : int
        Places that were scored.
    report : dict
        As it was stored (`queries.risk_backtests`).
    curves, strata, quarters : dict of DataFrame by label
        `models.calibration_curve`, `models.strata`, `models.drift.calibrate_in_time`.
    """

    id: int
    as_of: date
    from_week: int
    to_week: int
    horizon_weeks: int
    at: datetime
    by: str
    n_places: int
    report: dict[str, Any]
    curves: Mapping[str, pd.DataFrame]
    strata: Mapping[str, pd.DataFrame]
    quarters: Mapping[str, pd.DataFrame]


@reads("view_model_card")
def read_card_figures(connection: Connection, scope: Scope, level: str = Level.VILLAGE) -> CardFigures | None:
    """Return the figures of the newest backtest of all places; a place is named nowhere.

    None where there is none, and for an account outside of whose area fewer than three townships lie: less its own,
    they would be theirs.
    """
    found = read_newest_backtest(connection, SYSTEM, level)
    if found is None or not may_see_county(connection, scope, monday_of(found.to_week)):
        return None
    rows = keep_dates(found.predictions, found.from_week)
    places = list_places(connection, SYSTEM, level, monday_of(found.to_week))
    treated = group_treated(list_treated(
        connection, SYSTEM, monday_of(found.from_week) - timedelta(days=TREATED_DAYS),
        monday_of(found.to_week + found.horizon_weeks)))
    by_label = {label: rows[(rows["label"] == label).to_numpy()].reset_index(drop=True) for label in LABELS}
    by_label = {label: part for label, part in by_label.items() if len(part)}
    return CardFigures(
        found.id, found.as_of, found.from_week, found.to_week, found.horizon_weeks, found.at, found.by,
        int(rows["place_code"].nunique()), found.report,
        {label: calibration_curve(part) for label, part in by_label.items()},
        {label: figures_by_stratum(part, make_strata(part, places) | split_treated(part, treated, found.horizon_weeks))
         for label, part in by_label.items()},
        {label: _by_quarter(part) for label, part in by_label.items()},
    )


def keep_dates(predictions: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return the rows of every 4th week from `first` on: neighbouring weeks share most of their horizon."""
    return predictions[(predictions["as_of"].to_numpy() - first) % EVERY == 0].reset_index(drop=True)


def make_strata(rows: pd.DataFrame, places: pd.DataFrame) -> dict[str, Any]:
    """Return which rows lie in which stratum: kind of village, people below or from the median on, quiet until now.

    A place whose kind or number of people nobody recorded is in none of those; a stratum without a row is left out.
    """
    known = places.set_index("code")
    kind = rows["place_code"].map(known["kind"]).to_numpy()
    people = rows["place_code"].map(known["population"].astype("float64")).to_numpy(dtype=float)
    middle = float(known["population"].astype("float64").median())
    strata: dict[str, Any] = {one.value: kind == one.value for one in PlaceKind}
    if np.isfinite(middle):
        strata |= {"small": people < middle, "large": people >= middle}
    strata["quiet"] = rows["quiet"].to_numpy(dtype=bool)
    return {name: np.asarray(inside, dtype=bool) for name, inside in strata.items() if np.asarray(inside).any()}


def split_treated(
    rows: pd.DataFrame, treated: Mapping[str, Sequence[tuple[int, int]]], horizon_weeks: int
) -> dict[str, Any]:
    """Return which rows are without a visit for an alert in or up to 90 days before their horizon, and which with one.

    Empty where no row is treated: the figures of all rows are then those without.
    """
    if not treated:
        return {}
    is_treated = np.array([
        touches(treated.get(code, ()), int(week), int(week) + horizon_weeks)
        for code, week in zip(rows["place_code"], rows["as_of"], strict=True)], dtype=bool)
    return {"untreated": ~is_treated, "treated": is_treated} if is_treated.any() else {}


def _by_quarter(rows: pd.DataFrame) -> pd.DataFrame:
    inside = rows[rows["in_scope"].to_numpy(dtype=bool)]
    return calibrate_in_time(inside["as_of"].to_numpy(np.int64), inside["classifier"].to_numpy(np.float64),
                             inside["outcome"].to_numpy(np.float64))
