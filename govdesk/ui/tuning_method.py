"""How the tuning page counts, for whoever asks."""

import streamlit as st

from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.tuning_view import NAMED_WEEKS, QUARTER, View
from models.date_bands import BLOCK, MIN_DATES
from models.thresholds import REPEAT_WEEKS

_ITEMS = ("lists", "rest", "caught", "found", "repeat", "bands", "baselines", "parts", "missed", "quarter", "known",
          "limits")


def draw_method(view: View) -> None:
    """Draw what each figure is made of, folded away."""
    values = {"horizon": view.backtest.horizon_weeks, "rest": view.backtest.judging.rest_weeks, "block": BLOCK,
              "least": MIN_DATES, "repeat": REPEAT_WEEKS, "quarter": QUARTER, "named": NAMED_WEEKS,
              "settling": view.backtest.settling_weeks, "as_of": view.backtest.as_of, "window": view.window}
    with st.expander(t("tuning.method_title")):
        pairs = [(t(f"tuning.counted_{one}_name"), t(f"tuning.counted_{one}", **values)) for one in _ITEMS]
        parts = [part for name, text in pairs for part in (tag("dt", tag("strong", name)), tag("dd", text))]
        show(tag("dl", *parts, class_="gd-small"))
