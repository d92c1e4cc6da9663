"""The event loop: what is late and who has it, where incidents stand, which calls wait; nothing of anybody.

Clocks are of the present moment, to five minutes: a deadline passes without a record.
"""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from govdesk.queries.calls import WaitingHop
from govdesk.queries.inboxes import BoardFilter, Inbox, InboxCounts, count_inboxes
from govdesk.queries.longest_late import list_longest_late
from govdesk.queries.small_cells import find_tellable
from govdesk.rules.access import allows
from govdesk.rules.clock_bands import Cuts
from govdesk.ui.formats import write_count, write_share
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.interruption import load_hops
from govdesk.ui.wall.lateness import name_instant
from govdesk.ui.wall.newest import add_newest, name_kind
from govdesk.ui.wall.parts import build_bar, build_figure, build_nothing, build_rows, stack, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "loop"
#: Rows lying, and standing.
LATE, LATE_TALL = 13, 7
CALLS, CALLS_TALL = 12, 5
#: A clock is looked at so often.
STEP = 300
#: Where an incident may stand, in the order of the loop.
STAGES = (Inbox.TRIAGE, Inbox.ACCEPT, Inbox.IN_HAND, Inbox.PAUSED, Inbox.EXTENSION, Inbox.REOPENED)


def build(view: WallView) -> Scene:
    """Return the scene."""
    age = find_age(view)
    moment = datetime.fromtimestamp(int(view.now.timestamp()) // STEP * STEP, view.now.tzinfo)
    nothing = build_nothing(_say(view, "no_records"))
    bodies = {"overdue": nothing, "stages": nothing, "rows": nothing}
    if view.as_of is not None:
        counts = load(count_inboxes, view.scope, BoardFilter(), Cuts(moment, moment, moment))
        rows = load(list_longest_late, view.scope, moment, LATE)
        told = load(find_tellable, view.scope, tuple(int(one) for one in rows["id"])) if len(rows) else frozenset()
        bodies = {"overdue": _build_overdue(view, counts, moment), "stages": _build_stages(view, counts),
                  "rows": _build_rows(view, rows, told, moment)}
    tiles = [Tile(name, _say(view, f"loop_{name}"), body, name, age.as_of, age.stale_after,
                  age.note if name == "overdue" else "") for name, body in bodies.items()]
    tiles.append(Tile("calls", _say(view, "loop_calls"), _build_calls(view), "calls", view.now))
    return Scene(NAME, say("wall.scene_loop", view.words), add_newest(view, *tiles), "w-loop")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _build_overdue(view: WallView, counts: InboxCounts, moment: datetime) -> Html:
    """Return what is late; the stamp of the tile is that of its records, so the instant of the clocks stands beside."""
    n_late, n_due = counts.counts[Inbox.LATE], counts.n_open - counts.counts[Inbox.PAUSED] - counts.n_no_due
    if not counts.n_open:
        return build_nothing(_say(view, "none_open"))
    if not n_due:
        return build_nothing(_say(view, "loop_no_due"))
    return build_figure(
        n_late, _say(view, "loop_overdue_of", n=write_count(n_due), share=write_share(n_late, n_due)),
        _say(view, "loop_now", at=name_instant(moment, view.now, view.words)), unit=_say(view, "unit"),
        tone="red" if n_late else "")


def _build_stages(view: WallView, counts: InboxCounts) -> Html:
    """Return how many wait at each stage; an incident may be in hand and re-opened at once."""
    held = [(_say(view, f"loop_{one}"), counts.counts[one]) for one in STAGES]
    if counts.n_no_due:
        held.append((_say(view, "loop_no_clock"), counts.n_no_due))
    most = max(1, *(n for _, n in held))
    return build_rows(((name, build_bar(n / most), write_count(n)) for name, n in held), "w-stage-rows")


def _build_rows(view: WallView, rows: pd.DataFrame, told: frozenset[int], moment: datetime) -> Html:
    if rows.empty:
        return build_nothing(_say(view, "loop_no_late"))
    return build_rows(((
        tag("b", _say_late(view, moment - row["due_at"]), class_="w-red"), write_name(row["township_name"]),
        name_kind(view, row, row["id"] in told), _unit(view, row)) for row in rows.to_dict("records")),
        "w-case-rows w-late-rows", n_tall=LATE_TALL)


def _unit(view: WallView, row: Any) -> str:
    return write_name(row["handling_unit_name"]) if row["handling_unit"] else _say(view, "no_unit")


def _say_late(view: WallView, late: timedelta) -> str:
    """Return by how much, in days on the calendar, hours or minutes."""
    if late >= timedelta(days=1):
        return _say(view, "loop_days", n=write_count(late.days))
    hours = int(late.total_seconds()) // 3600
    return _say(view, "loop_hours", n=hours) if hours else _say(
        view, "loop_minutes", n=max(int(late.total_seconds()) // 60, 1))


def _build_calls(view: WallView) -> Html:
    """Return who owes what to a call, late ones first."""
    if not allows(view.scope, "view_calls"):
        return build_nothing(_say(view, "refused"))
    hops = load_hops(view)
    if not hops:
        return build_nothing(_say(view, "loop_no_calls"))
    rows = build_rows((_call_row(view, one) for one in hops[:CALLS]), "w-call-rows", n_tall=CALLS_TALL)
    return stack(rows, *(tag("div", _say(view, "loop_more_calls", n=len(hops) - shown), class_=f"w-sub {where}")
                         for shown, where in ((CALLS, "w-wide"), (CALLS_TALL, "w-tall")) if len(hops) > shown))


def _call_row(view: WallView, one: WaitingHop) -> tuple[object, ...]:
    state: object = ""
    if one.due_at is not None and one.is_late:
        late = _say(view, "hop_late", late=_say_late(view, view.now - one.due_at))
        state = tag("b", late, class_="w-red")
    elif one.due_at is not None:
        state = _say(view, "loop_due", at=name_instant(one.due_at, view.now, view.words))
    return (write_name(one.where), write_name(one.unit_name), _say(view, f"hop_{one.hop}"), state)
