"""What thresholds are judged on: the newest backtest's predictions, the escalations that came, and the villages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from govdesk.clock import day_start, monday_of, week_of
from govdesk.queries.permission import reads
from govdesk.queries.risk_backtests import read_newest_backtest
from govdesk.queries.risk_panel import read_risk_panel
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.tables import EscalationEvent, Incident, Place, PlaceAncestor, RiskBacktest
from govdesk.terms import Level
from models.admission import baseline_ranks
from models.threshold_sweep import Judging, ListScores, events_of_panel, spread_predictions

#: Column that ranks a label whose classifier is beaten; a probability, in the order of `eb52`.
_BASELINE = "eb52_recalibrated"
#: Parts of the escalations by village and week.
Parts = Mapping[tuple[str, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ThresholdBacktest:
    """A stored backtest as lists are made from it.

    Attributes
    ----------
    id : int
        Of the backtest.
    as_of : date
        Nothing known on or after it was used, for the predictions as for what came.
    data_version : int
        Of the data it was made of (`storage.versions.read_data_version`).
    horizon_weeks : int
    settling_weeks : int
        Weeks after which nine in ten escalations are known: so many last weeks are not judged.
    scores : models.threshold_sweep.ListScores
    judging : models.threshold_sweep.Judging
    places : DataFrame
        `queries.panel_places.list_panel_places`, in the order of the columns of `scores`; ``parent_name``.
    parts : mapping
        What happened, by village and week.
    beaten : tuple of str
        Labels that the baseline ranks, because the classifier is beaten on these data (`models.admission`).
    """

    id: int
    as_of: date
    data_version: int
    horizon_weeks: int
    settling_weeks: int
    scores: ListScores
    judging: Judging
    places: pd.DataFrame
    parts: Parts
    beaten: tuple[str, ...] = ()


@reads("view_thresholds", "view_warning_counts")
def find_newest_backtest(connection: Connection, scope: Scope, level: str = Level.VILLAGE) -> int | None:
    """Return the number of the backtest that was stored last, or None; the same for everybody."""
    del scope
    query = select(RiskBacktest.id).where(RiskBacktest.level == level)
    return connection.scalar(query.order_by(RiskBacktest.id.desc()).limit(1))


@reads("view_thresholds", "view_model_card")
def read_threshold_backtest(
    connection: Connection, scope: Scope, level: str = Level.VILLAGE
) -> ThresholdBacktest | None:
    """Return what the newest backtest's lists are made of and judged by, or None without one."""
    stored = read_newest_backtest(connection, scope, level)
    if stored is None or stored.predictions.empty:
        return None
    panel = read_risk_panel(connection, scope, stored.as_of, level, stored.horizon_weeks)
    if panel is None:
        return None
    reports = stored.report.get("labels", {})
    beaten = tuple(label for label in ("elevated", "onset") if label in reports and baseline_ranks(reports[label]))
    scores = spread_predictions(stored.predictions, dict.fromkeys(beaten, _BASELINE))
    settling = panel.events.settling_weeks(panel.events.n_weeks)
    judging = Judging(events_of_panel(panel.events, scores.places), stored.horizon_weeks, panel.end_week - settling)
    places = panel.places.set_index("code").reindex(list(scores.places)).reset_index()
    above = select(Place.code, Place.name).where(Place.code.in_(places["parent_code"].dropna().unique().tolist()))
    townships = {row.code: row.name for row in connection.execute(above.order_by(Place.valid_from))}
    places["parent_name"] = [townships.get(code) for code in places["parent_code"]]
    parts = _read_parts(connection, scope, int(scores.weeks[0]), week_of(stored.as_of), level)
    return ThresholdBacktest(stored.id, stored.as_of, stored.data_version, stored.horizon_weeks, settling, scores,
                             judging, places, parts, beaten)


def _read_parts(connection: Connection, scope: Scope, week_from: int, week_to: int, level: str) -> Parts:
    """Return the parts of the escalations that happened in [week_from, week_to) and were known before `week_to`."""
    event, above = EscalationEvent, PlaceAncestor
    rows = connection.execute(
        select(above.ancestor_code, event.occurred_on, event.part).join(Incident, Incident.id == event.incident_id)
        .join(above, above.code == Incident.place_code)
        .where(above.ancestor_level == level, Incident.week_occurred >= above.week_from,
               Incident.week_occurred < above.week_to, Incident.is_counted == 1, Incident.weight > 0,
               visible_incidents(scope), event.part.not_in(sorted(OFFICE_PARTS)),
               event.occurred_on >= monday_of(week_from), event.occurred_on < monday_of(week_to),
               event.recorded_at < day_start(monday_of(week_to)))
        .order_by(event.occurred_on, event.part))
    found: dict[tuple[str, int], dict[str, None]] = {}
    for code, on, part in rows:
        found.setdefault((code, week_of(on)), {})[part] = None
    return {key: tuple(parts) for key, parts in found.items()}
