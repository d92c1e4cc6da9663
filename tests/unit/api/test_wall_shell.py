"""The shell: what it says of the server, what it holds, and what it cannot be made to hold."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from govdesk.api.routes import ROUTES
from govdesk.api.security_headers import SecurityHeaders
from govdesk.api.wall_shell import build_shell, build_start_file, fingerprint
from govdesk.settings import get_settings
from govdesk.storage.database_check import is_answering
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from tests.support import tiny_county


@pytest.fixture
def client():
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(SecurityHeaders)]))


def facts(text):
    return json.loads(re.search(r"const FACTS = (\{.*?\});\n", text, re.DOTALL).group(1))


def test_health_tells_database_version_and_time(client, tiny_engine):
    before = client.get("/wall/health")
    assert before.headers["cache-control"] == "no-store"
    assert before.json()["database"] == "ok"
    assert before.json()["now"] == int(tiny_county.NOW.timestamp() * 1000)
    with write_transaction(tiny_engine) as connection:
        bump(connection, "incidents")
    after = client.get("/wall/health").json()
    assert after["version"] != before.json()["version"]
    assert after["boot"] == before.json()["boot"]


def test_health_without_a_database_says_away_and_makes_none(client):
    assert client.get("/wall/health").json() | {"now": 0, "boot": "", "shell": ""} == {
        "now": 0, "boot": "", "shell": "", "database": "away", "version": None}
    assert not (get_settings().var / "govdesk.db").exists()


def test_database_that_is_moved_and_replaced_is_read_anew(client, tiny_engine, tmp_path):
    assert is_answering()
    assert client.get("/wall/health").json()["database"] == "ok"
    database = get_settings().var / "govdesk.db"
    database.rename(tmp_path / "away.db")
    assert client.get("/wall/health").json()["database"] == "away"
    assert not database.exists()
    (tmp_path / "away.db").rename(database)
    assert client.get("/wall/health").json()["database"] == "ok"


def test_unreadable_database_is_away_not_an_error(client, tiny_engine):
    client.get("/wall/health")
    tiny_engine.dispose()
    for file in get_settings().var.glob("govdesk.db*"):
        file.write_bytes(b"no database" * 400)
    assert client.get("/wall/health").json()["database"] == "away"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shell_holds_its_words_and_nothing_from_outside(client, language):
    answer = client.get(f"/wall?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    words = facts(answer.text)["words"]
    assert {"{since}", "{at}"} <= set(re.findall(r"\{\w+\}", words["server"]))
    assert not re.search(r"https?:|//[a-z]|@import", re.sub(r"//.*", "", answer.text))
    assert answer.headers["cache-control"] == "no-store"


def test_shell_needs_no_database_and_falls_back_to_the_language_of_the_settings(client):
    assert '<html lang="zh">' in client.get("/wall?lang=<img>").text
    assert "<img>" not in client.get("/wall?lang=<img>&scenes=<img>").text


def test_start_file_opens_the_wall_of_this_server_with_its_own_parameters(client):
    answer = client.get("/wall/start-file?lang=en&seconds=30")
    assert answer.headers["content-disposition"] == 'attachment; filename="wall.html"'
    found = facts(answer.text)
    assert found["wall"] == "http://testserver/wall"
    assert found["query"] == "?lang=en&seconds=30"


def test_no_address_ends_the_script_of_the_start_file():
    text = build_start_file("zh", "http://x/wall", "?a=</script><img onerror=x>")
    assert text.count("</script>") == 1
    assert "<img" not in text


def test_fingerprint_is_that_of_the_shell_it_serves():
    assert facts(build_shell("zh"))["shell"] == fingerprint()
