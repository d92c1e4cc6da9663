"""Why an escalation stood on no list, and what was known of its village then.

Published every month: a miss is not hidden, and mostly it teaches what no record had told.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import timedelta

import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.frames import COUNT, FLAG, NUMBER, TEXT, make_frame
from govdesk.queries.live_results import read_begun, read_lists
from govdesk.queries.panel_facts import ESCALATION, read_panel_facts
from govdesk.queries.permission import reads
from govdesk.queries.risk_runs import StoredRun
from govdesk.queries.scoping import within_area
from govdesk.queries.treated import group_treated, list_treated
from govdesk.rules.access import Scope
from govdesk.rules.visit_orders import TREATED_DAYS, touches
from govdesk.tables import Place, RiskScore

MISS_TYPES = {
    "place_code": TEXT, "place": TEXT, "week": COUNT, "n_events": COUNT, "why": TEXT, "best_rank": "Int64",
    "best_week": COUNT, "probability": NUMBER, "n_places": COUNT, "n_13": COUNT, "n_52": COUNT, "n_events_52": COUNT,
    "is_treated": FLAG,
}
#: Weeks back of what was known then.
SHORT, LONG = 13, 52


@reads("view_model_card")
def list_misses(
    connection: Connection, scope: Scope, known_to: int, live_events: tuple[tuple[str, int, int], ...]
) -> pd.DataFrame:
    """Return why events of some villages were missed, the largest first.

    Parameters
    ----------
    live_events : tuple of (place code, week, number of events)
        Of `LiveResults.events`, those that were judged and not caught.

    Returns
    -------
    DataFrame
        A row per village: ``place`` (name), ``week`` (of its first missed event), ``n_events``; ``why``: ``no_score``,
        ``rested`` (listed shortly before, so that it was left out) or ``below_cut``; ``best_rank``, ``probability``
        (of *elevated*) and ``best_week`` of the list on which it stood highest in the weeks that could have named it,
        among ``n_places``; and what was known on that day: ``n_13``, ``n_52`` (records of any kind of the last 13 and
        52 weeks), ``n_events_52`` (escalations among them); ``is_treated``: an alert had led to a visit in the 90 days
        before its first missed event, so that the village was known, and left out to rest.
    """
    runs = read_begun(connection, scope, known_to)
    places: dict[str, list[tuple[int, int]]] = {}
    for code, week, n in live_events:
        places.setdefault(code, []).append((week, n))
    if not runs or not places:
        return make_frame([], MISS_TYPES)
    scores = _read_ranks(connection, runs, sorted(places))
    sizes = dict(connection.execute(
        select(RiskScore.run_id, func.count(RiskScore.rank)).where(RiskScore.run_id.in_([run.id for run in runs]))
        .group_by(RiskScore.run_id)).all())
    lists = read_lists(connection, runs)
    names = {row.code: row.name for row in connection.execute(
        select(Place.code, Place.name).where(Place.code.in_(sorted(places)), within_area(scope, Place.code))
        .order_by(Place.valid_from))}
    rows = [_explain(code, names.get(code, code), missed, runs, scores, lists, sizes)
            for code, missed in sorted(places.items())]
    treated = _read_treated(connection, scope, known_to, rows)
    marks = [touches(treated.get(str(code), ()), int(str(week)), int(str(week)) + 1) for code, _, week, *_ in rows]
    found = _add_known(connection, scope, make_frame(
        [(*row, 0, 0, 0, mark) for row, mark in zip(rows, marks, strict=True)], MISS_TYPES))
    return found.sort_values(["n_events", "week", "place_code"], ascending=[False, False, True], ignore_index=True)


def _read_treated(
    connection: Connection, scope: Scope, known_to: int, rows: Sequence[tuple[object, ...]]
) -> dict[str, list[tuple[int, int]]]:
    """Return the treated weeks of each village that can hold one of these misses."""
    first = min(int(str(row[2])) for row in rows)
    return group_treated(list_treated(
        connection, scope, monday_of(first) - timedelta(days=TREATED_DAYS), monday_of(known_to)))


def _read_ranks(
    connection: Connection, runs: Sequence[StoredRun], codes: Sequence[str]
) -> dict[tuple[int, str], tuple[int | None, float | None]]:
    rows = connection.execute(
        select(RiskScore.run_id, RiskScore.place_code, RiskScore.rank, RiskScore.probability)
        .where(RiskScore.run_id.in_([run.id for run in runs]), RiskScore.place_code.in_(codes)))
    return {(row.run_id, row.place_code): (row.rank, row.probability) for row in rows}


def _explain(
    code: str, name: str, missed: Sequence[tuple[int, int]], runs: Sequence[StoredRun],
    scores: Mapping[tuple[int, str], tuple[int | None, float | None]], lists: Mapping[int, Container[str]],
    sizes: Mapping[int, int],
) -> tuple[object, ...]:
    first = min(week for week, _ in missed)
    horizon = runs[0].horizon_weeks
    window = [run for run in runs if first - horizon < week_of(run.as_of) <= first]
    near = [(rank, run, probability) for run in window
            for rank, probability in [scores.get((run.id, code), (None, None))] if rank is not None]
    n_events = sum(n for _, n in missed)
    if not near:
        week = week_of(window[0].as_of) if window else first
        return code, name, first, n_events, "no_score", None, week, float("nan"), 0
    rank, run, probability = min(near, key=lambda one: (one[0], -week_of(one[1].as_of)))
    shortly = [one for one in runs if first - 2 * horizon < week_of(one.as_of) <= first - horizon]
    why = "rested" if any(code in lists[one.id] for one in shortly) else "below_cut"
    told = float("nan") if probability is None else float(probability)
    return code, name, first, n_events, why, rank, week_of(run.as_of), told, int(sizes.get(run.id, 0))


def _add_known(connection: Connection, scope: Scope, misses: pd.DataFrame) -> pd.DataFrame:
    """Return the misses with what was known of each village before its week; corrections count as they were known."""
    first, last = int(misses["best_week"].min()), int(misses["best_week"].max())
    facts = read_panel_facts(connection, scope, first - LONG, last)
    facts = facts[facts["place_code"].isin(misses["place_code"]).to_numpy()]
    facts = facts.assign(place_code=facts["place_code"].astype("str"), is_event=facts["role"] == ESCALATION)
    rows = facts.merge(misses[["place_code", "best_week"]], on="place_code")
    rows = rows[rows["week_known"] < rows["best_week"]]
    back = rows["best_week"] - rows["week_known"]
    parts = {"n_13": ~rows["is_event"] & (back <= SHORT), "n_52": ~rows["is_event"] & (back <= LONG),
             "n_events_52": rows["is_event"] & (back <= LONG)}
    for name, inside in parts.items():
        sums = rows[inside].groupby("place_code")["weight"].sum()
        misses[name] = misses["place_code"].map(sums).fillna(0).clip(lower=0).astype(COUNT)
    return misses
