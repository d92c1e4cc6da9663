"""Which action a query belongs to: the permission stands on the query, so that no page can forget to ask."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from govdesk.rules.access import ALLOWED, WHOLE, RefusedError, Scope

P = ParamSpec("P")
R = TypeVar("R")


def reads(*actions: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a query answer only a caller whose role may take one of `actions` of `rules.access.ALLOWED`.

    The query is ``query(connection, scope, …)``. The check is one look into a set, a fraction of a microsecond; an
    answer that is kept by `ui.loaders` is kept under the scope, and so was given to this role before.

    Raises
    ------
    KeyError
        When the table knows no such action: at import, before anybody asks.
    """
    roles = frozenset[Any]().union(*(ALLOWED[action] for action in actions))
    of_areas = frozenset[Any]().union(*(ALLOWED[action] for action in actions if action not in WHOLE))

    def guard(query: Callable[P, R]) -> Callable[P, R]:
        @wraps(query)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            scope: Any = args[1] if len(args) > 1 else kwargs["scope"]
            if scope.role not in (roles if scope.area_code is None else of_areas):
                raise RefusedError(_refuse(scope, query.__name__, actions), actions[0])
            return query(*args, **kwargs)

        guarded.actions = actions  # type: ignore[attr-defined]  # read by the page of permissions and by tests
        return guarded

    return guard


def _refuse(scope: Scope, query: str, actions: tuple[str, ...]) -> str:
    return f"role {scope.role} may not read {query} ({', '.join(actions)})"
