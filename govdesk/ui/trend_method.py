"""How the page of trends counts: definitions, method and source, for whoever asks."""

import streamlit as st

from govdesk.clock import week_label
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.trend_view import View

_ITEMS = ("incidents", "periods", "previous", "year", "festival", "trend", "band", "changes", "sparse", "source",
          "cells")


def draw_method(view: View) -> None:
    """Draw what a careful reader wants to know, folded away."""
    values = {"periods": {"week": week_label(view.weeks.start)}}
    with st.expander(t("trends.method_title")):
        kept = [name for name in _ITEMS if name != "festival" or view.festivals]
        pairs = [(t(f"trends.method_{name}_name"), t(f"trends.method_{name}", **values.get(name, {}))) for name in kept]
        parts = [part for name, text in pairs for part in (tag("dt", tag("strong", name)), tag("dd", text))]
        show(tag("dl", *parts, class_="gd-small"))
