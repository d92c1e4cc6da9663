"""Asks every read of the product with the same arguments, so that two databases can be compared by their answers."""

import importlib
import inspect
import math
import pkgutil
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

import govdesk.queries
from govdesk.clock import week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.inboxes import BoardFilter, Inbox
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import ALLOWED
from govdesk.rules.clock_bands import Cuts
from govdesk.rules.service_request import RequestFilter
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY, NOW, UNTIL

WEEK = week_of(UNTIL)
VILLAGE = f"{COUNTY}001001"
ARGUMENTS = {
    "filters": IncidentFilter(WEEK - 55, WEEK + 1), "as_of": NOW, "on": UNTIL, "level": "village",
    "week_from": WEEK - 52, "week_to": WEEK + 1, "week": WEEK - 1, "code": VILLAGE, "label": "elevated",
    "streams": ("dispute", "petition"), "seed": "s", "known_to": WEEK, "place_code": VILLAGE, "run_id": 1,
    "first_week": WEEK - 52, "last_week": WEEK, "weeks": range(WEEK - 20, WEEK + 1), "until": NOW,
    "before": UNTIL, "since": NOW - timedelta(days=200), "now": NOW, "day_from": UNTIL - timedelta(days=300),
    "day_to": UNTIL, "n_weeks": 8, "kinds": ("dispatch", "close"), "channels": ("people", "judicial"),
    "later": ("petition",), "times": 2, "levels": ("county", "township"), "sources": ("tiny",), "within": COUNTY,
    "facts": ("reported", "closed"), "instants": (NOW, NOW - timedelta(days=30)), "after": NOW - timedelta(days=30),
    "visits": 6, "share_quiet": 0.5, "codes": (VILLAGE,), "n": 3, "text": "T00000", "after_id": 0, "kind": "repeat",
    "categories": frozenset({"neighbour", "order_fight"}), "parts": ("violence", "county_level", "police_handover"),
    "live_events": (), "language": "zh", "is_internal": True, "scored_on": UNTIL - timedelta(days=6),
    "day": UNTIL, "ids": tuple(range(1, 200)), "incident_id": 3, "order_id": 1, "incident_ids": (3, 4), "photo_id": 1,
    "is_open": True, "call_id": 1, "from_at": NOW - timedelta(days=400), "cuts": Cuts(NOW, NOW, NOW), "inbox": Inbox.LATE,
    "source": "tiny", "wanted": RequestFilter(start=NOW - timedelta(days=90), end=NOW), "number": 3,
    "calendar": WorkingCalendar("Asia/Shanghai"),
}
#: Where a name means something else.
SPECIAL = {
    ("quality_times", "count_times"): {"until": "closed"},
    ("risk_known", "list_new_events"): {"since": UNTIL - timedelta(days=100), "until": UNTIL},
    ("map_figures", "read_map_figures"): {"request": MapRequest(
        week_from=WEEK - 20, week_to=WEEK + 1, on=UNTIL.isoformat(), as_of=int(NOW.timestamp()))},
    ("inboxes", "count_inboxes"): {"filters": BoardFilter()}, ("inboxes", "list_inbox"): {"filters": BoardFilter()},
    ("counts", "read_lives"): {"week_from": WEEK - 20}, ("overdue", "read_due_lives"): {"week_from": WEEK - 20},
}
#: What is not asked, and why.
LEFT_OUT = {
    ("area_scores", "limit_scores"): "takes scores; `read_scores` asks it",
    ("duplicate_verdicts", "list_verdicts"): "tells of merging itself", ("duplicate_verdicts", "list_taken_in"): "the same",
    ("duplicate_verdicts", "find_merger"): "the same", ("risk_reasons", "build_reasons"): "takes scores; its facts are asked",
    ("group_reasons", "build_group_reasons"): "takes scores; its facts are asked",
    ("candidate_facts", "read_candidate_facts"): "takes a panel; its parts are asked",
    ("risk_caught", "read_caught"): "needs a backtest", ("likely_duplicates", "list_likely"): "proposes what was not merged",
    ("likely_duplicates", "list_likely_of"): "the same", ("triage", "read_triage"): "holds the same",
    ("standing", "find_taker"): "takes what an action holds; counts nothing",
    ("staffing_posts", "count_bare_grids"): "takes days of posts; counts grids, no incidents",
    ("data_quality_parts", "count_merged"): "tells of merging itself",
}
#: Of files on their way in, of accounts and of the trail, which hold rows and no incidents.
FILES = ("account_states", "audit_log", "batch_dependants", "batches", "uploads")


def list_queries():
    """Yield (module, name, function) of every read that takes a connection and a scope."""
    for module in pkgutil.iter_modules(govdesk.queries.__path__):
        loaded = importlib.import_module(f"govdesk.queries.{module.name}")
        for name, function in vars(loaded).items():
            if not inspect.isfunction(function) or function.__module__ != loaded.__name__ or name.startswith("_"):
                continue
            parameters = list(inspect.signature(function).parameters)
            if parameters[:2] == ["connection", "scope"] and (module.name, name) not in LEFT_OUT and (
                    module.name not in FILES):
                yield module.name, name, function


def ask(module, name, function, connection, scope):
    """Return the answer; lists and generators as lists."""
    values = {**ARGUMENTS, **SPECIAL.get((module, name), {})}
    needed = [one.name for one in list(inspect.signature(function).parameters.values())[2:] if one.default is one.empty]
    annotations = {one.name: str(one.annotation) for one in inspect.signature(function).parameters.values()}
    unknown = [one for one in needed if one not in values]
    assert not unknown, f"{module}.{name} asks for {unknown}: give it a value in {__name__}.ARGUMENTS"
    chosen = {}
    for one in needed:
        value = values[one]
        if one == "as_of" and annotations[one] == "<class 'datetime.date'>":
            value = UNTIL
        chosen[one] = value
    return plain(function(connection, _who_may(function, scope), **chosen))


def _who_may(function, scope):
    """Return the scope, in a role that the query answers: some answer other systems or walls only."""
    actions = getattr(function, "actions", ())
    roles = (scope.role, *Role)
    return replace(scope, role=next((role for role in roles if not actions or any(
        role in ALLOWED[action] for action in actions)), scope.role))


def plain(value):
    """Return an answer in plain values that can be compared."""
    if isinstance(value, pd.DataFrame):
        return {"columns": list(value.columns), "index": plain(value.index.tolist()),
                **{str(name): plain(value[name].tolist()) for name in value.columns}}
    if isinstance(value, pd.Series):
        return {"index": plain(value.index.tolist()), "values": plain(value.tolist())}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, list | tuple) or inspect.isgenerator(value):
        return [plain(one) for one in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is pd.NaT or value is pd.NA:
        return None
    return round(value, 9) if isinstance(value, float) else value
