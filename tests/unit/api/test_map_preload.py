"""Pages that open with a map announce the map's program; others do not."""

import asyncio

import pytest

from govdesk.api import map_preload
from govdesk.api.map_preload import MapPreload, find_map_program


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def links_of(path: str, base: str = "") -> list[str]:
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(MapPreload(answer, base)({"type": "http", "path": path}, None, send))
    return [value.decode() for name, value in sent[0]["headers"] if name == b"link"]


def test_this_streamlit_has_a_map_program():
    assert find_map_program().startswith("DeckGlJsonChart.")


@pytest.mark.parametrize(("path", "base"), [("/", ""), ("/incident_map", ""), ("/desk/incident_map", "desk")])
def test_page_with_a_map_announces_it(path, base):
    prefix = f"/{base}" if base else ""
    assert links_of(path, base) == [f"<{prefix}/static/js/{find_map_program()}>; rel=modulepreload"]


@pytest.mark.parametrize("path", ["/case_quality", "/api/geo/places", "/static/js/x.js"])
def test_other_answers_say_nothing_of_it(path):
    assert links_of(path) == []


def test_without_such_a_file_nothing_is_announced(monkeypatch):
    monkeypatch.setattr(map_preload, "find_map_program", lambda: None)
    assert links_of("/") == []
