"""How well cases are closed, by township: time, what came back, what waits; counts where numbers are small."""

from govdesk.clock import monday_of
from govdesk.queries.township_quality import QualityRow, TownshipQuality, read_township_quality
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.formats import NOTHING, write_count, write_share
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.newest import add_newest
from govdesk.ui.wall.parts import build_bar, build_figure, build_nothing, build_rows, stack, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "quality"
MOST = 24


def build(view: WallView) -> Scene:
    """Return the scene."""
    age = find_age(view)
    found = None if view.as_of is None else load(read_township_quality, view.scope, view.as_of)
    title = say("wall.scene_quality", view.words)
    if found is None or not found.rows:
        reason = build_nothing(_say(view, "no_records" if view.as_of is None else "no_closings"))
        tile = Tile("table", _say(view, "quality_table"), reason, "table", age.as_of, age.stale_after, age.note)
        return Scene(NAME, title, add_newest(view, tile), "w-quality-none")
    whole = found.whole
    bodies = {
        "closed": build_figure(_closed(whole), _say(view, "closed_of", n=write_count(whole.n_closed),
                                                    of=write_count(whole.n)), _window(view, found)),
        "median": build_figure(None if whole.median_days is None else f"{whole.median_days:.0f}",
                               _say(view, "median_note"), _say(view, "median_open"), unit=_say(view, "unit_days")),
        "returned": _build_returned(view, whole),
        "waiting": build_figure(None if whole.oldest_days is None else write_count(whole.oldest_days),
                                _say(view, "waiting_of", n=write_count(whole.n_open)), _say(view, "waiting_note"),
                                unit=_say(view, "unit_days")),
    }
    keys = {"closed": "closed", "median": "median", "returned": "returned", "waiting": "waiting"}
    tiles = [Tile(name, _say(view, keys[name]), body, name, age.as_of, age.stale_after)
             for name, body in bodies.items()]
    tiles.append(Tile("table", _say(view, "quality_table"), _build_table(view, found), "table", age.as_of,
                      age.stale_after, age.note))
    return Scene(NAME, title, add_newest(view, *tiles), "w-quality")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _window(view: WallView, found: TownshipQuality) -> str:
    return _say(view, "window", first=f"{monday_of(found.week_from):%m-%d}",
                weeks=found.week_to - found.week_from)


def _closed(one: QualityRow) -> str:
    return write_share(one.n_closed, one.n)


def _build_returned(view: WallView, one: QualityRow) -> Html:
    if not one.n_back:
        return build_nothing(_say(view, "no_old_closings"))
    key = "returned_of" if one.n_back >= RATE_MINIMUM else "returned_of_few"
    return build_figure(write_share(one.n_returned, one.n_back),
                        _say(view, key, n=write_count(one.n_returned), of=write_count(one.n_back)),
                        _say(view, "returned_note"))


def _build_table(view: WallView, found: TownshipQuality) -> Html:
    rows = sorted(found.rows, key=lambda one: -one.n)[:MOST] if len(found.rows) > MOST else found.rows
    rows = tuple(sorted(rows, key=lambda one: one.code))
    most = max([1.0, *(one.median_days for one in rows if one.median_days is not None)])
    names = (_say(view, key) if key else "" for key in ("", "col_median", "", "col_returned", "col_oldest"))
    head = tag("div", *(tag("span", name, class_="w-cell") for name in names), class_="w-row w-head-row")
    heading = tag("div", head, head, class_="w-rows w-quality-rows w-columns w-heads")
    cells = build_rows((_row(view, one, most) for one in rows), "w-quality-rows w-columns")
    rest = len(found.rows) - len(rows)
    foot = _say(view, "quality_rest", n=rest) if rest else _say(view, "quality_order")
    return stack(heading, cells, tag("div", foot, class_="w-sub"))


def _row(view: WallView, one: QualityRow, most: float) -> tuple[object, ...]:
    median = NOTHING if one.median_days is None else _say(view, "days", n=f"{one.median_days:.0f}")
    bar = "" if one.median_days is None else build_bar(one.median_days / most)
    returned = NOTHING if not one.n_back else write_share(one.n_returned, one.n_back)
    of = tag("span", _say(view, "small_of", n=one.n_returned, of=one.n_back), class_="w-of") \
        if one.n_back >= RATE_MINIMUM else None
    oldest = NOTHING if one.oldest_days is None else _say(view, "days", n=write_count(one.oldest_days))
    share = tag("span", tag("span", returned, class_="w-share"), of, class_="w-has-of" if of else None)
    return write_name(one.name), median, bar, share, oldest
