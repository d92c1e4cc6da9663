"""The list of import batches, newest first, with its filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from govdesk.queries.batches import PAGE, REGISTERED, count_batches, list_batch_kinds, list_batches
from govdesk.rules.access import SYSTEM
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.formats import is_known, write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

#: Levels of notes, as the address names them.
LEVELS = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for; `batch` is the one that is opened, `page` counts from 0."""

    batch: int | None
    about: str | None
    source: str | None
    with_single: bool
    level: str
    page: int


def read_choice(setting: Setting) -> Choice:
    """Return what the address asks for."""
    kinds, sources = load(list_batch_kinds, setting.scope)
    return Choice(
        session.read_param("batch", _number, None), session.read_param("about", session.one_of(*kinds), None),
        session.read_param("source", session.one_of(*sources), None),
        session.read_param("single", session.one_of("1"), "") == "1",
        session.read_param("level", session.one_of(*LEVELS), LEVELS[0]),
        (session.read_param("page", _number, None) or 1) - 1)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise ValueError(text)
    return int(text)


def draw_list(setting: Setting, choice: Choice) -> None:
    """Draw the filters and the list."""
    with panel("batches"):
        _draw_filters(setting, choice)
        wanted = (choice.about, choice.source)
        n = load(count_batches, setting.scope, *wanted, with_single=choice.with_single)
        rows = load(list_batches, setting.scope, *wanted, choice.page, with_single=choice.with_single).copy()
        show(build_panel_title(t("import_batches.list"), t("import_batches.n_batches", n=write_count(n))))
        rows["by_title"] = [name_caller(title) for title in rows["by_title"]]
        rows["kind"] = [name_kind(code) for code in rows["about"]]
        rows["file"] = [t("import_batches.by_hand") if profile == REGISTERED else clean_text(name, 60)
                        for profile, name in zip(rows["profile"], rows["file_name"], strict=True)]
        rows["state"] = [t("import_batches.undone") if is_known(at) else t("import_batches.in_force")
                         for at in rows["withdrawn_at"]]
        draw_table(rows, _columns(), export_name="import_batches", empty=t("import_batches.none_match"),
                   note=setting.note(t("import_batches.list"), t("import_batches.page_of", page=choice.page + 1)))
        draw_pages("batches", choice.page, n, PAGE)


def _draw_filters(setting: Setting, choice: Choice) -> None:
    kinds, sources = load(list_batch_kinds, setting.scope)
    left, middle, right = st.columns([2, 2, 2], vertical_alignment="bottom")
    with left:
        about = _choose("about", kinds, choice.about, {code: name_kind(code) for code in kinds})
    with middle:
        source = _choose("source", sources, choice.source, {code: clean_text(code, 40) for code in sources})
    with right:
        single = st.checkbox(t("import_batches.with_single"), value=choice.with_single, key="batches_single")
    if (about, source, single) != (choice.about, choice.source, choice.with_single):
        session.write_params(about=about, source=source, single="1" if single else None, page=None)
        st.rerun()


def _choose(name: str, codes: tuple[str, ...], now: str | None, words: dict[str, str]) -> str | None:
    found = st.selectbox(t(f"import_batches.filter_{name}"), codes, index=codes.index(now) if now in codes else None,
                         key=f"batches_{name}", format_func=lambda code: words.get(code, code),
                         placeholder=t("import_batches.all"))
    return None if found is None else str(found)


def name_caller(title: str) -> str:
    """Return who did it: the title of an account, or the command line."""
    return t("import_batches.by_system") if title == SYSTEM.account else name_post(title)


def name_kind(about: str) -> str:
    """Return the word for a kind of batch; an unknown one as it is."""
    try:
        return t(f"import_batches.about_{about}")
    except KeyError:
        return clean_text(about, 20)


def _columns() -> tuple[Column, ...]:
    def rest(row: Mapping[str, Any]) -> str | None:
        parts = [t(f"import_batches.few_{name}", n=write_count(row[f"n_{name}"]))
                 for name in ("duplicates", "masked", "aside") if row[f"n_{name}"]]
        return " · ".join(parts) or None

    return (
        Column("id", t("import_batches.batch"), href=lambda row: address("/import_batches", batch=row["id"])),
        Column("at", t("import_batches.at"), "instant", muted=lambda row: row["by_title"]),
        Column("file", t("import_batches.file"), muted=lambda row: row["file_hash"][:8]),
        Column("kind", t("import_batches.about"), muted=lambda row: (
            clean_text(row["source"], 40) if is_known(row["source"]) else None), is_narrow=False),
        Column("n_read", t("import_batches.n_read"), "count", muted=rest),
        Column("n_inserted", t("import_batches.n_inserted"), "count"),
        Column("n_updated", t("import_batches.n_updated"), "count", is_narrow=False),
        Column("n_unchanged", t("import_batches.n_unchanged"), "count", is_narrow=False),
        Column("n_rejected", t("import_batches.n_rejected"), "count"),
        Column("state", t("import_batches.state")),
    )


def draw_pages(name: str, page: int, n: int, size: int) -> None:
    """Draw the way to the pages before and after, where there are any."""
    last = max(0, (n - 1) // size)
    if last == 0:
        return
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.button(t("import_batches.newer" if name == "batches" else "import_batches.before"), key=f"{name}_before",
                  disabled=page == 0, on_click=_go, args=(page - 1,))
        show(tag("span", t("import_batches.of_pages", page=page + 1, last=last + 1), class_="gd-muted gd-small"))
        st.button(t("import_batches.older" if name == "batches" else "import_batches.after"), key=f"{name}_after",
                  disabled=page >= last, on_click=_go, args=(page + 1,))


def _go(page: int) -> None:
    session.write_params(page=page + 1 if page > 0 else None)
