"""How the page of trends counts: definitions, method and source, for whoever asks."""

import streamlit as st

from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.trend_view import View

_ITEMS = ("incidents", "periods", "previous", "year", "festival", "trend", "band", "changes", "sparse", "source",
          "cells")


def draw_method(view: View) -> None:
    """Draw what a careful reader wants to know, folded away."""
    with st.expander(t("trends.method_title")):
        kept = [name for name in _ITEMS if name != "festival" or view.festivals]
        show(tag("dl", *(part for name in kept for part in (
            tag("dt", tag("strong", t(f"trends.method_{name}_name"))), tag("dd", t(f"trends.method_{name}")))),
            class_="gd-small"))
