"""The weekly counts by plain loops over incidents and places, written without looking at how the product does it."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from govdesk.clock import monday_of
from govdesk.storage.engine import read_transaction
from govdesk.tables import Incident, Place, PlaceAncestor, WeeklyCount


def sums_by_hand(connection) -> dict[tuple, int]:
    """Return the sums by (about, part, value, week, district, kind, stream), zeros left out."""
    closure = connection.execute(select(PlaceAncestor.__table__)).all()
    kinds = connection.execute(select(Place.code, Place.valid_from, Place.valid_to, Place.kind)).all()
    above: dict[str, list] = {}
    for row in closure:
        above.setdefault(row.code, []).append(row)
    has_townships = any(row.ancestor_level == "township" for row in closure)
    sums: Counter = Counter()
    for row in connection.execute(select(Incident.__table__).where(Incident.is_counted == 1)):
        week = row.week_occurred
        held = [one for one in above.get(row.place_code, []) if one.week_from <= week < one.week_to]
        level = "township" if has_townships else "village"
        district = next((one.ancestor_code for one in held if one.ancestor_level == level), row.place_code)
        village = next((one.ancestor_code for one in held if one.ancestor_level == "village"), None)
        sunday = monday_of(week) + timedelta(days=6) if -99_000 < week < 99_000 else None
        kind = next((one.kind for one in kinds if one.code == village and one.valid_from <= sunday
                     and (one.valid_to is None or one.valid_to > sunday)), None) or ""
        weeks = {"occurred": week, "known": row.week_known}
        if row.week_closed is not None:
            weeks["closed"] = max(row.week_closed, row.week_known)
        for about, when in weeks.items():
            parts = {"all": "", "category": row.category}
            if about == "occurred":
                parts["channel"] = row.channel or ""
            for part, value in parts.items():
                sums[about, part, value, when, district, kind, row.stream] += row.weight
    return {key: n for key, n in sums.items() if n}


def check_weekly_counts(engine) -> int:
    """Assert that the stored sums are those of the incidents; return how many there are."""
    with read_transaction(engine) as connection:
        stored = {tuple(row[:-1]): row[-1] for row in connection.execute(select(*WeeklyCount.__table__.columns))}
        assert stored == sums_by_hand(connection)
    return len(stored)
