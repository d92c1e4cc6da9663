"""The permission table is what is enforced: every query stands under it, and nothing stands in it unused."""

import ast
import importlib
import inspect
import pkgutil

import pytest

import govdesk.queries
from govdesk.queries.permission import reads
from govdesk.rules.access import ALLOWED, RefusedError, Scope
from govdesk.settings import ROOT
from govdesk.terms import Role


def _queries():
    """Yield every public function of `queries` that reads the database for somebody.

    What takes a scope but no connection builds a condition: it reads nothing.
    """
    for info in pkgutil.iter_modules(govdesk.queries.__path__):
        module = importlib.import_module(f"govdesk.queries.{info.name}")
        for name, member in inspect.getmembers(module, inspect.isfunction):
            wanted = inspect.signature(member).parameters
            if not name.startswith("_") and member.__module__ == module.__name__ and {"connection", "scope"} <= set(wanted):
                yield f"{info.name}.{name}", member


QUERIES = dict(_queries())


def test_queries_are_found():
    assert len(QUERIES) > 200


@pytest.mark.parametrize("name", QUERIES)
def test_query_carries_a_permission_of_the_table(name):
    actions = getattr(QUERIES[name], "actions", ())
    assert actions, f"{name} answers anybody: put @reads above it"
    assert set(actions) <= set(ALLOWED)


@pytest.mark.parametrize("role", Role)
def test_query_refuses_a_role_before_it_looks(role):
    scope = Scope("somebody", role)
    for name, query in QUERIES.items():
        if not any(role in ALLOWED[action] for action in query.actions):
            with pytest.raises(RefusedError, match=name.rsplit(".", 1)[1]):
                query(None, scope)
            with pytest.raises(RefusedError):
                query(connection=None, scope=scope)


def test_query_takes_the_scope_second():
    for name, query in QUERIES.items():
        assert list(inspect.signature(query).parameters)[:2] == ["connection", "scope"], name


def test_permission_that_the_table_does_not_know_fails_at_import():
    with pytest.raises(KeyError):
        reads("view_everything")


def _texts_of_code():
    """Return every text that stands in the code, apart from the table itself and the words of a docstring."""
    found = set()
    for folder in ("govdesk/actions", "govdesk/queries", "govdesk/brief", "govdesk/rules"):
        for path in (ROOT / folder).glob("*.py"):
            if path.name != "access.py":
                found |= {node.value for node in ast.walk(ast.parse(path.read_text("utf-8")))
                          if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60}
    return found


def test_table_has_no_action_that_nothing_below_the_pages_enforces():
    assert sorted(set(ALLOWED) - _texts_of_code()) == []
