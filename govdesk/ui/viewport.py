"""How wide the reader's window is: the map opens with a zoom that fits, and only the browser knows.

A tiny script of our own tells the server once, and only when the window is narrow: a desk pays nothing for it.
"""

import streamlit as st

#: Windows narrower than this many CSS pixels are phones.
NARROW = 700

_SCRIPT = f"""
export default function(component) {{
  const isNarrow = window.innerWidth < {NARROW};
  if (isNarrow !== (component.data === true)) component.setStateValue("is_narrow", isNarrow);
}}
"""
_KEY, _KNOWN = "viewport", "_is_narrow"


def is_narrow() -> bool:
    """Draw the probe and return whether the window is narrow; False until it has answered."""
    known = bool(st.session_state.get(_KNOWN, False))
    probe = st.components.v2.component("govdesk_viewport", js=_SCRIPT)
    answer = probe(key=_KEY, data=known, on_is_narrow_change=lambda: None, height=1)
    found = answer.get("is_narrow")
    if found is not None:
        st.session_state[_KNOWN] = bool(found)
        return bool(found)
    return known
