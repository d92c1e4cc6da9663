"""All townships on one screen: same axes, what changed most first, each with what is told of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from govdesk.clock import week_label
from govdesk.queries.trend_findings import Finding
from govdesk.queries.trend_periods import compare_spans, list_periods
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.chart_frame import Spec
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import write_count
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, show, tag
from govdesk.ui.tables import Column
from govdesk.ui.trend_charts import write_ratio
from govdesk.ui.trend_multiples import build_facets, draw_panel, prepare_multiples
from govdesk.ui.trend_view import View, list_crossed, name_changes

#: Places drawn; all are in the export.
MOST_PLACES = 48
#: Bars that fit into one small drawing.
MOST_BARS = 60
#: A rise or fall of this many standard deviations, for independent counts, is called the greatest of all.
_NOTABLE = 2.0


def rank_places(spans: pd.DataFrame, crossed: Collection[object] = ()) -> pd.DataFrame:
    """Return `compare_spans` sorted by what changed most beyond chance.

    Parameters
    ----------
    crossed : collection of codes
        Places where recording changed between the two spans: not compared, last, in ``is_crossed``.

    ``score``: difference of the variance-stabilised counts, 2(√(n + ⅜) − √(m + ⅜)) / √2 (Anscombe 1948), about standard
    normal where nothing changed and counts are independent; 0 where there is nothing to compare with.
    """
    n, then = spans["n"], spans["n_then"]
    score = (2 * (np.sqrt(n + 0.375) - np.sqrt(then + 0.375)) / np.sqrt(2)).fillna(0.0)
    is_crossed = spans.index.isin(list(crossed))
    found = spans.assign(score=score.where(~is_crossed, 0.0), is_crossed=is_crossed)
    return found.loc[found["score"].abs().sort_values(ascending=False, kind="stable").index]


def draw_places(view: View, findings: list[Finding]) -> None:
    """Draw the panel; where one place is chosen there is nothing to compare."""
    districts = view.look.districts
    with panel("trend-places"):
        if districts is None or districts.weekly.shape[1] < 2:
            show(build_panel_title(t("trends.places_title")))
            show(tag("p", t("trends.places_one"), class_="gd-empty"))
            return
        crossed = [code for code in districts.weekly.columns if list_crossed(view, str(code))]
        ranked = rank_places(compare_spans(districts.weekly, view.choice.span, view.festivals), crossed)
        told = _find_by_place(findings)
        title = _write_title(view, ranked)
        show(build_panel_title(title, view.period))
        weeks = _choose_weeks(view)
        grain = _choose_grain(view, weeks)
        periods = list_periods(view.weeks, grain)
        periods = periods[(periods["week_from"] >= weeks.start) & (periods["week_from"] < weeks.stop)]
        rows = prepare_multiples(districts.weekly, periods, view.choice.span)
        most = float(np.nanmax(rows["rate"].to_numpy())) if rows["rate"].notna().any() else 1.0
        drawing = Drawing(dict(zip(districts.weekly.columns, rows["rate"].to_numpy().reshape(-1, len(periods)).tolist(),
                                   strict=True)),
                          rows["is_chosen"].to_numpy()[: len(periods)].tolist(), max(most, 1e-9), periods, told,
                          st.query_params.to_dict())
        panels = [_build_one(view, row, drawing) for row in ranked.head(MOST_PLACES).reset_index(names="code").to_dict(
            "records")]
        show(tag("div", *panels, class_="gd-multiples"))
        note = t("trends.places_note", most=f"{most:.1f}", grain=t(f"trends.each_{grain}"),
                 from_week=week_label(int(periods["week_from"].iloc[0])), n=min(len(ranked), MOST_PLACES),
                 total=len(ranked))
        note += t("trends.places_crossed") if ranked["is_crossed"].any() else ""
        show(tag("p", note, class_="gd-muted gd-small"))
        _draw_downloads(view, ranked, rows, title)


def _choose_weeks(view: View) -> range:
    """Return the period chosen and as long before it, at least a year in all."""
    span = view.choice.span
    first = min(span.start - len(span), span.stop - 52)
    return range(max(first, view.weeks.start), span.stop)


def _choose_grain(view: View, weeks: range) -> Any:
    return "month" if view.choice.grain == "week" and len(weeks) > MOST_BARS else view.choice.grain


def _find_by_place(findings: list[Finding]) -> dict[object, Finding]:
    """Return the first finding of each place."""
    told: dict[object, Finding] = {}
    for one in findings:
        for series in one.series:
            told.setdefault(series, one)
    return told


def _write_title(view: View, ranked: pd.DataFrame) -> str:
    known = ranked[ranked["n_then"].notna() & ~ranked["is_crossed"]]
    if known.empty:
        return t("trends.places_only_crossed" if ranked["is_crossed"].any() else "trends.places_unknown")
    first, names = known.iloc[0], view.names.places
    if abs(first["score"]) < _NOTABLE:
        return t("trends.places_same", n=len(known))
    place = names.get(str(known.index[0]), str(known.index[0]))
    key = "trends.places_rise" if first["score"] > 0 else "trends.places_fall"
    n_up, n_down = int((known["score"] >= _NOTABLE).sum()), int((known["score"] <= -_NOTABLE).sum())
    return t(key, place=place, n=write_count(first["n"]), then=write_count(first["n_then"]), up=n_up, down=n_down)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What all small drawings share.

    Rates by place, which periods are chosen, top of the axis, periods, findings, what the address asks for.
    """

    rates: Mapping[object, Sequence[float]]
    chosen: Sequence[bool]
    most: float
    periods: pd.DataFrame
    told: Mapping[object, Finding]
    asked: Mapping[str, str]


