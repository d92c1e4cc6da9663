"""The search of every page: number, place name, pinyin initials or code; results are links."""

from typing import Any

import streamlit as st

from govdesk.queries.places import search
from govdesk.queries.searching import MAX_TEXT
from govdesk.ui import loaders
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, link, show, tag
from govdesk.ui.setting import Setting, read_setting

#: Results shown under the box.
MOST_HITS = 12


def draw_search_box() -> None:
    """Draw the box and, once something was typed, what was found."""
    typed = st.text_input(
        t("search.label"), key="search_text", placeholder=t("search.placeholder"), label_visibility="collapsed",
        icon=":material/search:",
    )
    wanted = clean_text(typed or "", 20_000).strip()
    if wanted:
        draw_hits(wanted, read_setting())


def draw_hits(wanted: str, setting: Setting) -> None:
    """Draw the hits for a text, or say what else to try."""
    hits = loaders.load(search, setting.scope, wanted[:MAX_TEXT], setting.day, MOST_HITS + 1)
    if len(wanted) > MAX_TEXT:
        show(tag("p", t("search.too_long", n=MAX_TEXT), class_="gd-muted gd-small"))
    if hits.empty:
        show(tag("p", t("search.none", text=clean_text(wanted, 40)), class_="gd-muted gd-small", role="status"))
        return
    items = [_hit(row, setting.words) for row in hits.head(MOST_HITS).to_dict("records")]
    show(tag("ul", *items, class_="gd-hits", aria_label=t("search.found", n=len(items))))
    if len(hits) > MOST_HITS:
        show(tag("p", t("search.more", n=MOST_HITS), class_="gd-muted gd-small"))


def _hit(row: dict[str, Any], words: str) -> Html:
    name = clean_text(row["name"], 40)
    if row["kind"] == "incident":
        target = link(name, address("/incident", id=row["code"]))
        below = f"{t('search.incident')} · {write_term('stream', row['level'], words)}"
    else:
        target = link(name, address("/village", place=row["code"]))
        below = write_term("level", row["level"], words)
    parent = row["parent_name"]
    around = f"{below} · {clean_text(parent, 30)}" if isinstance(parent, str) and parent else below
    return tag("li", target, tag("div", around, class_="gd-muted gd-small"))
