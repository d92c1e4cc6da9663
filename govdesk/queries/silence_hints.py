"""Which villages reported clearly less than is expected of them 上报偏少, and of which too few records tell anything.

A question for the data clerk: never a rank (rows are in order of code), never an accusation. The method is
`models.silence`; here its counts are read. Judged are reports of every stream but public order, which the police write
down whether the village speaks or not: that stream stands beside it as the "other streams" of the regression.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import Connection, func, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.comparing import may_see_county
from govdesk.queries.counts import weekly_by_place
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, counted, in_window
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.panel_places import list_panel_places
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.turns import list_beginnings
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import Stream
from models.silence import BURN_IN, LAG, WINDOWS, Reports, fit_silence, judge_silence

Floats = NDArray[np.float64]

#: Streams that are judged, and those that only stand beside them.
JUDGED = tuple(stream.value for stream in Stream if stream is not Stream.PUBLIC_ORDER)
BESIDE = (Stream.PUBLIC_ORDER.value,)
#: Six years: beyond them the fading mean (half-life 78 weeks) no longer knows anything.
MOST_WEEKS = 312
#: Weeks are judged once so large a share of their records has usually come in, at most so many weeks later.
SETTLED, MOST_SETTLING = 0.95, 13
#: Fewest weeks of records: a place's past, the lag, and the half-year that is judged.
LEAST_WEEKS = BURN_IN + LAG + max(WINDOWS)


@dataclass(frozen=True, slots=True)
class SilenceHints:
    """The states of all places, and of which weeks.

    Attributes
    ----------
    rows : DataFrame
        By township and code: ``code``, ``name``, ``parent_code``, ``observed_13``, ``expected_13``, ``observed_26``,
        ``expected_26`` (float64, reports), ``state`` (int64, `models.silence`: `QUIET`, `AS_EXPECTED`, `TOO_FEW`).
        No figure by which to order them.
    week_to : int
        End of the weeks judged (exclusive); later ones are still being entered.
    n_weeks : int
        Weeks of records up to there; under `LEAST_WEEKS` no place is judged.
    """

    rows: pd.DataFrame
    week_to: int
    n_weeks: int


@reads("view_data_quality")
def read_silence_hints(connection: Connection, scope: Scope, week: int) -> SilenceHints:
    """Judge every village that stands at the end of `week`, the last complete one; return those of the scope.

    What is expected rests on the whole county, so that a village has the same state whoever looks at it; only the
    villages of the caller's area leave this function.
    """
    whole = replace(scope, area_code=None)
    recorded = recorded_weeks(connection)
    week_to = week + 1 - _settling_weeks(connection, whole, week)
    first = week_to if recorded is None else max(recorded[0], week_to - MOST_WEEKS)
    level, on = reporting_level(connection), monday_of(week + 1) - timedelta(days=1)
    places = list_panel_places(connection, whole, on, level or "")
    n_weeks = max(week_to - first, 0)
    rows = places[["code", "name", "parent_code"]]
    if n_weeks < LEAST_WEEKS or places.empty:
        return SilenceHints(_blank(rows), week_to, n_weeks)
    judged, beside = (
        _read_counts(connection, whole, rows["code"], range(first, week_to), streams, level or "")
        for streams in (JUDGED, BESIDE))
    _blank_beginnings(connection, whole, rows["code"], first, judged, beside, level or "")
    reports = Reports(judged, beside, _borders(places), np.arange(first, week_to))
    states = _judge(rows, reports)
    mine = list_places(connection, scope, level, on)["code"] if level else rows["code"]
    kept = states[states["code"].isin(mine)].sort_values(["parent_code", "code"], kind="stable")
    if scope.area_code is not None:
        kept = _limit_expected(kept, sees_county=may_see_county(connection, scope, on))
    return SilenceHints(kept.reset_index(drop=True), week_to, n_weeks)


def _limit_expected(rows: pd.DataFrame, *, sees_county: bool) -> pd.DataFrame:
    """Return what is expected in whole reports, or not at all: it rests on what other places reported.

    The county's course and the neighbours move it by less than that; where fewer than three townships lie outside it
    would still be the course of those.
    """
    expected = {f"expected_{window}": rows[f"expected_{window}"].round() if sees_county else np.nan
                for window in WINDOWS}
    return rows.assign(**expected)


def _blank(rows: pd.DataFrame) -> pd.DataFrame:
    names = [f"{what}_{window}" for window in WINDOWS for what in ("observed", "expected")]
    return rows.head(0).assign(**dict.fromkeys(names, 0.0), state=0).astype(dict.fromkeys(names, "float64"))


def _settling_weeks(connection: Connection, scope: Scope, week: int) -> int:
    """Return after how many weeks `SETTLED` of a week's records have come in, from those of the last two years."""
    window = IncidentFilter(week - 103, week + 1)
    lag = Incident.week_known - Incident.week_occurred
    found = connection.execute(
        select(lag, func.sum(Incident.weight)).where(counted(scope, window), in_window(window))
        .group_by(lag).order_by(lag)).all()
    total, so_far = sum(int(n) for _, n in found), 0
    for weeks, n in found:
        so_far += int(n)
        if so_far >= SETTLED * total:
            return min(max(int(weeks), 0), MOST_SETTLING)
    return 0


def _read_counts(
    connection: Connection, scope: Scope, codes: pd.Series, weeks: range, streams: tuple[str, ...], level: str
) -> Floats:
    found = weekly_by_place(connection, scope, IncidentFilter(weeks.start, weeks.stop, streams), level)
    place = pd.Index(codes).get_indexer(found["place_code"])
    here = place >= 0
    table = np.zeros((len(codes), len(weeks)))
    np.add.at(table, (place[here], found["week"].to_numpy()[here] - weeks.start), found["n_incidents"].to_numpy()[here])
    return np.maximum(table, 0.0)  # corrections beyond what they correct


def _blank_beginnings(
    connection: Connection, scope: Scope, codes: pd.Series, first: int, judged: Floats, beside: Floats, level: str
) -> None:
    """Make the weeks before a place began unknown, in both tables."""
    begun = list_beginnings(connection, scope, level).set_index("code")["since"]
    for row, code in enumerate(codes):
        if code in begun.index:
            before = max(week_of(begun[code].date() + timedelta(days=6)) - first, 0)
            judged[row, :before], beside[row, :before] = np.nan, np.nan


def _borders(places: pd.DataFrame) -> sparse.csr_array:
    """Return who shares a border with whom, 1 where they do."""
    number = {code: row for row, code in enumerate(places["code"])}
    pairs = [(row, number[other]) for row, near in enumerate(places["neighbours"]) for other in near if other in number]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_array(sparse.coo_array((np.ones(len(pairs)), (one, other)), shape=(len(places), len(places))))


def _judge(rows: pd.DataFrame, reports: Reports) -> pd.DataFrame:
    """Fit on what came before the half-year that is judged, so that a silence now does not teach the rule."""
    before = slice(None, -max(WINDOWS))
    try:
        rule = fit_silence(Reports(
            reports.counts[:, before], reports.other[:, before], reports.neighbours, reports.weeks[before]))
    except ValueError:  # no place has enough past
        return _blank(rows)
    found = judge_silence(reports, rule).drop(columns="tail")
    return pd.concat([rows.reset_index(drop=True), found.astype({"state": "int64"})], axis=1)


def first_judged_day(hints: SilenceHints) -> date:
    """Return the Monday on which the half-year that is judged begins."""
    return monday_of(hints.week_to - max(WINDOWS))
