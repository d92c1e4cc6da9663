"""The bands' edges: how many villages wear each band a week, and how often it came true."""

from itertools import pairwise

import pandas as pd

from govdesk.queries.adopted_thresholds import BANDS, Thresholds
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_number
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table
from govdesk.ui.tuning_state import Choice, draw_edges
from govdesk.ui.tuning_view import View
from govdesk.ui.tuning_words import write_part
from models.threshold_sweep import count_bands


def draw_bands(view: View, choice: Choice) -> None:
    """Draw a number for each edge, and the table of bands."""
    show(build_panel_title(t("tuning.bands"), t("tuning.bands_note")))
    draw_edges(choice, view.in_force)
    if not choice.are_edges_usable:
        show(build_notice(t("tuning.error_edges"), is_warning=True))
        return
    tried = count_bands(view.backtest.scores, choice.band_edges)
    now = count_bands(view.backtest.scores, view.in_force.band_edges)
    rows = pd.DataFrame({
        "band": [t(f"tuning.band_{band}") for band in (*BANDS, "none")], "range": _ranges(choice),
        "villages": [_write_villages(row) for row in tried.itertuples()],
        "now": [write_number(mean) for mean in now["mean"]],
        "true": [write_part(int(n), int(of)) for n, of in zip(tried["n_true"], tried["n_known"], strict=True)]})
    columns = (
        Column("band", t("tuning.band")), Column("range", t("tuning.band_range"), is_narrow=False),
        Column("villages", t("tuning.band_villages"), "rate"), Column("now", t("tuning.band_now"), "rate"),
        Column("true", t("tuning.band_true"), "rate"))
    draw_table(rows, columns, export_name="tuning-bands", note=view.note(t("tuning.bands")), empty=t("tuning.no_parts"))
    n_dates, horizon = int(tried["n_dates"].iloc[0]), view.backtest.horizon_weeks
    show(tag("p", t("tuning.bands_counted", n=n_dates, horizon=horizon), class_="gd-muted gd-small"))


def _ranges(choice: Choice) -> list[str]:
    red, orange, yellow = (f"{edge:g}" for edge in choice.edges)
    return [f"≥ {red} %", f"{orange}–{red} %", f"{yellow}–{orange} %", f"< {yellow} %", t("tuning.band_too_few")]


def _write_villages(row: object) -> str:
    return t("tuning.band_mean", mean=write_number(row.mean), low=row.low, high=row.high)  # type: ignore[attr-defined]


def tell_bands(view: View, setting: Thresholds) -> dict[str, float]:
    """Return the mean number of villages a week by band, to be kept with an adoption; none for edges it refuses."""
    if any(high <= low for high, low in pairwise(setting.band_edges)):
        return {}
    counted = count_bands(view.backtest.scores, setting.band_edges)
    return {band: round(float(mean), 2) for band, mean in zip((*BANDS, "none"), counted["mean"], strict=True)}
