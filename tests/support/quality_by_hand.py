"""The indicators of case quality once more, in plain Python over all rows: slow, obvious, and sharing no code."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def read_tables(engine):
    """Return every row of the tables that matter, as plain rows with instants as aware datetimes."""
    from govdesk.tables import Incident, Mediation, NilReturn, PlaceAncestor, Revisit, Step

    with engine.connect() as connection:
        tables = {table.__tablename__: connection.execute(sa.select(table)).all()
                  for table in (Incident, Mediation, NilReturn, PlaceAncestor, Revisit, Step)}
    tables["above"] = defaultdict(list)
    for row in tables["place_ancestors"]:
        tables["above"][row.code].append(row)
    for name in ("steps", "revisits", "mediations"):
        tables[f"{name}_of"] = defaultdict(list)
        for row in tables[name]:
            tables[f"{name}_of"][row.incident_id].append(row)
    tables["places_of"] = {
        row.id: {a.ancestor_level: a.ancestor_code for a in tables["above"][row.place_code]
                 if a.week_from <= row.week_occurred < a.week_to} for row in tables["incidents"]}
    tables["around"] = {key: set(places.values()) for key, places in tables["places_of"].items()}
    tables["repeated"] = {row.repeat_of for row in tables["incidents"] if row.repeat_of and row.is_counted}
    tables["closings"] = {row.id: closings(tables["steps_of"][row.id]) for row in tables["incidents"]}
    return tables


def visible(tables, row, scope):
    """Return whether `scope` may see a row."""
    if scope.area_code and scope.area_code not in {a.ancestor_code for a in tables["above"][row.place_code]}:
        return False
    return scope.unit_code is None or row.concerns_unit != scope.unit_code


def seen(tables, scope):
    """Return all counted rows that `scope` may see; looked up once."""
    kept = tables.setdefault("seen", {})
    if scope not in kept:
        kept[scope] = [row for row in tables["incidents"] if row.is_counted and visible(tables, row, scope)]
    return kept[scope]


def matches(tables, row, f):
    """Return whether a row meets a filter but for its weeks."""
    return ((not f.streams or row.stream in f.streams) and (not f.categories or row.category in f.categories)
            and (not f.channels or row.channel in f.channels) and (not f.units or row.handling_unit in f.units)
            and (f.place_code is None or f.place_code in tables["around"][row.id]))


def cohort(tables, scope, f):
    """Return the rows of a slice."""
    return [row for row in seen(tables, scope) if f.week_from <= row.week_occurred < f.week_to and matches(tables, row, f)]


def key_of(tables, row, by):
    """Return what a row is grouped by."""
    if by == "month":
        local = row.reported_at.astimezone(ZONE)
        return local.year * 100 + local.month
    if by == "district":
        return tables["places_of"][row.id]["township"]
    return {"unit": row.handling_unit, "channel": row.channel, "category": row.category}[by] or ""


def month_end(at):
    """Return whether an instant lies on one of the last three days of its month."""
    day = at.astimezone(ZONE).date()
    return any((day + k * DAY).day == 1 for k in (1, 2, 3))


def sums(tables, rows, as_of):
    """Return the sums of `quality_sums`."""
    n = Counter()
    for row in rows:
        closed, answered = row.closed_at is not None, row.first_answered_at is not None
        n["n"] += row.weight
        n["n_closed"] += row.weight * closed
        n["n_answered"] += row.weight * answered
        n["n_unresolved"] += row.weight * (answered and (not closed or row.outcome in ("not_settled", "referred")))
        n["n_quick"] += row.weight * (closed and row.closed_at - row.reported_at <= timedelta(hours=1))
        n["n_month_end"] += row.weight * (closed and month_end(row.closed_at))
        for days in (30, 90, 180):
            n[f"n_closed_{days}"] += row.weight * (closed and as_of - row.closed_at >= days * DAY)
    return {name: value for name, value in n.items() if value}


def times(rows, as_of, until):
    """Return day → (events, censored)."""
    found = Counter()
    for row in rows:
        end = row.closed_at if until == "closed" else row.first_answered_at
        last = end or row.closed_at or as_of
        found[(last - row.reported_at) // DAY, end is not None] += row.weight
    days = sorted({day for day, _ in found})
    table = {day: (max(found[day, True], 0), max(found[day, False], 0)) for day in days}
    return {day: pair for day, pair in table.items() if pair != (0, 0)}


def open_days(tables, scope, f, as_of):
    """Return (in window, age) → number, of everything open."""
    found = Counter()
    for row in seen(tables, scope):
        if row.closed_at is None and matches(tables, row, f):
            found[f.week_from <= row.week_occurred < f.week_to, (as_of - row.reported_at) // DAY] += row.weight
    return {key: value for key, value in found.items() if value}


def closings(steps):
    """Return the closings that were undone: when closed, when re-opened."""
    undone, closed = [], None
    for step in sorted((s for s in steps if s.kind in ("close", "reopen")), key=lambda s: (s.occurred_at, s.kind)):
        if step.kind == "close":
            closed = step.occurred_at
        elif closed is not None:
            undone.append((closed, step.occurred_at))
            closed = None
    return undone


def reopenings(tables, rows, as_of):
    """Return the sums of `sum_reopenings`."""
    n = Counter()
    for row in rows:
        for closed, again in tables["closings"][row.id]:
            for days in (30, 90, 180):
                old = as_of - closed >= days * DAY
                n[f"n_undone_{days}"] += row.weight * old
                n[f"n_reopened_{days}"] += row.weight * (old and again - closed <= days * DAY)
    return {name: value for name, value in n.items() if value}


def recurrences(tables, scope, f, as_of):
    """Return category → (closings, recurred)."""
    everywhere = [row for row in seen(tables, scope) if row.week_occurred >= f.week_from and row.weight == 1]
    village = lambda row: tables["places_of"][row.id].get("village")  # noqa: E731
    reports = defaultdict(list)
    for row in everywhere:
        reports[village(row), row.category].append(row.reported_at)
    found = defaultdict(lambda: [0, 0])
    for row in cohort(tables, scope, f):
        if row.closed_at is None or as_of - row.closed_at < 90 * DAY or village(row) is None:
            continue
        again = any(timedelta(0) < at - row.closed_at <= 90 * DAY for at in reports[village(row), row.category])
        found[row.category][0] += row.weight
        found[row.category][1] += row.weight * again
    return {key: tuple(pair) for key, pair in found.items()}


def revisits(tables, rows):
    """Return the sums of `sum_revisits`."""
    n = Counter()
    for row in rows:
        of_row = tables["revisits_of"][row.id]
        if row.closed_at is not None and of_row:
            n["n_revisited"] += row.weight
        for visit in of_row:
            reached = visit.result != "not_reached"
            n["n_revisits"] += row.weight
            n["n_reached"] += row.weight * reached
            n["n_not_settled"] += row.weight * (visit.result == "not_settled")
            n["n_rated"] += row.weight * (reached and visit.satisfaction is not None)
            n["n_satisfied"] += row.weight * (reached and (visit.satisfaction or 0) >= 4)
    return {name: value for name, value in n.items() if value}


def closing_months(rows):
    """Return (unit, stream, month) → closed, within 10, 30, 60 minutes, at the month's end."""
    found = defaultdict(lambda: [0] * 5)
    for row in rows:
        if row.closed_at is None or row.handling_unit is None:
            continue
        numbers = found[row.handling_unit, row.stream, f"{row.closed_at.astimezone(ZONE):%Y-%m}"]
        took = row.closed_at - row.reported_at
        met = [True, *(took <= timedelta(minutes=m) for m in (10, 30, 60)), month_end(row.closed_at)]
        for place, is_met in enumerate(met):
            numbers[place] += row.weight * is_met
    return {key: tuple(value) for key, value in found.items()}


