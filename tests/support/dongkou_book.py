"""The register of 洞口县 (data/sample/dongkou) as a book of places: 24 townships, 364 villages."""

import csv

from govdesk.ingest.place_book import FIRST_KNOWN, OPEN_DAY, PlaceBook, PlaceRow
from govdesk.settings import ROOT

COUNTY = "430525"


def row(code, name, level, parent):
    return PlaceRow(code, name, level, parent, FIRST_KNOWN, OPEN_DAY)


def _read(name):
    with (ROOT / "data/sample/dongkou" / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def read_rows():
    """Return the county, its townships and its villages."""
    return [row(COUNTY, "洞口县", "county", None),
            *(row(one["code"], one["name"], "township", COUNTY) for one in _read("townships.csv")),
            *(row(one["code"], one["name"], "village", one["parent_code"]) for one in _read("villages.csv"))]


def make_book(more=(), aliases=()):
    """Return the register, with more places and aliases."""
    return PlaceBook([*read_rows(), *more], aliases=aliases)