def _build_one(view: View, row: Mapping[str, Any], drawing: Drawing) -> Html:
    code = row["code"]
    name = view.names.places.get(str(code), clean_text(code, 30))
    finding, sentence, class_ = drawing.told.get(code), "", "gd-multiple-note"
    if finding is not None:
        sentence = finding.sentence(view.setting.words)
        class_ += " gd-real" if finding.is_real else ""
    short, change = _write_short(view, finding, code), _write_change(row)
    first, last = float(drawing.periods["week_from"].iloc[0]), float(drawing.periods["week_to"].iloc[-1])
    rules = [(one.week - first) / (last - first) for one in view.look.changes
             if one.touches(str(code)) and first <= one.week < last]
    said = t("trends.place_alt", place=name, change=change, finding=sentence or short)
    if row["is_crossed"]:
        said += " " + t("trends.crossed_mark", changes=name_changes(list_crossed(view, str(code)), view))
    head = tag("div", tag("strong", name), tag("span", change), class_="gd-multiple-head")
    href = address("/dispute_trends", **{**drawing.asked, "place": code})
    image = draw_panel(drawing.rates[code], drawing.chosen, drawing.most, rules, said)
    drawn = join([head, image, tag("div", short, class_=class_)])
    return tag("a", drawn, href=href, class_="gd-multiple", target="_self", title=clean_text(said, 400))


def _write_change(row: Mapping[str, Any]) -> str:
    """Return the count of the period with its change on the year before."""
    n = write_count(row["n"])
    if pd.isna(row["n_then"]):
        return n
    if pd.isna(row["ratio"]):
        return t("trends.was", n=n, then=write_count(row["n_then"]))
    mark = "▲" if row["score"] >= _NOTABLE else "▼" if row["score"] <= -_NOTABLE else "‡" if row["is_crossed"] else ""
    return f"{n} {mark}{write_ratio(row['ratio'])}"


def _write_short(view: View, finding: Finding | None, code: object) -> str:
    """Return what is told of a place in a few words."""
    if finding is not None:
        return finding.short(view.setting.words)
    reason = view.look.districts.silence.get(code, "") if view.look.districts else ""
    return t(f"trends.short_{reason}") if reason else t("trends.short_nothing")


def _draw_downloads(view: View, ranked: pd.DataFrame, rows: pd.DataFrame, title: str) -> None:
    names = {code: view.names.places.get(str(code), str(code)) for code in ranked.index}
    columns = (Column("name", t("table.place")), Column("period", t("trends.period_name")),
               Column("n_weeks", t("trends.n_weeks"), "count"), Column("n", t("table.incidents"), "count"),
               Column("rate", t("trends.rate"), "number"))

    def name_rows() -> pd.DataFrame:
        return rows.assign(name=rows["place_code"].map(names))

    def build_chart() -> tuple[pd.DataFrame, Spec]:
        named, kept = name_rows(), list(ranked.index[:MOST_PLACES])
        marks = pd.DataFrame([{"name": names[code], "week_from": change.week} for code in kept
                              for change in view.look.changes
                              if change.touches(str(code)) and change.week >= rows["week_from"].min()],
                             columns=["name", "week_from"])
        return build_facets(named[named["place_code"].isin(kept)], [names[code] for code in kept], marks,
                            view.setting.words, alt=title)

    draw_downloads(name_rows, columns, name="dispute_places", note=view.note(title), chart=build_chart)
