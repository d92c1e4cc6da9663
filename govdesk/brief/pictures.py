"""Reads what the maps need and draws all pictures of a brief, as SVG for the PDF and as PNG to take away."""

from datetime import timedelta

from sqlalchemy import Connection

from govdesk import palette
from govdesk.brief.charts import build_course, build_placebo, build_spark, build_stock
from govdesk.brief.maps import Dot, MapWords, draw_map
from govdesk.clock import monday_of
from govdesk.queries.brief_alerts import list_towns
from govdesk.queries.brief_facts import BriefFacts
from govdesk.queries.brief_leader import CARDS, MAP_WEEKS
from govdesk.queries.counts import count_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.shapes import read_shapes
from govdesk.rules.access import Scope
from govdesk.terms import Level, ShapeKind, Stream
from govdesk.words import say

BANDS = {"red": palette.BAND_RED, "orange": palette.BAND_ORANGE, "yellow": palette.BAND_YELLOW,
         "blue": palette.BAND_BLUE}
#: Pixels of a PNG for each of the SVG.
_SCALE = 2.2


def draw_maps(
    connection: Connection, scope: Scope, facts: BriefFacts, language: str, *, is_internal: bool
) -> dict[str, str]:
    """Return the maps as SVG by name: ``map`` (new disputes), ``alerts`` (listed villages); empty without shapes."""
    if facts.level is None:
        return {"map": "", "alerts": ""}
    day = monday_of(facts.week + 1) - timedelta(days=1)
    shapes = read_shapes(connection, scope, facts.level, day)
    if shapes.empty:
        return {"map": "", "alerts": ""}
    sketch = "" if set(shapes["kind"]) <= {ShapeKind.DELIVERED.value, ShapeKind.REPAIRED.value} else say(
        "brief.map_sketch", language)
    window = IncidentFilter(facts.week + 1 - MAP_WEEKS, facts.week + 1, (Stream.DISPUTE.value,))
    counted = count_by_place(connection, scope, window, facts.level)
    counts = dict(zip(counted["place_code"], counted["n_incidents"], strict=True))
    county = read_shapes(connection, scope, Level.COUNTY.value, day)
    outline = str(county["outline"].iloc[0]) if len(county) == 1 else None
    is_named = is_internal or facts.level != Level.VILLAGE.value
    first = draw_map(shapes, counts, MapWords(say("brief.map_zero", language), sketch), outline=outline,
                     with_names=is_named)
    week = facts.alerts.week
    if week is None:
        return {"map": first, "alerts": ""}
    towns = list_towns(week, facts.alerts.baseline)
    listed = dict(zip(towns["code"], towns["n_listed"], strict=True))
    dots = _list_dots(connection, scope, facts) if is_internal else []
    second = draw_map(shapes, listed, MapWords(say("brief.alerts_zero", language), sketch), outline=outline, dots=dots,
                      zoom=1.75, with_names=is_named)
    return {"map": first, "alerts": second}


def _list_dots(connection: Connection, scope: Scope, facts: BriefFacts) -> list[Dot]:
    """Return a dot for each listed village, with its place on the list."""
    week = facts.alerts.week
    if week is None:
        return []
    listed = week.rows[week.rows["list"].notna()]
    villages = read_shapes(connection, scope, Level.VILLAGE.value, week.run.as_of).set_index("code")
    return [Dot(float(villages.at[code, "label_lon"]), float(villages.at[code, "label_lat"]), str(number),
                BANDS.get(str(band), palette.MUTED))
            for number, (code, band) in enumerate(zip(listed["place_code"], listed["band"], strict=True), 1)
            if code in villages.index]


def draw_charts(facts: BriefFacts, language: str) -> dict[str, str]:
    """Return the charts as SVG by name: ``course``, ``stock``, ``placebo``, ``spark_<figure>``.

    What has no data is missing.
    """
    import vl_convert  # noqa: PLC0415 - a tenth of a second, for those who draw

    names = {one.label: say(f"brief.label_{one.label}", language) for one in facts.alerts.verdicts}
    specs = {"course": build_course(facts.disputes, facts.week)}
    if facts.stock is not None:
        specs["stock"] = build_stock(facts.stock, facts.week)
    if facts.alerts.verdicts:
        specs["placebo"] = build_placebo(facts.alerts.verdicts, names, say("brief.axis_gain", language))
    for key in CARDS:
        spark = facts.figures[key].spark
        if sum(value is not None for value in spark) > 1:
            specs[f"spark_{key}"] = build_spark(spark)
    return {name: str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])) for name, spec in specs.items()}


def to_png(svg: str) -> bytes:
    """Return a picture as PNG."""
    import vl_convert  # noqa: PLC0415 - as above

    picture: bytes = vl_convert.svg_to_png(svg, scale=_SCALE)
    return picture
