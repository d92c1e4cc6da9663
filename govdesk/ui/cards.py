"""Cards: one figure each, with what it is compared to under it; and panels that hold something else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from govdesk.ui.markup import Html, join, link, tag
from govdesk.ui.sparkline import draw_sparkline


@dataclass(frozen=True, slots=True)
class Card:
    """One figure as it is shown.

    Attributes
    ----------
    title : str
        What is counted.
    value, unit : str
        The number as written, and its unit.
    notes : tuple of str
        Small lines under it: denominator, window, comparison.
    spark : sequence of float or None
        Weekly values, oldest first.
    spark_title : str
        The sparkline in words.
    href : str or None
        Where the rows behind the figure are.
    spark_marks : tuple of int
        Places in `spark` from which it is recorded otherwise.
    """

    title: str
    value: str
    unit: str = ""
    notes: tuple[str, ...] = ()
    spark: Sequence[float | None] = ()
    spark_title: str = ""
    href: str | None = None
    spark_marks: tuple[int, ...] = ()


def build_card(card: Card) -> Html:
    """Return one card."""
    title = link(card.title, card.href) if card.href else card.title
    return tag(
        "div",
        tag("div", title, class_="gd-card-title"),
        tag("div", card.value, tag("span", f" {card.unit}", class_="gd-unit") if card.unit else None,
            class_="gd-figure"),
        draw_sparkline(card.spark, card.spark_title, width=132, height=30, marks=card.spark_marks) if card.spark
        else None,
        *(tag("div", text, class_="gd-muted gd-small") for text in card.notes),
        class_="gd-card",
    )


def build_cards(cards: Iterable[Card]) -> Html:
    """Return cards side by side; they wrap on a narrow screen."""
    built = [build_card(card) for card in cards]
    return tag("div", *built, class_=f"gd-cards gd-cards-{len(built)}")


def panel(name: str, *, fills: bool = False) -> DeltaGenerator:
    """Return a white panel with a hairline to draw into.

    Parameters
    ----------
    name : str
        ASCII name, unique on a page.
    fills : bool
        As tall as what stands beside it.
    """
    return st.container(border=True, key=f"gd-panel-{name}", height="stretch" if fills else "content")


def build_facts(facts: Iterable[tuple[str, object]]) -> Html:
    """Return a list of facts: small label, value; values may be `Html`."""
    pairs = (tag("div", tag("dt", label), tag("dd", value)) for label, value in facts)
    return tag("dl", *pairs, class_="gd-facts")


def build_panel_title(title: str, note: str | None = None) -> Html:
    """Return the heading of a panel, with a small note beside it."""
    small = tag("span", note, class_="gd-muted gd-small") if note else None
    return tag("h2", title, small, class_="gd-panel-title")


def build_notice(sentence: object, *, is_warning: bool = False) -> Html:
    """Return a sentence in a box; a warning has a mark as well as a colour."""
    mark = tag("strong", "! ", aria_hidden="true") if is_warning else None
    return tag("div", join([mark, sentence]), class_="gd-notice gd-warn" if is_warning else "gd-notice", role="note")
