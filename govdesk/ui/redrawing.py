"""Parts of a page that a click inside them redraws alone: without the frame, the menu and the rest of the page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from govdesk.ui import faults, loaders, session

P = ParamSpec("P")


def redraw_alone(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function that draws a part of a page, with widgets in it, a part that is redrawn by itself.

    The arguments stay those of the last run of the whole page. Where the data has changed since, the whole page is run
    instead: the date in the header and every number below it are of one state of the data. What goes wrong in the part
    ends in a calm sentence, as in a run of the page.
    """

    @st.fragment
    @wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        session.go_on()
        with faults.calm():
            if not loaders.is_current():
                st.rerun()
            draw(*args, **kwargs)

    return run


def work_alone(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function that draws a part of a page in which people write a part that is redrawn by itself.

    Unlike `redraw_alone` it goes on with the data of this moment where that has changed: on a desk at which many write,
    running the whole page instead would lose every other click. What is sent from it must say which state it was about
    (``seen``), so that nothing is written over what somebody else did meanwhile.
    """

    @st.fragment
    @wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        session.go_on()
        with faults.calm():
            loaders.begin()
            draw(*args, **kwargs)

    return run
