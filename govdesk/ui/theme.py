"""How it looks: the palette as CSS variables and the sheets of `styles/`, for the page itself (`api.page_start`)."""

import re
from functools import cache
from pathlib import Path

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

