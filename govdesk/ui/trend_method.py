"""How the page of trends counts: definitions, method and source, for whoever asks."""

import streamlit as st

from govdesk.clock import week_label
from govdesk.rules.indicators import TREND_INDICATORS
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, show, tag
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
        show(_build_indicators())
        show(tag("dl", *parts, class_="gd-small"))


def _build_indicators() -> Html:
    """Return every indicator of the page with what it is made of, from the registry."""
    parts = ("formula", "denominator", "window", "source")
    head = tag("tr", *(tag("th", t(f"trend_indicator.head_{part}"), scope="col") for part in ("name", *parts)))
    rows = [tag("tr", tag("th", t(f"trend_indicator.{one.key}"), scope="row"),
                *(tag("td", t(f"trend_indicator.{one.key}_{part}")) for part in parts)) for one in TREND_INDICATORS]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="gd-table"), class_="gd-scroll")
