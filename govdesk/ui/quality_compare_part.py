"""Part of case quality: groups side by side; a funnel and rank intervals instead of a ranking."""

from collections.abc import Mapping
from typing import Any, cast

import pandas as pd
import streamlit as st

from govdesk.queries.quality_cohort import BYS, By
from govdesk.queries.quality_returns import sum_reopenings
from govdesk.queries.quality_sums import SUMS, sum_quality_by_days
from govdesk.queries.quality_times import find_age_quantile
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.i18n import t
from govdesk.ui.markup import address, show, tag
from govdesk.ui.quality_charts import build_funnel, make_grid
from govdesk.ui.quality_view import View
from govdesk.ui.quality_words import draw_not_recorded, is_recorded, name_of, spell_out, write_of, write_rate
from govdesk.ui.tables import Column, draw_table
from models.funnel import LEVELS, MIN_DENOMINATOR, funnel_limits, place_in_funnel, rank_intervals

#: Indicator, numerator, denominator: what can be compared.
MEASURES = {
    "closed_share": ("n_closed", "n"), "unresolved_share": ("n_unresolved", "n_answered"),
    "reopened_share": ("n_returned", "n_back"), "quick_share": ("n_quick", "n_closed"),
    "month_end_share": ("n_month_end", "n_closed"),
}
#: Any number: the same data always give the same rank intervals.
SEED = 20_261_122


