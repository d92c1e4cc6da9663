"""Every cached read of the screens.

A result is kept under the query's name, its arguments, the caller's scope, the database and the version of the data:
a changed row is seen on the next rerun, another account never sees what was kept for this one. Bounded in number and
in time.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy import Connection
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from govdesk.queries.freshness import Freshness, read_freshness
from govdesk.rules.access import Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties, read_properties
from govdesk.storage.versions import LOOP, read_versions

P = ParamSpec("P")
R = TypeVar("R")

#: Versions read at the start of a run of the frame; one tiny query a rerun.
_VERSIONS = "_data_versions"

Versions = tuple[tuple[str, int], ...]


def begin() -> None:
    """Read the data's versions once for the run of the frame that starts."""
    st.session_state[_VERSIONS] = (get_settings().url, _read_versions())


def versions() -> Versions:
    """Return the version of every subject, as read at the start of this run."""
    kept = st.session_state.get(_VERSIONS)
    if kept is None or kept[0] != get_settings().url:
        return _read_versions()
    found: Versions = kept[1]
    return found


def is_current() -> bool:
    """Return whether the data is what it was when this run, or the run of the page that a part belongs to, began."""
    return versions() == _read_versions()


def _read_versions() -> Versions:
    with read_transaction(get_engine()) as connection:
        return tuple(sorted(read_versions(connection).items()))


def load(
    query: Callable[Concatenate[Connection, Scope, P], R], scope: Scope, /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return what a query finds for `scope`, read now or kept from before.

    Parameters
    ----------
    query : callable
        A function of `govdesk.queries`: connection, scope, then hashable arguments.
    scope : Scope
        ``session.scope()``: part of the key, so that nothing leaks from one account to another.

    Examples
    --------
    ``load(counts.count_by_place, session.scope(), filters, "village")``
    """
    found: R = _load(_key(query, scope, args, kwargs), lambda connection: query(connection, scope, *args, **kwargs))
    return found


def load_loop(
    query: Callable[Concatenate[Connection, Scope, P], R], scope: Scope, /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return what a query finds that looks at the tables of the loop (calls, handovers, photos, visit orders).

    Like `load`, but kept only as long as nothing of the loop has changed either; `load` itself does not mind that.
    """
    key = f"{dict(versions()).get(LOOP)}|{_key(query, scope, args, kwargs)}"
    found: R = _load(key, lambda connection: query(connection, scope, *args, **kwargs))
    return found


def load_now(
    query: Callable[Concatenate[Connection, Scope, P], R], scope: Scope, /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return what a query finds in the data of this moment: for a part of a page that refreshes itself."""
    key = f"{_read_versions()}|{_key(query, scope, args, kwargs)}"
    found: R = _load(key, lambda connection: query(connection, scope, *args, **kwargs))
    return found


def load_ahead(
    query: Callable[Concatenate[Connection, Scope, P], R], scope: Scope, /, *args: P.args, **kwargs: P.kwargs
) -> None:
    """Begin in the background to read what `load` is asked for later in this run.

    Two reads of a page then go on at the same time, for both engines let go of Python's lock while they look. `load`
    waits for the one that is under way (Streamlit locks each key); an error is found and told by that `load`.
    """
    key = _key(query, scope, args, kwargs)

    def read() -> None:
        with suppress(Exception):
            _load(key, lambda connection: query(connection, scope, *args, **kwargs))

    thread = Thread(target=read, daemon=True)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()


def load_over(
    table: Callable[..., Any], about: tuple[Any, ...], query: Callable[..., R], scope: Scope, /, *args: Any
) -> R:
    """Return what a query finds in a table of rows that stays in memory, read once for every question about it.

    Parameters
    ----------
    table : callable
        ``table(connection, scope, *about)``; what it finds is shared and must not be changed by anybody.
    query : callable
        ``query(connection, scope, *args, table=…)``.
    """
    # Which rows may be seen depends on area and unit, not on who asks: one table for all of the same.
    seen = replace(scope, account="")

    def read(connection: Connection) -> R:
        held = _hold(_key(table, seen, about, {}), lambda: table(connection, seen, *about))
        return query(connection, scope, *args, table=held)

    found: R = _load(_key(query, scope, (table.__qualname__, about, args), {}), read)
    return found


@st.cache_resource(max_entries=4, ttl=3600, show_spinner=False)
def _hold(key: str, _read: Callable[[], Any]) -> Any:
    del key  # stands for all the rest
    return _read()


def load_common(query: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a query finds that depends on no account (levels, categories, context layers)."""
    found: R = _load(_key(query, None, args, kwargs), lambda connection: query(connection, *args, **kwargs))
    return found


def _key(query: Callable[..., Any], scope: Scope | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return all that a result depends on as one text; Streamlit's own hashing of many parts takes milliseconds.

    Raises
    ------
    TypeError
        When an argument is not hashable, and its text therefore may not say what it is.
    """
    held = tuple(pair for pair in versions() if pair[0] != LOOP)
    parts = (query.__module__, query.__qualname__, get_settings().url, held, scope, args,
             tuple(sorted(kwargs.items())))
    hash(parts)
    return repr(parts)


@st.cache_data(max_entries=600, ttl=3600, show_spinner=False)
def _load(key: str, _read: Callable[[Connection], Any]) -> Any:
    del key  # stands for all the rest
    with read_transaction(get_engine()) as connection:
        return _read(connection)


def load_properties() -> Properties:
    """Return what the database is: sample or real, its zone, its title."""
    return load_common(read_properties)


def load_freshness(scope: Scope) -> Freshness:
    """Return the dates the data is of."""
    return load(read_freshness, scope)
