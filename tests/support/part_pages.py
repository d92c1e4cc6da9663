"""Runs one drawing function of a page alone, with a filter, as the page that holds it would."""

from textwrap import dedent

from streamlit.testing.v1 import AppTest

SCRIPT = """
    from importlib import import_module
    from govdesk.queries.filters import IncidentFilter
    from govdesk.ui.setting import read_setting

    setting = read_setting()
    filters = IncidentFilter(setting.week + 1 - {weeks}, setting.week + 1, **{chosen!r})
    getattr(import_module("govdesk.ui.{module}"), "{function}")(setting, filters)
"""


def open_part(
    module: str, function: str, *, weeks: int = 52, account: str | None = None, lang: str | None = None, **chosen: object
) -> AppTest:
    """Run ``govdesk.ui.<module>.<function>(setting, filters)``; fails when it raised."""
    page = AppTest.from_string(
        dedent(SCRIPT).format(module=module, function=function, weeks=weeks, chosen=chosen), default_timeout=60)
    if account is not None:
        page.session_state["account"] = account
    if lang is not None:
        page.query_params["lang"] = lang
    page.run()
    assert not page.exception, [element.value for element in page.exception]
    return page


def list_specs(page: AppTest) -> list[str]:
    """Return the specification of every chart on the page, as JSON text."""
    return [element.proto.spec for element in page.get("vega_lite_chart")]
