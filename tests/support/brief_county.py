"""The tiny county with scorings, and a weekly brief of it in both languages and versions: made once a process."""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, select, update

from govdesk.brief.carried import Carried
from govdesk.brief.pictures import draw_charts, draw_maps
from govdesk.queries.brief_facts import BriefFacts, read_brief_facts
from govdesk.queries.brief_text import write_brief
from govdesk.rules.access import SYSTEM
from govdesk.rules.brief import Brief
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Place, RiskListing
from tests.support import scored_county

#: A name that would break out of a carelessly put together template.
HOSTILE = "#panic()$x$*_`\\村]]<b>&\"'{{=1+1"

#: Who takes it away: a post, whose title holds what a careless template would run.
CARRIED = Carried("值班长 #panic()", datetime(2026, 11, 22, 1, 5, tzinfo=UTC), "deliberation")


@cache
def find_once(hostile: str | None = HOSTILE) -> Path:
    """Return the database file of the county, made once a process: to be read, or copied."""
    folder = Path(tempfile.mkdtemp(prefix="brief-county-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = build(folder, hostile)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder / "brief.db"


@cache
def read_once(hostile: str | None = HOSTILE) -> tuple[Engine, BriefFacts]:
    """Return an engine of that file, to read from, and the facts of its last complete week."""
    engine = create_engine(f"sqlite:///{find_once(hostile)}")
    return engine, read(engine)


def build(folder: Path, hostile: str | None = HOSTILE) -> Engine:
    """Create the county in a folder; `hostile` is the name of the first village on its list."""
    engine = create_engine(f"sqlite:///{folder / 'brief.db'}")
    scored_county.build(engine)
    with write_transaction(engine) as connection:  # some records arrive late
        connection.execute(update(Incident).where(Incident.id % 7 == 0).values(week_known=Incident.week_known + 3))
    if hostile is not None:
        with write_transaction(engine) as connection:
            code = connection.scalar(select(RiskListing.place_code).order_by(RiskListing.as_of.desc(), RiskListing.id))
            connection.execute(update(Place).where(Place.code == code).values(name=hostile))
    return engine


def read(engine: Engine, week: int | None = None) -> BriefFacts:
    """Read the facts of a week."""
    with read_transaction(engine) as connection:
        return read_brief_facts(connection, SYSTEM, week)


def draw(engine: Engine, facts: BriefFacts, language: str, *, is_internal: bool) -> dict[str, str]:
    """Draw all pictures of a brief."""
    with read_transaction(engine) as connection:
        maps = draw_maps(connection, SYSTEM, facts, language, is_internal=is_internal)
    return maps | draw_charts(facts, language)


def write(facts: BriefFacts, language: str = "zh", *, is_internal: bool = False) -> Brief:
    """Write a brief."""
    return write_brief(facts, language, is_internal=is_internal)


__all__ = ["HOSTILE", "build", "draw", "find_once", "read", "read_once", "write"]
