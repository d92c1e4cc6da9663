"""Adopt what is tried, or undo what was adopted: a reason, and what became of it."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from govdesk.actions.adopt_thresholds import Adopted, adopt_thresholds
from govdesk.clock import monday_of
from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.rules.access import allows
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.tuning_bands_part import tell_bands
from govdesk.ui.tuning_state import forget_choice
from govdesk.ui.tuning_view import View
from models.threshold_sweep import METHODS

log = logging.getLogger("govdesk.ui")

FORM, _SEEN = "adoption", "adoption_seen"


def draw_adoption(setting: Setting, in_force: Thresholds, tried: Thresholds, view: View | None) -> None:
    """Draw the reason and the button; for who may only look, say so. Without a view nothing could be judged."""
    if not may_adopt(setting):
        show(tag("p", t("tuning.look_only", role=t(f"term.role_{setting.scope.role}")), class_="gd-muted gd-small"))
        return
    key = session.form_key(FORM)
    reason = st.text_input(t("tuning.reason"), key=f"tuning_reason_{key}", max_chars=LONGEST_SUMMARY,
                           help=t("tuning.reason_help"), placeholder=t("tuning.reason_example"))
    if st.button(t("tuning.adopt", k=tried.visits_per_week), type="primary", key=f"tuning_adopt_{key}",
                 on_click=keep_seen, args=(in_force.id,)):
        send_adoption(lambda: adopt_thresholds(
            get_engine(), by=setting.scope, visits_per_week=tried.visits_per_week, share_quiet=tried.share_quiet,
            band_edges=tried.band_edges, capacity_per_week=tried.capacity_per_week, reason=reason or "",
            backtest=tell_figures(view, tried) if view else {}, seen_id=find_seen()))


def keep_seen(number: int | None) -> None:
    """Keep which record was on the screen when a button was pressed: a rerun may already show a newer one."""
    session.keep_sent(_SEEN, (number,))


def find_seen() -> int | None:
    """Return the record that `keep_seen` kept."""
    kept = session.find_sent(_SEEN)
    return kept[0] if isinstance(kept, tuple) else None


def may_adopt(setting: Setting) -> bool:
    """Return whether the reader may adopt: an analyst who sees the whole database."""
    return allows(setting.scope, "adopt_thresholds") and setting.scope.area_code is None


def send_adoption(act: Callable[[], Adopted]) -> None:
    """Run an adoption; afterwards what is in force is tried."""

    def keep(done: Adopted) -> Adopted:
        forget_choice()
        return done

    send(FORM, act, "tuning", keep=keep)


def draw_outcome() -> None:
    """Draw what became of the last adoption, until the next one is begun."""
    done = session.find_sent(FORM)
    if not isinstance(done, Adopted):
        return
    show(build_notice(t("tuning.done", id=done.id)))
    if done.is_masked:
        show(build_notice(t("tuning.done_masked"), is_warning=True))
    for first in done.firsts:
        show(build_notice(t("tuning.done_first", post=name_post(first.post), at=write_instant(first.at), id=first.id,
                            k=first.visits_per_week), is_warning=True))
    session.renew_form(FORM)



def tell_figures(view: View, setting: Thresholds) -> dict[str, Any]:
    """Return the backtest's figures for a setting as they are kept with its adoption: plain numbers and texts."""
    if not view.has_curve:
        return {}
    row = view.row(setting)
    figures: dict[str, Any] = {name: int(row[name]) for name in (
        "n_dates", "n_events", "n_caught", "n_missed", "n_listed", "n_found")}
    figures |= {name: _plain(row[name]) for name in row.index if "_share" in str(name)}
    quarter = dict(zip(("n_visits", "n_events", "n_caught"), view.quarter(setting), strict=True))
    baselines = {method: int(view.row(setting, method)["n_caught"]) for method in METHODS[1:]}
    return figures | {
        "backtest_id": view.backtest.id, "as_of": view.backtest.as_of.isoformat(),
        "data_version": view.backtest.data_version, "horizon_weeks": view.backtest.horizon_weeks,
        "from_day": monday_of(view.judged_from).isoformat(), "to_day": monday_of(view.judged_until).isoformat(),
        "baselines_caught": baselines, "last_quarter": quarter, "villages_by_band": tell_bands(view, setting)}


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def tell_in_force(in_force: Thresholds) -> str:
    """Return what is in force, since when and by whom, in a sentence; or that nothing was adopted."""
    if in_force.id is None:
        return t("tuning.not_adopted", k=in_force.visits_per_week)
    return t("tuning.in_force", k=in_force.visits_per_week, at=write_instant(in_force.at))
