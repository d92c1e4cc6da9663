"""The weekly counts by plain loops over incidents and places, written without looking at how the product does it."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from govdesk.clock import monday_of
from govdesk.storage.engine import read_transaction
from govdesk.tables import Incident, Place, PlaceAncestor, WeeklyCount


def facts_by_hand(connection) -> list[dict]:
    """Return each counted incident with its district, kind of village and the three weeks it is counted in."""
    closure = connection.execute(select(PlaceAncestor.__table__)).all()
    kinds = connection.execute(select(Place.code, Place.valid_from, Place.valid_to, Place.kind)).all()
    above: dict[str, list] = {}
    for row in closure:
        above.setdefault(row.code, []).append(row)
    level = "township" if any(row.ancestor_level == "township" for row in closure) else "village"
    facts = []
    for row in connection.execute(select(Incident.__table__).where(Incident.is_counted == 1)):
        week = row.week_occurred
        held = [one for one in above.get(row.place_code, []) if one.week_from <= week < one.week_to]
        district = next((one.ancestor_code for one in held if one.ancestor_level == level), row.place_code)
        village = next((one.ancestor_code for one in held if one.ancestor_level == "village"), None)
        sunday = monday_of(week) + timedelta(days=6)
        kind = next((one.kind for one in kinds if one.code == village and one.valid_from <= sunday
                     and (one.valid_to is None or one.valid_to > sunday)), None) or ""
        closed = None if row.week_closed is None else max(row.week_closed, row.week_known)
        facts.append({
            "occurred": week, "known": row.week_known, "closed": closed, "district": district, "kind": kind,
            "stream": row.stream, "category": row.category, "channel": row.channel or "", "weight": row.weight,
            "unit": row.handling_unit, "concerns": row.concerns_unit, "place": row.place_code,
            "inside": {one.ancestor_code for one in held}, "ever": {one.ancestor_code for one in above.get(row.place_code, [])}})
    return facts


def sums_by_hand(connection) -> dict[tuple, int]:
    """Return the sums by (about, part, value, district, week, stream, kind), zeros left out."""
    sums: Counter = Counter()
    for fact in facts_by_hand(connection):
        for about in ("occurred", "known", "closed"):
            if fact[about] is None:
                continue
            parts = {"all": "", "category": fact["category"]} | ({"channel": fact["channel"]} if about == "occurred" else {})
            for part, value in parts.items():
                for place in (fact["district"], ""):
                    sums[about, part, value, place, fact[about], fact["stream"], fact["kind"]] += fact["weight"]
    return {key: n for key, n in sums.items() if n}


def check_weekly_counts(engine) -> int:
    """Assert that the stored sums are those of the incidents; return how many there are."""
    with read_transaction(engine) as connection:
        stored = {tuple(row[:-1]): row[-1] for row in connection.execute(select(*WeeklyCount.__table__.columns))}
        assert stored == sums_by_hand(connection)
    return len(stored)
