"""The tiny county with enough reports to judge every village, one of which falls silent in its last half-year."""

from sqlalchemy import Engine, select, update

from govdesk.clock import week_of
from govdesk.storage.engine import write_transaction
from govdesk.tables import Incident
from tests.support import tiny_county
from tests.support.ready import built_once
from tests.support.tiny_county import COUNTY, UNTIL

HUSHED = f"{COUNTY}002003"
LAST = week_of(UNTIL) - 1


@built_once
def build(engine: Engine, n_incidents: int = 2250, *, every: int = 8) -> None:
    """Keep one of `every` reports of `HUSHED` in the last 26 weeks; the police go on writing down what they see."""
    tiny_county.build(engine, n_incidents, townships=2, villages=3)
    with write_transaction(engine) as connection:
        rows = connection.scalars(select(Incident.id).where(
            Incident.place_code.startswith(HUSHED), Incident.week_occurred > LAST - 26,
            Incident.stream != "public_order").order_by(Incident.id)).all()
        gone = [row for number, row in enumerate(rows) if number % every]
        connection.execute(update(Incident).where(Incident.id.in_(gone)).values(is_counted=0))
