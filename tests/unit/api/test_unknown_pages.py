"""An address that names no page is answered in our own words; everything else passes."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from govdesk.api.routes import ROUTES
from govdesk.api.unknown_pages import UnknownPages
from govdesk.ui.menu import ENTRIES, list_paths


def make_client(base=""):
    def streamlit(_):
        return PlainTextResponse("passed")

    everything = Route("/{path:path}", streamlit, methods=["GET", "POST"])
    known = Middleware(UnknownPages, pages=list_paths(), routes=[*ROUTES, Mount("/files", app=streamlit)], base=base)
    return TestClient(Starlette(routes=[everything], middleware=[known]))


KNOWN = ["/", "/overview", "/api/geo/places", "/_stcore/health", "/village/_stcore/host-config", "/nothing/_stcore/health",
         "/static/js/index.js", "/media/x.png", "/component/a/b.js", "/index.html", "/manifest.json", "/favicon.png",
         "/files/a", "/village/", "/village/static/js/x.js", *(f"/{entry.name}" for entry in ENTRIES)]
UNKNOWN = ["/nonsense", "/village/nonsense", "/Village", "/incident_map.py", "/pages/village", "/stcore", "/a/b/_stcore/health",
           "/%3Cscript%3Ealert(1)%3C/script%3E", "/..%2f..%2fetc/passwd", "/%E2%80%AE", "/a%00b", "/" + "x" * 3000]


@pytest.mark.parametrize("path", KNOWN)
def test_known_addresses_pass(path):
    answer = make_client().get(path + "?place=1")
    assert (answer.status_code, answer.text) == (200, "passed")


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_page_is_answered_in_both_languages_without_repeating_the_address(path):
    answer = make_client().get(path + "?q=<img onerror=alert(1)>")
    assert answer.status_code == 404
    assert answer.text == make_client().get("/nonsense").text
    for words in ("没有这个页面", "There is no such page", 'href="/"', 'lang="zh"', 'lang="en"'):
        assert words in answer.text
    assert "src=" not in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_head_is_answered_and_other_methods_pass():
    client = make_client()
    assert client.head("/nonsense").status_code == 404
    assert client.post("/nonsense").text == "passed"


def test_application_under_a_path_of_its_own():
    client = make_client("/desk/")
    assert client.get("/desk").text == client.get("/desk/village").text == client.get("/desk/_stcore/health").text == "passed"
    for path in ("/village", "/desk/nonsense", "/desktop"):
        assert client.get(path).status_code == 404
    assert 'href="/desk/"' in client.get("/desk/nonsense").text
