"""Naming a page on a fresh server must never run it without the frame.

Streamlit runs files of a folder `pages/` that lies beside the frame script by themselves when the first message
of a fresh server names one: menu, account and checks would never have run. `app.py` keeps the frame in
`govdesk/ui/`, where there is no such folder. `test_pages_beside_the_frame_would_run_alone` shows that the hole is
real, so that the other tests are known to see it.
"""

import textwrap

import pytest
import websockets
from itsdangerous import URLSafeSerializer
from streamlit.util import calc_hash

from govdesk.settings import ROOT
from govdesk.storage.secret import read_secret
from tests.support import tiny_county
from tests.support.app_server import read_screen, run_script, serve

pytestmark = pytest.mark.server

PAGE = ROOT / "pages" / "incident_map.py"
#: Every way the wire has of naming a page.
WAYS = {
    "hash of its file": {"page_hash": calc_hash(str(PAGE))},
    "hash of its url path": {"page_hash": calc_hash("incident_map")},
    "page name": {"page_name": "incident_map"},
    "file name": {"page_name": "incident_map.py"},
    "path": {"page_name": "pages/incident_map"},
}


def test_no_folder_pages_lies_beside_the_frame():
    assert not (ROOT / "govdesk" / "ui" / "pages").exists()


@pytest.mark.parametrize("way", WAYS)
def test_named_page_does_not_run_without_a_database(tmp_path, way):
    """A signed cookie of before passes the gate, for nobody can be asked; the frame has only its own sentence."""
    var = tmp_path / "nothing"
    with serve(var) as base:
        screen = read_screen(run_script(base, cookie=_make_cookie(var), **WAYS[way]))
    assert "make run" in screen  # the frame's own sentence
    assert "<h1>" not in screen  # what every page draws first
    assert not (var / "govdesk.db").exists()


@pytest.mark.parametrize("way", WAYS)
def test_stranger_names_no_page(tmp_path, monkeypatch, way):
    _build(tmp_path / "var", monkeypatch)
    with serve(tmp_path / "var", now=tiny_county.NOW.isoformat()) as base, pytest.raises(
            websockets.exceptions.InvalidStatus):
        run_script(base, cookie="", **WAYS[way])


def test_named_page_runs_inside_the_frame(tmp_path, monkeypatch):
    var = tmp_path / "var"
    _build(var, monkeypatch)
    with serve(var, now=tiny_county.NOW.isoformat()) as base:
        screen = read_screen(run_script(base, page_name="incident_map"))
    assert "gd-brand" in screen.replace(".gd-brand", "")
    assert "<h1>" in screen


def test_pages_beside_the_frame_would_run_alone(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "secret.py").write_text("import streamlit as st\nst.write('SECRET')\n")
    (tmp_path / "frame.py").write_text(textwrap.dedent("""
        import streamlit as st
        st.write('FRAME')
        st.stop()
        st.navigation([st.Page('pages/secret.py')]).run()
    """))
    (tmp_path / "app.py").write_text("import streamlit as st\napp = st.App('frame.py')\n")
    with serve(script=tmp_path / "app.py") as base:
        screen = read_screen(run_script(base, page_name="secret"))
    assert "SECRET" in screen
    assert "FRAME" not in screen


def _build(var, monkeypatch):
    from govdesk import settings
    from govdesk.storage.engine import get_engine

    monkeypatch.setenv("GOVDESK_VAR", str(var))
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    tiny_county.build(get_engine())
    get_engine().dispose()


def _make_cookie(var):
    """Return a cookie that this server would have given out."""
    ticket = URLSafeSerializer(read_secret(var), salt="sign-in").dumps({"t": "x", "e": 4_000_000_000})
    return f"govdesk_session={ticket}"
