"""Answers that the wall keeps longer than a version of the data, for they cost much and change seldom.

A wall asks all the time, and every record makes a new version. What is a matter of weeks is read once an hour; its
tile shows the instant that it was read for. What hangs on places or on a backtest is read when those change.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from govdesk.queries.instants import complete_week
from govdesk.queries.risk_caught import Caught, read_caught
from govdesk.queries.threshold_backtest import find_newest_backtest
from govdesk.queries.weekly_changes import Change, find_weekly_changes
from govdesk.rules.access import Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui.loaders import load, versions
from govdesk.ui.wall.county_outline import Outline, read_outline
from govdesk.ui.wall.scene import WallView


def load_changes(view: WallView) -> tuple[datetime, list[Change]] | None:
    """Return what stands out in the last complete week, and the instant up to which it was looked at."""
    as_of = view.as_of
    if as_of is None:
        return None
    hour = int(view.now.timestamp()) // 3600
    found: tuple[datetime, list[Change]] = _keep(
        _key("changes", view.scope, complete_week(as_of), hour),
        lambda connection: (as_of, find_weekly_changes(connection, view.scope, as_of)))
    return found


def load_caught(view: WallView, visits: int, share_quiet: float) -> Caught | None:
    """Return what such lists caught on the newest backtest; read again when there is a newer one."""
    backtest = load(find_newest_backtest, view.scope)
    if backtest is None:
        return None
    found: Caught | None = _keep(
        _key("caught", replace(view.scope, account=""), backtest, visits, share_quiet),
        lambda connection: read_caught(connection, view.scope, visits, share_quiet))
    return found


def load_outline(view: WallView) -> Outline | None:
    """Return the drawing of the places; made again when the places change, and on another day."""
    places = dict(versions()).get("places", 0)
    found: Outline | None = _keep(
        _key("outline", replace(view.scope, account=""), view.day.toordinal(), places),
        lambda connection: read_outline(connection, view.scope, view.day))
    return found


def _key(name: str, *parts: Scope | int | float) -> str:
    return repr((name, get_settings().url, parts))


@st.cache_data(max_entries=24, ttl=86_400, show_spinner=False)
def _keep(key: str, _read: Callable[[Connection], Any]) -> Any:
    del key  # stands for all the rest
    with read_transaction(get_engine()) as connection:
        return _read(connection)
