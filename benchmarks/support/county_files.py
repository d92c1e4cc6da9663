"""The invented county straight from its files: the same facts the product reads after importing them, in seconds.

Importing a county and deriving its escalations takes minutes; twenty of them are needed. What is read here is shown to
be equal to `queries.panel_facts.read_panel_facts` and `queries.panel_places.list_panel_places` on an imported county
(`sample_counties.py --check VAR`, VAR a work folder with an imported county).
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from govdesk.queries.panel_facts import ESCALATION, ROLES
from govdesk.queries.panel_places import find_neighbours
from govdesk.rules.escalation_facts import LoopStep, find_breach, find_reopening
from govdesk.rules.escalation_parts import EscalationParts
from models.panel import Panel, build_panel

#: Characters of a village's code at the head of its grids' codes.
VILLAGE = 12
_EPOCH = pd.Timestamp("1970-01-05")


@dataclass(frozen=True)
class CountyFiles:
    """Facts (place, role, week_occurred, week_known, weight), villages that stand on the last day, who borders whom."""

    facts: pd.DataFrame
    villages: list[str]
    neighbours: list[tuple[str, ...]]

    def panel(self, role: str, first_week: int, end_week: int) -> Panel:
        """The panel of one role."""
        return build_panel(self.facts[self.facts["role"] == role], places=self.villages, first_week=first_week,
                           end_week=end_week)


def read_county(folder: Path, until: date, parts: EscalationParts | None = None, horizon: int = 4) -> CountyFiles:
    """Read the files that `govdesk.synthetic.files.make_sample` wrote until a day."""
    texts = dict.fromkeys(("place_code", "source_ref", "repeat_of", "incident_ref", "handling_unit"), str)
    incidents = pd.read_csv(folder / "incidents.csv", dtype=texts, usecols=[
        "source_ref", "stream", "category", "place_code", "occurred_on", "recorded_at", "repeat_of"])
    incidents = incidents.assign(occurred_on=pd.to_datetime(incidents["occurred_on"]),
                                 recorded_at=pd.to_datetime(incidents["recorded_at"]))
    villages = incidents["place_code"].str[:VILLAGE]
    plain = pd.DataFrame({
        "place": villages, "role": incidents["stream"].map(ROLES), "week_occurred": _weeks(incidents["occurred_on"]),
        "week_known": _weeks(incidents["recorded_at"])})
    events = _events(folder, incidents, parts or EscalationParts(), until, texts)
    village_of = dict(zip(incidents["source_ref"], villages, strict=True))
    found = _thin(events.assign(place=events["source_ref"].map(village_of)), horizon)
    facts = pd.concat([plain, found.assign(role=ESCALATION)], ignore_index=True)
    facts = facts[facts["place"].str.len() == VILLAGE]
    standing, near = _villages(folder, until)
    return CountyFiles(facts.assign(weight=1), standing, near)


def _weeks(instants: pd.Series) -> np.ndarray:
    return ((instants - _EPOCH).dt.days // 7).to_numpy()


def _events(
    folder: Path, incidents: pd.DataFrame, parts: EscalationParts, until: date, texts: dict[str, type],
) -> pd.DataFrame:
    """Facts of each part that is on as delivered: source_ref, on (day), known (instant)."""
    steps = pd.read_csv(folder / "steps.csv", dtype=texts, usecols=[
        "incident_ref", "kind", "occurred_at", "recorded_at", "unit_code", "level"])
    mediations = pd.read_csv(folder / "mediations.csv", dtype=texts)
    disputes = set(incidents.loc[incidents["stream"] == "dispute", "source_ref"])
    steps = steps[steps["incident_ref"].isin(disputes)].assign(
        on=lambda rows: pd.to_datetime(rows["occurred_at"]), known=lambda rows: pd.to_datetime(rows["recorded_at"]))
    mediations = mediations[mediations["incident_ref"].isin(disputes)]
    units = pd.read_csv(folder / "units.csv", dtype=str)
    police = set(units.loc[units["kind"].isin(parts.police_handover.unit_kinds), "code"])
    later = incidents[incidents["stream"].isin(parts.police_handover.followed_by)]
    follows = later[later["repeat_of"].isin(disputes)]
    handed = mediations[mediations["channel"].isin(parts.police_handover.mediation_channels)]
    to_police = steps[steps["unit_code"].isin(police) & steps["kind"].isin(["dispatch", "refer_up"])]
    raised = steps[steps["level"].isin(parts.county_level.levels) & steps["kind"].isin(["close", "refer_up"])]
    fights = incidents[incidents["category"].isin(parts.violence.categories)]
    found = [
        _first(pd.concat([
            _facts(to_police["incident_ref"], to_police["on"], to_police["known"]),
            _facts(handed["incident_ref"], handed["started_on"], handed["recorded_at"]),
            _facts(follows["source_ref"], follows["occurred_on"], follows["recorded_at"])])),
        _first(_facts(raised["incident_ref"], raised["on"], raised["known"])),
        _facts(fights["source_ref"], fights["occurred_on"], fights["recorded_at"]),
        _reopened(steps, parts.reopened_twice.times), _broken(mediations, parts.agreement_broken.grace_days, until)]
    return pd.concat(found, ignore_index=True)


def _facts(reference: pd.Series, on: pd.Series, known: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"source_ref": reference.to_numpy(), "on": pd.to_datetime(on).dt.normalize().to_numpy(),
                         "known": pd.to_datetime(known).to_numpy()})


def _first(found: pd.DataFrame) -> pd.DataFrame:
    return found.sort_values(["source_ref", "known", "on"]).drop_duplicates("source_ref")


def _reopened(steps: pd.DataFrame, times: int) -> pd.DataFrame:
    turns = steps[steps["kind"].isin(["close", "reopen"])]
    often = turns[turns["kind"] == "reopen"].groupby("incident_ref").size()
    rows = []
    for reference, own in turns[turns["incident_ref"].isin(often.index[often >= times])].groupby("incident_ref"):
        told = (LoopStep(row.kind, int(row.on.timestamp()), int(row.known.timestamp())) for row in own.itertuples())
        at = find_reopening(told, times)
        if at is not None:
            rows.append((reference, *(pd.Timestamp(second, unit="s") for second in at)))
    found = pd.DataFrame(rows, columns=["source_ref", "on", "known"])
    return _facts(found["source_ref"], found["on"], found["known"])


def _broken(mediations: pd.DataFrame, grace_days: int, until: date) -> pd.DataFrame:
    due = mediations[mediations["performance_due_on"].notna()]
    rows = []
    for row in due.itertuples():
        due_on = date.fromisoformat(row.performance_due_on)
        kept = None if pd.isna(row.performed_on) else date.fromisoformat(row.performed_on)
        day = find_breach(due_on, kept, grace_days, until) if due_on < until else None
        if day is not None:
            rows.append((row.incident_ref, pd.Timestamp(day), max(pd.Timestamp(day), pd.Timestamp(row.recorded_at))))
    found = pd.DataFrame(rows, columns=["source_ref", "on", "known"])
    return _facts(found["source_ref"], found["on"], found["known"])


def _thin(events: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """One event of an incident in `horizon` weeks, that which was known first; a plain loop."""
    kept: dict[str, list[tuple[str, int, int]]] = {}
    told = events.assign(week_occurred=_weeks(events["on"]), week_known=_weeks(events["known"]))
    for row in told.sort_values(["week_known", "week_occurred"]).itertuples():
        own = kept.setdefault(row.source_ref, [])
        if all(abs(row.week_occurred - week) >= horizon for _, week, _ in own):
            own.append((row.place, row.week_occurred, row.week_known))
    rows = [row for own in kept.values() for row in own]
    return pd.DataFrame(rows, columns=["place", "week_occurred", "week_known"])


def _villages(folder: Path, until: date) -> tuple[list[str], list[tuple[str, ...]]]:
    """Villages of the last Monday, by code, and their neighbours."""
    on = (until - timedelta(days=until.weekday())).isoformat()
    places = pd.read_csv(folder / "places.csv", dtype=str)
    stands = (places["valid_from"].fillna("") <= on) & (places["valid_to"].fillna("9") > on)
    codes = sorted(places.loc[stands & (places["level"] == "village"), "code"])
    features = json.loads((folder / "villages.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {one["properties"]["code"]: json.dumps(one["geometry"]) for one in features}
    drawn = [code for code in codes if code in shapes]
    near = find_neighbours(drawn, [shapes[code] for code in drawn])
    return codes, [near.get(code, ()) for code in codes]
