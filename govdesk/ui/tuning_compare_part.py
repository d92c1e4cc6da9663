"""Two settings side by side, what they would have been last quarter, and the parts of the villages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from govdesk.clock import monday_of
from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import write_change, write_count
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, join, show, tag
from govdesk.ui.tables import Column, draw_table
from govdesk.ui.tuning_view import QUARTER, View, date_before
from govdesk.ui.tuning_words import (
    name_setting,
    write_band,
    write_edges,
    write_part,
    write_percent,
    write_points,
    write_split,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: what is compared, its words for a setting, the difference."""

    label: str
    write: Callable[[Thresholds], tuple[str, str]]
    difference: str = ""


def draw_compare(view: View, tried: Thresholds, other: Thresholds, names: tuple[str, str] | None = None) -> None:
    """Draw `other` (in force) and `tried` side by side, with the paired difference of the shares."""
    heads = names or (name_setting(other, is_tried=False), name_setting(tried, is_tried=True))
    paired = view.compare(other, tried)
    head = tag("tr", *(tag("th", text, scope="col", class_=None if not at else "gd-num")
                       for at, text in enumerate((t("tuning.compared"), *heads))))
    body = [tag("tr", tag("th", line.label, scope="row"), tag("td", _cell(*line.write(other)), class_="gd-num"),
                tag("td", _cell(*line.write(tried), line.difference), class_="gd-num"))
            for line in _list_lines(view, paired, (other, tried))]
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="gd-table"),
             class_="gd-scroll gd-tuning-compare"))
    show(tag("p", t("tuning.compare_note", window=view.window, n=QUARTER,
                    from_day=monday_of(view.judged_until - QUARTER), to_day=date_before(view.judged_until)),
             class_="gd-muted gd-small"))


def _list_lines(view: View, paired: pd.DataFrame, pair: tuple[Thresholds, Thresholds]) -> list[_Line]:
    quarters = [view.quarter(one) for one in pair]
    return [
        _Line(t("tuning.line_visits"), lambda one: (
            t("tuning.villages", n=one.visits_per_week), write_split(one))),
        _Line(t("tuning.line_caught"), lambda one: _write_caught(view.row(one)), _difference(paired, "caught_share")),
        _Line(t("tuning.line_found"), lambda one: _write_found(view.row(one)), _difference(paired, "found_share")),
        _Line(t("tuning.line_repeat"), lambda one: _write_repeat(view.row(one)), _difference(paired, "repeat_share")),
        _Line(t("tuning.line_quarter"), lambda one: _write_quarter(*view.quarter(one)),
              _write_quarters(quarters[1][0] - quarters[0][0], quarters[1][2] - quarters[0][2])),
        _Line(t("tuning.line_edges"), lambda one: (write_edges(one), "")),
    ]


def _cell(value: str, *small: str) -> Html:
    return join([value, *(tag("div", text, class_="gd-muted gd-small") for text in small if text)])


def _write_caught(row: pd.Series) -> tuple[str, str]:
    counts = t("tuning.caught_missed", caught=write_count(row["n_caught"]), missed=write_count(row["n_missed"]))
    band = write_band(row["caught_share_low"], row["caught_share_high"])
    return counts, t("tuning.with_band", share=write_percent(row["caught_share"], row["n_events"]), band=band)


def _write_found(row: pd.Series) -> tuple[str, str]:
    band = write_band(row["found_share_low"], row["found_share_high"])
    return write_percent(row["found_share"], row["n_listed"]), t(
        "tuning.found_of", n=write_count(row["n_found"]), of=write_count(row["n_listed"]), band=band)


def _write_repeat(row: pd.Series) -> tuple[str, str]:
    return write_percent(row["repeat_share"], row["n_listed"]), write_band(
        row["repeat_share_low"], row["repeat_share_high"])


def _write_quarter(n_visits: int, n_events: int, n_caught: int) -> tuple[str, str]:
    return write_part(n_caught, n_events), t("tuning.quarter_visits", n=write_count(n_visits))


def _write_quarters(visits: int, caught: int) -> str:
    if not visits and not caught:
        return ""
    told = {name: write_change(n).removesuffix(".0") for name, n in (("visits", visits), ("caught", caught))}
    return t("tuning.quarter_difference", **told)


def _difference(paired: pd.DataFrame, share: str) -> str:
    row = paired.loc[share]
    if not row["difference"]:
        return ""
    return t("tuning.points", points=write_points(row["difference"]), low=write_points(row["low"]),
             high=write_points(row["high"]))


def draw_parts(view: View, tried: Thresholds) -> None:
    """Draw what both settings catch in towns, plains and mountains, small and large villages, quiet and not."""
    show(build_panel_title(t("tuning.parts"), t("tuning.parts_note")))
    now, new = view.parts(view.in_force), view.parts(tried)
    rows = pd.DataFrame({
        "part": [t(f"tuning.part_{part}") for part in now["part"]],
        "now": [write_part(*pair) for pair in _pairs(now)], "now_visits": now["n_listed"],
        "new": [write_part(*pair) for pair in _pairs(new)], "new_visits": new["n_listed"],
        "band": [write_band(low, high) for low, high in zip(new["low"], new["high"], strict=True)]})
    columns = (
        Column("part", t("tuning.part_of")),
        Column("now", name_setting(view.in_force, is_tried=False), "rate", muted=_visits("now_visits")),
        Column("new", name_setting(tried, is_tried=True), "rate", muted=_visits("new_visits")),
        Column("band", t("tuning.band_95"), "rate", is_narrow=False))
    draw_table(rows, columns, export_name="tuning-parts", note=view.note(t("tuning.parts")), empty=t("tuning.no_parts"))


def _visits(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: t("tuning.quarter_visits", n=write_count(row[key]))


def _pairs(parts: pd.DataFrame) -> list[tuple[int, int]]:
    return [(int(n), int(of)) for n, of in zip(parts["n_caught"], parts["n_events"], strict=True)]