def draw_compare(view: View) -> None:
    """Draw the choice of groups and measure, the funnel where groups are places or offices, and the table."""
    if not view.recorded.closings:
        draw_not_recorded("closed_share", "funnel", "rank")
        return
    by = cast(By, session.read_param("by", session.one_of(*BYS), "district"))
    measures = [key for key in MEASURES if is_recorded(key, view.recorded)]
    measure = session.read_param("measure", session.one_of(*measures), measures[0])
    with st.container(key="gd-quality-compare", horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(t("quality.by"), BYS, default=by, required=True, key="quality_by", width="content",
                                  format_func=lambda one: word_of(one, view))
        measure = st.selectbox(t("quality.measure"), measures, index=measures.index(measure), format_func=name_of,
                               key="quality_measure", width=280, placeholder=t("frame.choose"))
    session.write_params(by=None if by == "district" else by, measure=None if measure == measures[0] else measure)
    groups = place_groups(read_groups(view, by), measure)
    if by in ("district", "unit"):
        with panel("funnel"):
            _draw_funnel(view, groups, measure, by)
    with panel("compare"):
        _draw_table(view, groups, measure, by)


def word_of(by: By, view: View) -> str:
    """Return what is compared, in words: the level of the districts is that of this tree."""
    return view.names.district if by == "district" else t(f"quality.by_{by}")


def read_groups(view: View, by: By) -> pd.DataFrame:
    """Return the sums of each group with its words, ages of what is open, and closings that came back."""
    by_days = view.load_held(sum_quality_by_days, by)
    sums = by_days.groupby(by, as_index=False)[list(SUMS)].sum()
    undone = view.load(sum_reopenings, by)
    rows = sums.merge(undone, on=by, how="left").fillna(0)
    rows["n_back"], rows["n_returned"] = rows["n_closed_90"] + rows["n_undone_90"], rows["n_reopened_90"]
    rows["n_open"] = rows["n"] - rows["n_closed"]
    waiting = by_days[~by_days["is_closed"]]
    for column, share in (("median_age", 0.5), ("late_age", 0.9)):
        ages = {key: find_age_quantile(part["days"], part["n"], share) for key, part in waiting.groupby(by)}
        rows[column] = rows[by].map(ages)
    names = {"district": view.names.places, "unit": view.names.units, "channel": view.names.channels,
             "category": view.names.categories, "month": {}}[by]
    rows["name"] = [_name(key, by, names) for key in rows[by]]
    return rows[rows["n"] != 0].reset_index(drop=True)


def _name(key: Any, by: By, names: Mapping[str, str]) -> str:
    if by == "month":
        return f"{key // 100}-{key % 100:02d}" if key else t("quality.not_recorded")
    return names.get(key, key) if key else t("quality.not_recorded")


def place_groups(groups: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the groups with their place in the funnel and between which ranks they may lie."""
    numerator, denominator = (groups[name].astype(float) for name in MEASURES[measure])
    placed = place_in_funnel(numerator, denominator, overdispersed=True)
    ranks = rank_intervals(numerator, denominator, seed=SEED)
    texts = [t("quality.ranks", low=f"{low:.0f}", high=f"{high:.0f}", n=int(n)) if pd.notna(low) else "—"
             for low, high, n in zip(ranks["rank_low"], ranks["rank_high"], ranks["n_ranked"], strict=True)]
    return groups.assign(size=denominator, share=placed["share"], where=placed["where"], target=placed["target"],
                         direction=placed["direction"], phi=placed["phi"], ranks=texts)


def _draw_funnel(view: View, groups: pd.DataFrame, measure: str, by: By) -> None:
    points = groups[groups["where"] != "too_few"]
    if len(points) < 2:
        show(build_panel_title(name_of("funnel")))
        show(tag("p", t("quality.funnel_too_few", n=MIN_DENOMINATOR), class_="gd-empty"))
        return
    outside = points[points["where"] != "inside"]
    far = points[points["where"] == "outside_998"]
    title = t("quality.funnel_title", n=len(outside), total=len(points), far=len(far),
              chance=f"{len(points) * (1 - LEVELS[0]):.0f}", by=word_of(by, view),
              measure=name_of(measure))
    show(build_panel_title(title, name_of("funnel")))
    target, phi = float(points["target"].iloc[0]), float(points["phi"].iloc[0])
    grid = make_grid(points["size"])
    drawn, spec = build_funnel(
        points[["name", "share", "where", "ranks"]].assign(n=points["size"]), funnel_limits(target, grid, phi=phi),
        target, view.setting.words, alt=title)
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="quality_funnel")
    note = t("quality.funnel_note", target=f"{100 * target:.1f} %", phi=f"{phi:.1f}", n=MIN_DENOMINATOR,
             few=int((groups["where"] == "too_few").sum()))
    show(tag("p", note, class_="gd-muted gd-small"))
    columns = (
        Column("name", word_of(by, view)), Column("numerator", t("quality.numerator"), "count"),
        Column("n", t("quality.denominator"), "count"), Column("share", name_of(measure), "number"),
        Column("where_name", t("quality.where")), Column("ranks", name_of("rank")))
    draw_downloads(drawn.assign(numerator=points[MEASURES[measure][0]]), columns, name=f"quality_funnel_{by}_{measure}",
                   note=view.note(title), chart=(drawn, spec))


def _draw_table(view: View, groups: pd.DataFrame, measure: str, by: By) -> None:
    title = t("quality.compare_title", by=word_of(by, view))
    show(build_panel_title(title, t("quality.compare_note")))
    rows = groups if by == "month" else groups.sort_values("n", ascending=False)
    columns = [
        Column("name", word_of(by, view), href=_village if by == "district" else None),
        Column("n", t("quality.n_reported"), "count", is_narrow=False), Column("n_open", name_of("open_now"), "count"),
        Column("median_age", t("quality.median_age"), "count", is_narrow=False),
        Column("late_age", t("quality.late_age"), "count", is_narrow=False)]
    for key in [measure, *(one for one in MEASURES if one != measure)]:
        if is_recorded(key, view.recorded):
            pairs = list(zip(*(rows[name] for name in MEASURES[key]), strict=True))
            rows = rows.assign(**{f"{key}_text": [write_rate(*pair) for pair in pairs],
                                  f"{key}_of": [write_of(*pair) for pair in pairs]})
            columns.append(Column(
                f"{key}_text", name_of(key), "rate", muted=_small(f"{key}_of"), is_narrow=key == measure))
    if by in ("district", "unit"):
        rows = rows.assign(where_name=[t(f"quality.where_{one}") for one in rows["where"]])
        columns.insert(6, Column("ranks", name_of("rank"), muted=lambda row: row["where_name"], is_narrow=False))
    draw_table(rows, tuple(columns), export_name=f"quality_by_{by}", note=view.note(title),
               empty=t("quality.nothing_in_window"), prepare_export=lambda found: spell_out(found, {
                   f"{key}_text": f"{key}_of" for key in MEASURES if f"{key}_text" in found}))


def _village(row: Mapping[str, Any]) -> str | None:
    return address("/village", place=row["district"]) if row["district"] else None


def _small(column: str) -> Any:
    return lambda row: row[column] or None
