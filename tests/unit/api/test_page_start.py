"""The page leaves with our style, pages with a map with the map's program; all else leaves as it came."""

import gzip
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from govdesk.api.page_start import PageStart, find_map_program

PAGE = '<!doctype html><html><head><title>Streamlit</title></head><body><div id="root"></div></body></html>'
SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
PAGES = ["incident_map", "case_quality", "register", "other"]
STYLE = "<style>.gd{color:red}</style>"


def page(request):
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(PAGE.encode())
        return Response(body, headers={"content-encoding": "gzip", "content-type": "text/html"})
    return HTMLResponse(PAGE, headers={"etag": '"1"', "last-modified": "yesterday", "cache-control": "no-cache"})


def client(base="", scripts=SCRIPTS, framed=""):
    routes = [
        Route("/api/rows", lambda request: JSONResponse({"etag": request.headers.get("if-none-match")},
                                                        headers={"etag": '"2"'})),
        Route("/other", lambda _: HTMLResponse("<html><head></head><body>ours</body></html>", status_code=404)),
        Route("/{path:path}", page),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(PageStart, pages=PAGES, style=STYLE, scripts=scripts, base=base, framed=framed,
                                                                embedded={"register": "<style>.dark{}</style>"})]))


def test_this_streamlit_has_a_map_program():
    assert find_map_program(SCRIPTS).startswith("DeckGlJsonChart.")


@pytest.mark.parametrize("path", ["/", "/incident_map", "/case_quality"])
def test_page_has_the_style_after_its_head(path):
    answer = client().get(path)
    assert answer.text.endswith(f"{STYLE}</body></html>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(("path", "base", "has_map"), [
    ("/", "", True), ("/incident_map", "", True), ("/desk/incident_map", "desk", True), ("/register", "", False),
])
def test_page_with_a_map_names_its_program(path, base, has_map):
    prefix = f"/{base}" if base else ""
    link = f'<link rel="modulepreload" href="{prefix}/static/js/{find_map_program(SCRIPTS)}">'
    assert (link in client(base).get(path).text) == has_map


def test_page_that_a_browser_kept_is_sent_again():
    assert client().get("/", headers={"if-none-match": '"1"'}).status_code == 200


def test_other_answers_leave_as_they_came():
    assert client().get("/other").text == "<html><head></head><body>ours</body></html>"
    rows = client().get("/api/rows", headers={"if-none-match": '"1"'})
    assert (rows.json(), rows.headers["etag"]) == ({"etag": '"1"'}, '"2"')


def test_head_request_says_what_it_said():
    answer = client().head("/", headers={"accept-encoding": "identity"})
    assert answer.headers["etag"] == '"1"'


def test_without_such_a_file_only_the_style_is_added(tmp_path):
    text = client(scripts=tmp_path).get("/").text
    assert STYLE in text
    assert "modulepreload" not in text


@pytest.mark.parametrize(("address", "is_dark"), [
    ("/register?embed=true", True), ("/desk/register?lang=zh&embed=true", True), ("/register", False),
    ("/register?embed=false", False), ("/case_quality?embed=true", False), ("/register?x=embed=true", False),
])
def test_page_that_is_shown_alone_has_its_own_style_from_the_start(address, is_dark):
    text = client("desk" if address.startswith("/desk") else "").get(address).text
    assert text.endswith(f"{STYLE}<style>.dark{{}}</style></body></html>" if is_dark else f"{STYLE}</body></html>")


def test_element_of_framed_pages_is_in_no_page_that_is_shown_alone():
    framed = "<script src=x></script>"
    assert framed in client(framed=framed).get("/register").text
    assert framed not in client(framed=framed).get("/register?embed=true").text
