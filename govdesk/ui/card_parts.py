"""The parts of the model card behind one switch: only the one that is open is read and drawn."""

from collections.abc import Callable, Mapping

import streamlit as st

from govdesk.ui import session
from govdesk.ui.card_accuracy_part import draw_accuracy
from govdesk.ui.card_data_part import draw_data
from govdesk.ui.card_fit_parts import draw_calibration, draw_drift, draw_weights
from govdesk.ui.card_judge import LABELS
from govdesk.ui.card_live_part import draw_live
from govdesk.ui.card_objections_part import draw_objections
from govdesk.ui.card_view import SECTIONS, CardView
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag

_DRAW: Mapping[str, Callable[[CardView], None]] = {
    "data": draw_data, "accuracy": draw_accuracy, "calibration": draw_calibration, "weights": draw_weights,
    "drift": draw_drift, "live": draw_live, "objections": lambda view: draw_objections(view.setting),
}
#: Parts that are about one label.
_BY_LABEL = frozenset({"accuracy", "calibration", "weights", "drift"})
#: What a part explains under "how this is counted".
_COUNTING: Mapping[str, tuple[str, ...]] = {
    "data": ("labels", "base_rates", "training"),
    "accuracy": ("dates", "auc", "average_precision", "at_10", "skill", "gain", "placebo", "strata", "trials"),
    "calibration": ("curve", "ece", "slope"), "weights": ("weights",), "drift": ("psi", "quarters"),
    "live": ("lists", "events", "treated", "lot"), "objections": ("objections",),
}


@st.fragment
def draw_parts(view: CardView) -> None:
    """Draw the switch and the part that is open; a click redraws this much of the page."""
    with st.container(key="gd-card-controls", horizontal=True, vertical_alignment="bottom"):
        section = st.segmented_control(
            t("model_card.part_of_page"), SECTIONS, default=view.section, required=True, key="card_section",
            format_func=lambda one: t(f"model_card.section_{one}"), label_visibility="collapsed", width="content")
        label = view.label
        if section in _BY_LABEL:
            label = st.segmented_control(
                t("model_card.label"), LABELS, default=view.label, required=True, key="card_label",
                format_func=lambda one: t(f"model_card.label_{one}"), label_visibility="collapsed", width="content")
    session.write_params(section=None if section == SECTIONS[0] else section,
                         label=None if label == LABELS[0] else label)
    with st.spinner(t("table.loading")):
        _DRAW[section](CardView(view.setting, view.figures, view.runs, label, section))
    draw_counting(section)


def draw_counting(section: str) -> None:
    """Draw "how this is counted": each term of a part with its definition."""
    with st.expander(t("model_card.how_counted")):
        parts = [part for name in _COUNTING[section] for part in (
            tag("dt", tag("strong", t(f"model_card.count_{name}_name"))), tag("dd", t(f"model_card.count_{name}")))]
        show(tag("dl", *parts, class_="gd-small"))
