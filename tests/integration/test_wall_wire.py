"""What a wall costs on the wire: a look that finds nothing new sends next to nothing."""

import asyncio

import pytest

from tests.browser.conftest import build_county
from tests.support.app_server import connect, run_apart, serve
from tests.support.reader import Reader

pytestmark = pytest.mark.server
FRESH = "2026-11-18T10:00:00+08:00"


def test_look_that_finds_nothing_new_sends_little_and_keeps_going(tmp_path):
    build_county(tmp_path)
    with serve(tmp_path, now=FRESH) as base:
        first, later = run_apart(_look(base))
    assert "w-scene" in first
    assert max(later) < 8_000, later


async def _look(base):
    async with connect(base) as wire, asyncio.timeout(60):
        reader = Reader(wire, "wall_screen", is_embedded=True)
        await reader.go("?scenes=situation&pause=1")
        first = "".join(str(message.delta) for message in reader.messages)
        assert reader.repeated
        return first, [await reader.go("again") for _ in range(4)]
