"""The tuning page in one fragment: a move of the slider redraws this much and reads nothing again."""

import streamlit as st

from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.storage.versions import read_data_version
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.header import draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import show
from govdesk.ui.setting import Setting
from govdesk.ui.tuning_adopt_form import draw_adoption
from govdesk.ui.tuning_bands_part import draw_bands
from govdesk.ui.tuning_compare_part import draw_compare, draw_parts
from govdesk.ui.tuning_finding import draw_finding
from govdesk.ui.tuning_history_part import draw_history
from govdesk.ui.tuning_method import draw_method
from govdesk.ui.tuning_missed_part import draw_missed
from govdesk.ui.tuning_state import MOST_VISITS, Choice, draw_controls, read_choice
from govdesk.ui.tuning_view import View


def _try(choice: Choice) -> Thresholds:
    return Thresholds(None, choice.visits, choice.share_quiet, choice.band_edges, choice.capacity)


@st.fragment
def draw_tuning(view: View) -> None:
    """Draw controls, curve, comparison, parts, missed cases, bands, history."""
    choice = read_choice(view.in_force, view.most)
    draw_notices()
    draw_controls(choice, view.in_force, view.most)
    tried = _try(choice)
    with st.spinner(t("tuning.reading")):
        left, right = st.columns([8, 6])
        with left, panel("tuning-curve", fills=True):
            draw_finding(view, choice, tried)
        with right, panel("tuning-compare", fills=True):
            show(build_panel_title(t("tuning.side_by_side")))
            draw_compare(view, tried, view.in_force)
            draw_adoption(view.setting, view.in_force, tried, view)
        if load_common(read_data_version) != view.backtest.data_version:
            show(build_notice(t("tuning.stale", day=view.backtest.as_of), is_warning=True))
        with panel("tuning-missed"):
            draw_missed(view, tried)
        left, right = st.columns(2)
        with left, panel("tuning-parts", fills=True):
            draw_parts(view, tried)
        with right, panel("tuning-bands", fills=True):
            draw_bands(view, choice)
        with panel("tuning-history"):
            draw_history(view.setting, view)
        draw_method(view)


@st.fragment
def draw_unjudged(setting: Setting, in_force: Thresholds) -> None:
    """Draw what can be adopted while nothing can be judged: no curve, no figures."""
    choice = read_choice(in_force, MOST_VISITS)
    draw_notices()
    show(build_panel_title(t("tuning.unjudged")))
    draw_controls(choice, in_force, MOST_VISITS, has_measure=False)
    draw_adoption(setting, in_force, _try(choice), None)
    draw_history(setting, None)
