"""What the candidate features are made from: open cases, works projects, repeats, as they were known then.

What became known later is read from steps with their own `recorded_at`, never from the incident, whose columns say what
is known today: a closing typed in three weeks late leaves its case open for three weeks, as the office saw it. The end
of a works project is a column of its row, overwritten when it changes; nothing says since when it was known, and it is
not read at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries.filters import at_level
from govdesk.queries.frames import COUNT, DAY, INSTANT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, Step, WorksProject
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import Level, StepKind, Stream
from models.candidate_features import REPEATS, WORKS, CandidateFacts, OpenSpells
from models.panel import Panel, build_panel

#: Whose cases are the backlog: what people have brought forward and wait for.
BACKLOG_STREAMS = (Stream.DISPUTE.value, Stream.PETITION.value)

_EVER = pd.Timestamp("1900-01-01", tz="UTC").as_unit("s")
_FACTS = {"place_code": TEXT, "week_occurred": COUNT, "week_known": COUNT, "weight": COUNT}


@reads("view_model_card")
def read_candidate_facts(
    connection: Connection, scope: Scope, places: pd.DataFrame, roles: Mapping[str, Panel],
) -> CandidateFacts:
    """Return the facts of the candidate groups for the places and weeks of the panels `roles`.

    Parameters
    ----------
    places : DataFrame
        `queries.panel_places.list_panel_places`: ``code``, ``neighbours``, in the order of the panels.
    roles : mapping of role to Panel
        With "escalation".
    """
    events = roles["escalation"]
    found = {WORKS: read_works_exposure(connection, scope), REPEATS: read_repeats(connection, scope)}
    panels = {role: build_panel(facts.rename(columns={"place_code": "place"}), places=events.places,
                                first_week=events.first_week, end_week=events.end_week)
              for role, facts in found.items() if len(facts)}
    near = dict(zip(places["code"], places["neighbours"], strict=True))
    spells = read_backlog(connection, scope)
    has_closings = len(spells) > 0 and bool((spells["week_closed"] < OPEN_WEEK).any())
    return CandidateFacts(
        {**roles, **panels}, [near.get(code, ()) for code in events.places],
        _as_spells(spells) if has_closings else None)


def _as_spells(spells: pd.DataFrame) -> OpenSpells:
    reported, known, closed = (spells[name].to_numpy(COUNT) for name in ("week_reported", "week_known", "week_closed"))
    return OpenSpells(
        spells["place_code"].to_numpy(object), reported, known, closed, spells["weight"].to_numpy(np.float64))


@reads("view_model_card")
def read_backlog(
    connection: Connection, scope: Scope, streams: Sequence[str] = BACKLOG_STREAMS, level: str = Level.VILLAGE,
) -> pd.DataFrame:
    """Return the spells in which cases were open, as it was known then.

    Known open it is since the record (or a re-opening) was recorded, known closed since the closing was recorded.
    Of the steps known in a week, that which happened last says whether the case is open.

    Returns
    -------
    DataFrame
        ``place_code`` (of `level`, of the case's own week), ``week_reported``, ``week_known``, ``week_closed``
        (`OPEN_WEEK` while it is open), ``weight`` (int64), ``id`` of the incident; a row a
        spell.
    """
    up = aliased(PlaceAncestor, name="up")
    cases = read_frame(connection, at_level(
        select(Incident.id, up.ancestor_code, Incident.week_occurred, Incident.recorded_at, Incident.weight)
        .select_from(Incident), level, up,
    ).where(Incident.is_counted == 1, Incident.stream.in_(streams), visible_incidents(scope)), {
        "id": COUNT, "place_code": TEXT, "week_occurred": COUNT, "recorded_at": INSTANT, "weight": COUNT})
    steps = read_frame(connection, select(
        Step.incident_id, Step.kind, Step.occurred_at, Step.recorded_at,
    ).join(Incident, Incident.id == Step.incident_id).where(
        Incident.is_counted == 1, Incident.stream.in_(streams), visible_incidents(scope),
        Step.is_withdrawn.is_(False), Step.kind.in_([StepKind.CLOSE, StepKind.REOPEN]),
    ), {"id": COUNT, "kind": TEXT, "occurred_at": INSTANT, "recorded_at": INSTANT})
    return _to_spells(cases, steps)


def _to_spells(cases: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Turn records and steps into spells: walk along the steps of a case in the order in which they became known."""
    turns = pd.concat([
        # The record itself comes before every step, whatever instant stands in it.
        cases[["id", "recorded_at"]].assign(occurred_at=_EVER, is_open=True),
        steps.assign(is_open=steps["kind"] == StepKind.REOPEN)[["id", "occurred_at", "recorded_at", "is_open"]],
    ], ignore_index=True)
    turns = turns[turns["id"].isin(cases["id"])]
    turns = turns.sort_values(["id", "recorded_at", "occurred_at"], kind="stable").reset_index(drop=True)
    # A step that happened before one already known changes nothing: the later one says how it stands.
    turns = turns[turns["occurred_at"] >= turns.groupby("id")["occurred_at"].cummax()]
    changed = (turns["is_open"] != turns.groupby("id")["is_open"].shift()) | (turns["id"] != turns["id"].shift())
    turns = turns[changed]
    known = _weeks_of(turns["recorded_at"])
    closed = pd.Series(known, index=turns.index).groupby(turns["id"]).shift(-1).fillna(OPEN_WEEK).astype(COUNT)
    spells = pd.DataFrame({"id": turns["id"], "week_known": known, "week_closed": closed})[turns["is_open"].to_numpy()]
    spells = spells[spells["week_closed"] > spells["week_known"]]
    told = spells.merge(cases[["id", "place_code", "week_occurred", "weight"]], on="id", sort=False)
    return told.rename(columns={"week_occurred": "week_reported"})[
        ["place_code", "week_reported", "week_known", "week_closed", "weight", "id"]]


@reads("view_model_card")
def read_works_exposure(connection: Connection, scope: Scope, level: str = Level.VILLAGE) -> pd.DataFrame:
    """Return the beginnings of works projects as facts: works of a township have begun in all of its villages.

    Returns
    -------
    DataFrame
        ``place_code``, ``week_occurred`` (of the start), ``week_known`` (of the record, at least the start: a plan is
        no works), ``weight`` (1); a row a project and village.
    """
    up = aliased(PlaceAncestor, name="up")
    pairs = read_frame(connection, select(
        WorksProject.name, WorksProject.kind, WorksProject.started_on, WorksProject.recorded_at, up.code,
        up.ancestor_code, up.ancestor_level, WorksProject.place_code, up.week_from, up.week_to,
    ).select_from(WorksProject).join(
        up, or_(and_(up.ancestor_code == WorksProject.place_code), and_(up.code == WorksProject.place_code)),
    ).where(within_area(scope, WorksProject.place_code)), {
        "name": TEXT, "kind": TEXT, "started_on": DAY, "recorded_at": INSTANT, "code": TEXT, "ancestor_code": TEXT,
        "ancestor_level": TEXT, "works_code": TEXT, "week_from": COUNT, "week_to": COUNT})
    begun = np.array([week_of(day.date()) for day in pairs["started_on"]], dtype=COUNT)
    pairs = pairs.assign(week_occurred=begun, week_known=np.maximum(_weeks_of(pairs["recorded_at"]), begun), weight=1)
    stood = pairs[(pairs["week_from"] <= begun) & (begun < pairs["week_to"])]
    levels = set(connection.scalars(
        select(PlaceAncestor.ancestor_code).where(PlaceAncestor.ancestor_level == level).distinct()))
    inside = stood["code"].isin(levels) & (stood["ancestor_code"] == stood["works_code"])
    above = (stood["ancestor_level"] == level) & (stood["code"] == stood["works_code"])
    villages = stood.assign(place_code=stood["code"].where(inside, stood["ancestor_code"]))[inside | above]
    facts = villages.drop_duplicates(["name", "kind", "started_on", "place_code"])
    return facts[list(_FACTS)].reset_index(drop=True)


@reads("view_model_card")
def read_repeats(connection: Connection, scope: Scope, level: str = Level.VILLAGE) -> pd.DataFrame:
    """Return the incidents that repeat an earlier one; that they do is known when both are recorded.

    Returns
    -------
    DataFrame
        ``place_code``, ``week_occurred``, ``week_known``, ``weight``, ``id`` (int64); a row an incident.
    """
    up, first = aliased(PlaceAncestor, name="up"), aliased(Incident, name="first")
    statement = at_level(
        select(up.ancestor_code, Incident.week_occurred, Incident.week_known, Incident.weight, first.week_known,
               Incident.id)
        .select_from(Incident).join(first, first.id == Incident.repeat_of), level, up,
    ).where(Incident.is_counted == 1, visible_incidents(scope))
    facts = read_frame(connection, statement, {**_FACTS, "week_first_known": COUNT, "id": COUNT})
    known = np.maximum(facts["week_known"].to_numpy(), facts["week_first_known"].to_numpy())
    return facts.assign(week_known=known)[[*_FACTS, "id"]]


def _weeks_of(instants: pd.Series) -> Any:
    """Return the county's week of each instant, int64."""
    if not len(instants):
        return np.zeros(0, dtype=COUNT)
    seconds = instants.to_numpy("datetime64[s]").astype(np.int64)
    first, last = (week_of(local_day(at.to_pydatetime())) for at in (instants.min(), instants.max()))
    begins = np.array([day_start(monday_of(week)).timestamp() for week in range(first, last + 2)])
    return np.asarray(first + np.searchsorted(begins, seconds, "right") - 1, dtype=COUNT)


