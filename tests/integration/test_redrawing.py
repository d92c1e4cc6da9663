"""A part of a page that is redrawn alone: quick, in the reader's language, of one state of the data, calm when it fails."""

import asyncio

import pytest
from sqlalchemy import update

from govdesk import settings
from govdesk.storage.engine import get_engine, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Place
from tests.support import tiny_county
from tests.support.app_server import connect, read_screen, run_apart, serve
from tests.support.reader import Reader

pytestmark = pytest.mark.server
#: As the wire's text form writes it.
HEAD = r'class=\"gd-head\"'


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    var = tmp_path_factory.mktemp("redrawing") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDESK_VAR", str(var))
        settings.get_settings.cache_clear()
        get_engine.cache_clear()
        engine = get_engine()
        tiny_county.build(engine, 2000, weeks=200)
        with serve(var, now=tiny_county.NOW.isoformat()) as base:
            yield base, engine
    settings.get_settings.cache_clear()
    get_engine.cache_clear()


def act(base, *clicks, before_last=None):
    """Return what the screen says after each click, and the answers' sizes."""

    async def go():
        found = []
        async with connect(base) as wire, asyncio.timeout(120):
            reader = Reader(wire, "dispute_trends")
            for number, click in enumerate(clicks):
                if before_last is not None and number == len(clicks) - 1:
                    before_last()
                size = await reader.go(click)
                found.append((read_screen(reader.messages), size))
        return found

    return run_apart(go())


def test_a_choice_redraws_the_page_below_its_head(county):
    (whole, _), (part, _) = act(county[0], "?", "trend_stream:2")
    assert HEAD in whole
    assert HEAD not in part
    assert "gd-trend-headline" in part


def test_a_choice_made_in_english_is_answered_in_english(county):
    (_, _), (part, _) = act(county[0], "?lang=en", "trend_stream:2")
    assert "in the same weeks a year earlier" in part


def test_a_choice_after_the_data_changed_redraws_the_whole_page(county):
    base, engine = county

    def rename():
        with write_transaction(engine) as connection:
            connection.execute(update(Place).where(Place.code.like("%001")).values(name="改名镇"))
            bump(connection, "places")

    _, (part, _) = act(base, "?", "trend_stream:2", before_last=rename)
    assert HEAD in part
    assert "改名镇" in part
