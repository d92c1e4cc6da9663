"""How it looks: the palette as CSS variables, and the style sheets of `styles/`, put on each run of the frame."""

import re
from functools import cache
from pathlib import Path

import streamlit as st

from govdesk import palette
from govdesk.ui.component_css import CSS

STYLES = Path(__file__).parent / "styles"


@cache
def build_style() -> str:
    """Return the style element: variables from `palette`, then each sheet, then that of the components."""
    variables = "".join(
        f"--gd-{name.lower().replace('_', '-')}:{value};"
        for name, value in vars(palette).items()
        if name.isupper() and isinstance(value, str)
    )
    sheets = "".join(path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))
    return f"<style>:root{{{variables}}}{_squeeze(sheets + CSS)}</style>"


def _squeeze(sheet: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))


def apply() -> None:
    """Put the style on the screen."""
    st.html(build_style())
