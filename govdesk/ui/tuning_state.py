"""What a reader of the tuning page tries out; the address holds every value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from govdesk.queries.adopted_thresholds import Edges, Thresholds
from govdesk.ui import session
from govdesk.ui.i18n import t

#: What the curve shows on its height: escalations caught, visits that found one coming, alerts that repeat.
MEASURES = ("caught", "found", "repeat")
#: Per cent of the visits for "quiet until now": steps of the control.
SHARES = tuple(range(0, 101, 10))
#: Numbers of visits of the curve, at least; more where the office visits more.
MOST_VISITS = 60
#: More visits than this a week are no plan for one list.
_MOST_CAPACITY = 999


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting to be tried.

    Attributes
    ----------
    visits : int
        Villages a week, K.
    percent_quiet : int
        Per cent of K for "quiet until now".
    edges : tuple of float
        Lowest per cent of red, orange, yellow.
    capacity : int or None
        Visits a week the office can make.
    measure : str
        One of `MEASURES`.
    """

    visits: int
    percent_quiet: int
    edges: tuple[float, float, float]
    capacity: int | None
    measure: str

    @property
    def share_quiet(self) -> float:
        """Share of K for "quiet until now", 0–1."""
        return self.percent_quiet / 100

    @property
    def band_edges(self) -> Edges:
        """Lowest probabilities of the bands, 0–1."""
        red, orange, yellow = (round(edge / 100, 4) for edge in self.edges)
        return red, orange, yellow

    @property
    def are_edges_usable(self) -> bool:
        """Whether the edges fall, strictly."""
        return 100 > self.edges[0] > self.edges[1] > self.edges[2] > 0


def read_choice(in_force: Thresholds, most: int) -> Choice:
    """Return what the address asks for; where it is silent, what is in force."""
    visits = session.read_param("visits", _number(1, most), min(in_force.visits_per_week, most))
    share = session.read_param("share", _number(0, 100), round(100 * in_force.share_quiet))
    edges = session.read_param("edges", _edges, _percents(in_force.band_edges))
    capacity = session.read_param("capacity", _number(0, _MOST_CAPACITY), in_force.capacity_per_week or 0)
    measure = session.read_param("measure", session.one_of(*MEASURES), MEASURES[0])
    return Choice(visits, share, edges, capacity or None, measure)


def _percents(edges: Edges) -> tuple[float, float, float]:
    red, orange, yellow = (round(100 * edge, 2) for edge in edges)
    return red, orange, yellow


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return parse


def _edges(text: str) -> tuple[float, float, float]:
    red, orange, yellow = (float(part) for part in text.split(","))
    if not all(0 < edge < 100 for edge in (red, orange, yellow)):
        raise ValueError(text)
    return red, orange, yellow


def draw_controls(choice: Choice, in_force: Thresholds, most: int, *, has_measure: bool = True) -> None:
    """Draw slider, split, capacity and measure in one row."""
    shares = sorted({*SHARES, choice.percent_quiet})
    with st.container(key="gd-tuning-controls", horizontal=True, vertical_alignment="bottom"):
        st.slider(t("tuning.visits"), 1, max(most, 2), width=360, help=t("tuning.visits_help"),
                  **_bound("visits", choice.visits, min(in_force.visits_per_week, most)))
        st.select_slider(t("tuning.share"), shares, width=260, format_func=lambda one: f"{one} %",
                         help=t("tuning.share_help"),
                         **_bound("share", choice.percent_quiet, round(100 * in_force.share_quiet)))
        st.number_input(t("tuning.capacity"), 0, _MOST_CAPACITY, width=150, help=t("tuning.capacity_help"),
                        **_bound("capacity", choice.capacity or 0, in_force.capacity_per_week or 0))
        if has_measure:
            st.segmented_control(t("tuning.measure"), MEASURES, required=True, width="content",
                                 format_func=lambda one: t(f"tuning.measure_{one}"),
                                 **_bound("measure", choice.measure, MEASURES[0]))


def draw_edges(choice: Choice, in_force: Thresholds) -> None:
    """Draw a number for each edge of the bands."""
    usual = _percents(in_force.band_edges)
    keys = [f"tuning_edge_{name}" for name in ("red", "orange", "yellow")]

    def write() -> None:
        found = tuple(float(st.session_state[key]) for key in keys)
        session.write_params(edges=None if found == usual else ",".join(f"{edge:g}" for edge in found))

    with st.container(key="gd-tuning-edges", horizontal=True, vertical_alignment="bottom"):
        for key, edge, name in zip(keys, choice.edges, ("red", "orange", "yellow"), strict=True):
            st.session_state[key] = edge
            st.number_input(t("tuning.edge", band=t(f"tuning.band_{name}")), 0.5, 99.5, step=1.0, format="%g",
                            width=120, key=key, on_change=write)


def _bound(name: str, value: Any, default: Any) -> dict[str, Any]:
    """Return what ties a widget to the address: its key, holding `value`, and the write on a change."""
    key = f"tuning_{name}"
    st.session_state[key] = value

    def write() -> None:
        chosen = st.session_state[key]
        session.write_params(**{name: None if chosen == default else chosen})

    return {"key": key, "on_change": write}


def forget_choice() -> None:
    """Take what was tried out of the address: the page shows what is in force."""
    session.write_params(visits=None, share=None, edges=None, capacity=None)