def mediations(tables, rows, as_of):
    """Return (channel, method) → the ten sums of `sum_mediations`."""
    day = as_of.astimezone(ZONE).date()
    found = defaultdict(lambda: [0] * 10)
    for row in rows:
        for m in tables["mediations_of"][row.id]:
            due = m.performance_due_on is not None and m.performance_due_on <= day
            agreed = m.agreed_on is not None and m.agreed_on <= day
            old = m.is_settled and m.ended_on <= day - timedelta(days=90)
            met = [True, m.is_settled is not None, m.is_settled, due,
                   due and m.performed_on is not None and m.performed_on <= m.performance_due_on, agreed,
                   agreed and m.confirmed_on is not None and m.confirmed_on <= day,
                   m.is_settled is not None and tables["revisits_of"][row.id], old,
                   old and (row.n_reopened > 0 or row.id in tables["repeated"])]
            for place, is_met in enumerate(met):
                found[m.channel, m.method][place] += row.weight * bool(is_met)
    return {key: tuple(value) for key, value in found.items()}


def petitions(rows, as_of):
    """Return (kind, level) → all, due, in time, closed."""
    found = defaultdict(lambda: [0] * 4)
    for row in rows:
        if row.stream != "petition":
            continue
        answered = row.first_answered_at
        due = row.due_at is not None and (answered is not None or row.due_at < as_of)
        met = [True, due, due and answered is not None and answered <= row.due_at, row.closed_at is not None]
        for place, is_met in enumerate(met):
            found[row.petition_kind or "", row.lodged_level or ""][place] += row.weight * bool(is_met)
    return {key: tuple(value) for key, value in found.items()}


def completeness(tables, scope, f, villages, as_of: datetime):
    """Return (village, week) → state, for villages that stand since ever."""
    numbers = Counter()
    for row in seen(tables, scope):
        numbers[tables["places_of"][row.id].get("village"), row.week_occurred] += row.weight
    states = {}
    for village in villages:
        for week in range(f.week_from, f.week_to):
            monday = date(1970, 1, 5) + timedelta(weeks=week)
            nil = any(
                row.period_from < monday + 7 * DAY and row.period_to > monday and row.recorded_at <= as_of
                and village in {a.ancestor_code for a in tables["above"][row.place_code]} for row in tables["nil_returns"])
            states[village, week] = "reported" if numbers[village, week] > 0 else "nil" if nil else "silent"
    return states
