"""How large the reader's window is: the map opens with a zoom that fits, and only the browser knows.

A tiny script of our own tells the server once, and only when the window is no usual desk: a desk pays nothing for it.
"""

from typing import Literal

import streamlit as st

Window = Literal["phone", "low", "desk", "wide", "huge"]

#: Windows narrower, and at least as wide; and lower ones (small laptops), in CSS pixels.
NARROW, WIDE, HUGE, LOW = 700, 1750, 2800, 820

#: Size of the map in each window (its own column, less what stands above and below), in pixels.
MAP_SIZES: dict[Window, tuple[int, int]] = {
    "phone": (350, 520), "low": (776, 480), "desk": (860, 640), "wide": (1270, 830),
    "huge": (2540, 1700),
}

_SCRIPT = f"""
export default function(component) {{
  const width = window.innerWidth, low = window.innerHeight < {LOW};
  const found = width < {NARROW} ? "phone" : low ? "low" : width >= {HUGE} ? "huge"
    : width >= {WIDE} ? "wide" : "desk";
  if (found !== component.data) component.setStateValue("window", found);
}}
"""
_KEY, _KNOWN = "viewport", "_window"


def find_window() -> Window:
    """Draw the probe and return what kind of window it is; ``desk`` until it has answered."""
    known = st.session_state.get(_KNOWN, "desk")
    probe = st.components.v2.component("govdesk_viewport", js=_SCRIPT)
    answer = probe(key=_KEY, data=known, on_window_change=lambda: None, height=1).get("window")
    found: Window = next((window for window in MAP_SIZES if window == (answer or known)), "desk")
    st.session_state[_KNOWN] = found
    return found
