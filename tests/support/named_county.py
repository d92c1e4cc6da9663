"""A tiny county with two townships whose villages have real-looking names, and files that name them."""

from sqlalchemy import insert

from govdesk.storage.engine import get_engine, write_transaction
from govdesk.tables import Place, PlaceAncestor
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK
from tests.support import tiny_county

PROFILE = """about = "incidents"
name = "t"
source = "t"
sample = true
[fields]
source_ref = { from = "编号" }
stream = { constant = "request" }
category = { constant = "request_road" }
occurred_on = { from = "日期" }
[place.name]
from = "村"
[place.parent]
from = "乡镇"
optional = true
"""
HEAD = "编号,日期,乡镇,村\n"
NAMES = {"001": ("城关镇", ["东门村", "东门社区", "罗溪村"]), "002": ("河西乡", ["东门村", "温塘村委会", "石桥村"])}


def build(engine=None):
    """Return an engine on it."""
    engine = engine or get_engine()
    tiny_county.build(engine, n_incidents=0, townships=1, villages=1)
    rows = []
    for number, (town, villages) in NAMES.items():
        code = f"9901019{number[1:]}"
        rows.append({"code": code, "name": town, "level": "township", "parent_code": tiny_county.COUNTY})
        rows += [{"code": f"{code}{at:03d}", "name": name, "level": "village", "parent_code": code}
                 for at, name in enumerate(villages, 1)]
    with write_transaction(engine) as connection:
        connection.execute(insert(Place), [{**row, "valid_from": ALWAYS, "initials": "", "lon": 111.0, "lat": 27.0} for row in rows])
        above = {row["code"]: row["parent_code"] for row in rows}
        chains = [(row["code"], [row["code"], row["parent_code"], *([] if row["level"] == "township" else [above[row["parent_code"]]])]) for row in rows]
        levels = {tiny_county.COUNTY: "county", **{row["code"]: row["level"] for row in rows}}
        connection.execute(insert(PlaceAncestor), [
            {"code": code, "ancestor_code": one, "week_from": FIRST_WEEK, "week_to": OPEN_WEEK, "ancestor_level": levels[one], "depth": depth}
            for code, chain in chains for depth, one in enumerate(chain)])
    return engine


def lines(*places):
    """Return a file of one row for each ``township,village``."""
    return HEAD + "".join(f"A{n},2026-03-01,{place}\n" for n, place in enumerate(places))
