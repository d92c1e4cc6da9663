"""The scored county with one of everything in a foreign township, whose every name and text carries a mark."""

from datetime import timedelta

from sqlalchemy import Engine, insert, select, update

from govdesk.actions.calls import place_call
from govdesk.rules.access import Scope
from govdesk.storage.engine import write_transaction
from govdesk.storage.photo_files import write_photo
from govdesk.storage.versions import bump
from govdesk.tables import (
    Account,
    DuplicateVerdict,
    ImportBatch,
    Incident,
    Mediation,
    Photo,
    Place,
    RiskObjection,
    Upload,
    Visit,
    VisitOrder,
)
from govdesk.terms import Role
from tests.support import scored_county, tiny_county
from tests.support.intake import jpeg

COUNTY = tiny_county.COUNTY
OWN, VILLAGE, FOREIGN = f"{COUNTY}001", f"{COUNTY}001002", f"{COUNTY}003"
#: Stands in every name and text of the foreign township, and nowhere else.
MARK = "秘"
#: Numbers of what lies there; what has the next number does not exist.
ELSEWHERE = 771
NOTHING = 772
#: Accounts that see a part: a township, a village of it, a department, a centre of a part,
#: another clerk, a wall.
ACCOUNTS = {
    "town": ("township", OWN, None), "village": ("township", VILLAGE, None), "land": ("department", None, "U-LAND"),
    "centre_1": ("centre", OWN, None), "clerk_2": ("clerk", None, None), "wall_1": ("wall", None, None)}


def build(engine: Engine) -> int:
    """Make it; return the number of a foreign incident."""
    scored_county.build(engine)
    at = tiny_county.NOW
    common = {"source": "t", "content_hash": "0", "recorded_at": at}
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [
            {"code": code, "title": code, "role": role, "area_code": area, "unit_code": unit, "is_active": True}
            for code, (role, area, unit) in ACCOUNTS.items()])
        inside = Place.code.startswith(FOREIGN)
        for code, name in connection.execute(select(Place.code, Place.name).where(inside)).all():
            connection.execute(update(Place).where(Place.code == code).values(name=f"{MARK}{name}"))
        there = Incident.place_code.startswith(FOREIGN)
        one, other = connection.scalars(select(Incident.id).where(there).order_by(Incident.id.desc()).limit(2)).all()
        connection.execute(update(Incident).where(there).values(
            summary=f"{MARK}事", source_ref=MARK + Incident.source_ref, handling_unit=None))
        connection.execute(insert(ImportBatch).values(
            id=ELSEWHERE, about="incidents", profile="p", file_name=f"{MARK}.csv", file_hash="x", by="local_clerk", at=at,
            n_read=1, n_inserted=1, n_updated=0, n_unchanged=0, n_rejected=0, n_masked=0))
        connection.execute(insert(VisitOrder).values(
            id=ELSEWHERE, place_code=f"{FOREIGN}001", week=2967, reason="alert", owner_unit="U-CENTRE",
            due_on=tiny_county.UNTIL, ordered_by="x", ordered_at=at))
        connection.execute(insert(DuplicateVerdict).values(
            id=ELSEWHERE, incident_id=one, other_id=other, verdict="different", reason=MARK, by="local_centre", at=at))
        connection.execute(insert(RiskObjection).values(
            id=ELSEWHERE, place_code=f"{FOREIGN}001", by="x", at=at, text=f"{MARK}异议"))
        connection.execute(insert(Visit).values(
            **common, source_ref="V9", place_code=f"{FOREIGN}001", visited_on=tiny_county.UNTIL, reason="alert",
            found="found"))
        connection.execute(insert(Mediation).values(
            **common, id=ELSEWHERE, source_ref="M9", incident_id=one, channel="people", method="visit",
            level="village", started_on=tiny_county.UNTIL - timedelta(days=9)))
        connection.execute(insert(Upload).values(
            id=ELSEWHERE, file_name=f"{MARK}.csv", stored_as="x.csv", file_hash="0" * 64, n_bytes=9, by="local_clerk", at=at,
            changed_at=at, status="stored"))
        connection.execute(insert(Photo).values(
            id=ELSEWHERE, incident_id=one, kind="report", stored_as=write_photo(jpeg(), at), file_hash="0" * 64,
            n_bytes=len(jpeg()), width=40, height=30, by="x", at=at, delete_at=at + timedelta(days=99)))
        for subject in ("places", "incidents", "accounts", "risk", "loop"):
            bump(connection, subject)
    place_call(engine, by=Scope("local_centre", Role.CENTRE), form_key="form-0001", place_code=f"{FOREIGN}001",
               category="hazard_fire", severity=1, units=["U-LAND"], lead="U-LAND", note=f"{MARK}急")
    return int(one)
