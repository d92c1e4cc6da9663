"""Opens pages in Streamlit's AppTest, as one local account, and gathers what a reader would see."""

from html import unescape

from streamlit.testing.v1 import AppTest

from govdesk.settings import ROOT, get_settings
from govdesk.ui import session


def open_page(name: str, *, account: str | None = None, **params: str) -> AppTest:
    """Run one page with address parameters; fails when the page raised."""
    page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    if account is not None:
        page.session_state["account"] = account
    for key, value in params.items():
        page.query_params[key] = value
    page.session_state[session._LANGUAGE_NOW] = params.get("lang", get_settings().language)
    page.run()
    assert not page.exception, [element.value for element in page.exception]
    return page


def all_html(page: AppTest) -> str:
    """Return the HTML of a page, as it is sent."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def all_text(page: AppTest) -> str:
    """Return everything a page says, markup with it, entities undone."""
    parts = [all_html(page)]
    for kind in ("markdown", "caption", "error", "warning", "info", "success"):
        parts += [str(element.value) for element in getattr(page, kind)]
    return unescape("\n".join(parts))
