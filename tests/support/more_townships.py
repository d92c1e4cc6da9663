"""Further townships of the tiny county, without villages: so many places stand behind what the county has."""

from sqlalchemy import insert, select

from govdesk.storage.engine import write_transaction
from govdesk.tables import Place
from tests.support.tiny_county import COUNTY


def add_townships(engine, n=1):
    """Add townships; with one, three of them lie outside of each of the first three."""
    with write_transaction(engine) as connection:
        like = dict(connection.execute(select(*Place.__table__.columns).where(Place.code == f"{COUNTY}003")).mappings().one())
        connection.execute(insert(Place), [
            like | {"code": f"{COUNTY}{number:03d}", "name": f"第{number}镇"} for number in range(4, 4 + n)])
