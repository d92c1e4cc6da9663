"""What one look of a wall finds: whose, until when the data reaches, what is pinned, what interrupts it."""

from dataclasses import dataclass, replace
from datetime import datetime

from govdesk import clock
from govdesk.queries.places import get_place
from govdesk.queries.wall_pins import Pin, read_pin
from govdesk.rules.access import Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Role
from govdesk.ui import loaders
from govdesk.ui.markup import clean_text
from govdesk.ui.wall import scenes
from govdesk.ui.wall.interruption import Alarms, list_calls_waiting, load_hops, look_for_urgent, pick_alarms
from govdesk.ui.wall.parts import LONGEST_NAME
from govdesk.ui.wall.rotation import Plan, pick_scene
from govdesk.ui.wall.scene import WallView


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be shown now: the scene of that name, or what interrupts it."""

    view: WallView
    county: str
    shown: str
    pin: Pin | None
    alarms: Alarms
    moment: float


def read_look(scope: Scope, plan: Plan, words: str, now: datetime) -> Look:
    """Return what a wall of this scope and plan shows at `now`."""
    seen, moment = replace(scope, role=Role.WALL), clock.moment()
    versions = dict(loaders.versions())
    with read_transaction(get_engine()) as connection:
        pin = read_pin(connection, seen, now)
        area = None if seen.area_code is None else get_place(connection, seen, seen.area_code, clock.local_day(now))
        watched = look_for_urgent(connection, seen, now=now, version=versions["incidents"], moment=moment)
    if pin is not None and pin.scene not in scenes.list_names():
        pin = None
    properties = loaders.load_properties()
    view = WallView(scope=seen, words=words, now=now, day=clock.local_day(now), kind=properties.kind,
                    as_of=loaders.load_freshness(seen).data_as_of)
    county = properties.title_zh if words == "zh" else properties.title_en or properties.title_zh
    if area is not None:
        county = clean_text(area.name, LONGEST_NAME)  # its numbers are not those of the county
    calls = list_calls_waiting(load_hops(view), now)
    return Look(view, county, pick_scene(plan, moment, pin.scene if pin else None), pin,
                pick_alarms(watched, calls, plan.hold, moment, now), moment)
