"""The only place where HTML is put together: every value is escaped, unless it is markup made here.

Streamlit sanitises what it shows once more (DOMPurify); this does not rely on it.
"""

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

import streamlit as st

#: Characters that no screen needs: controls (NUL with them) and the marks that turn the direction of writing.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

#: Longest text shown in one cell or heading; the export holds all of it.
LONGEST = 200

_VOID = frozenset({"img", "br", "hr"})


class Html(str):
    """Markup that was made by `tag` or `join`, and is therefore not escaped again."""

    __slots__ = ()


def clean_text(value: object, longest: int = LONGEST) -> str:
    """Return a value as one line of plain text without invisible marks, cut to `longest` characters."""
    text = " ".join(_INVISIBLE.sub("", str(value)).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Return an element; children and attributes are escaped, children that are `Html` are kept.

    Parameters
    ----------
    name : str
        Element name, a constant of ours.
    *children : object
        Text or `Html`; None is left out.
    **attributes : object
        ``class_`` stands for ``class``, ``aria_label`` for ``aria-label``; None is left out.

    Examples
    --------
    >>> tag("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean_text(value, 20_000))}"'
        for key, value in attributes.items() if value is not None
    )
    return Html(f"<{name}{pairs}>") if name in _VOID else Html(f"<{name}{pairs}>{join(children)}</{name}>")


def join(children: Iterable[object], between: object = "") -> Html:
    """Return the children as markup, one after the other."""
    return Html(_markup(between).join(_markup(child) for child in children if child is not None))


def _markup(child: object) -> str:
    return child if isinstance(child, Html) else escape(_INVISIBLE.sub("", str(child))[:20_000])


def address(path: str, **parameters: object) -> str:
    """Return the address of one of our pages; empty parameters are left out, lists are joined by commas."""
    if not path.startswith("/") or path.startswith("//"):
        message = f"only pages of this product are linked, not {path!r}"
        raise ValueError(message)
    kept = {
        key: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        for key, value in parameters.items() if value not in (None, "", (), [])
    }
    return f"{path}?{urlencode(kept, safe=',')}" if kept else path


def link(text: object, href: str, class_: str = "gd-link") -> Html:
    """Return a link to one of our pages.

    Raises
    ------
    ValueError
        When the address would leave this product.
    """
    if not href.startswith("/") or href.startswith("//"):
        message = f"only pages of this product are linked, not {href!r}"
        raise ValueError(message)
    return tag("a", text, href=href, class_=class_, target="_self")


def show(markup: Html) -> None:
    """Put markup on the page; anything that is not `Html` is refused."""
    if not isinstance(markup, Html):
        message = "only markup made by govdesk.ui.markup is shown"
        raise TypeError(message)
    st.html(markup)
