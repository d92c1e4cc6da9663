"""`by` on every action: read from the signatures, so that a new one cannot forget it."""

import importlib
import inspect
import pkgutil

import pytest

import govdesk.actions


def _public_functions(package):
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, member in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and member.__module__ == module.__name__:
                yield pytest.param(member, id=f"{info.name}.{name}")


@pytest.mark.parametrize("function", list(_public_functions(govdesk.actions)))
def test_action_that_takes_an_engine_takes_by_keyword_only(function):
    parameters = inspect.signature(function).parameters
    if "engine" in parameters:
        assert parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters["by"].default is inspect.Parameter.empty
