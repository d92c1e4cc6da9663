"""The sentences and tables of a brief on the screen: each code is a link to the rows behind it."""

from collections.abc import Iterable

import streamlit as st

from govdesk.rules.brief import Brief, Number, Pieces, Row, Section, Sentence, Table, Trace
from govdesk.rules.brief_indicators import words_of
from govdesk.ui.brief_state import View
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, clean_text, join, link, show, tag
from govdesk.words import say

#: Tables written out on the screen; the others stand in the files and on their own pages.
_SHOWN = ("actions", "streams", "offices", "quality", "towns", "villages")


def draw_preview(view: View) -> None:
    """Draw what the brief says: the leader's part first, the meeting's parts folded below it."""
    first, *rest = view.brief.sections
    with panel("brief-leader"):
        show(build_panel_title(first.title, f"{view.brief.window} · {view.brief.version} · {view.brief.as_of}"))
        _draw_section(first)
    for number, section in enumerate(rest, 1):
        with st.expander(f"{number} {section.title}", expanded=number == 1):
            _draw_section(section)


def _draw_section(section: Section) -> None:
    show(tag("ul", *(tag("li", build_sentence(one)) for one in section.sentences), class_="gd-sentences"))
    for table in section.tables:
        if table.key in _SHOWN and table.rows:
            show(_build_table(table))
    if section.note:
        show(tag("p", section.note, class_="gd-muted gd-small"))


def build_sentence(sentence: Sentence) -> Html:
    """Return a sentence with bold numbers and its codes; an edited one with its author and what the rules wrote."""
    if sentence.edit is None:
        return build_pieces(sentence.pieces)
    edit = sentence.edit
    traces = dict.fromkeys(number.trace for number in sentence.numbers)
    note = t("brief_page.edited", by=clean_text(edit.by, 40), at=write_day(edit.at), original=edit.original)
    codes = [_build_code(one) for one in traces]
    return join([edit.text, *codes, tag("br"), tag("span", note, class_="gd-small gd-muted")])


def build_pieces(pieces: Pieces) -> Html:
    """Return words and numbers; a code stands beside the last number that has it."""
    last = {piece.trace.code: at for at, piece in enumerate(pieces) if isinstance(piece, Number)}
    found: list[object] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, Number):
            found.append(tag("b", piece.text))
            if last[piece.trace.code] == at:
                found.append(_build_code(piece.trace))
        else:
            found.append(piece)
    return join(found)


def _build_code(trace: Trace | None) -> Html:
    return tag("sup", link(trace.code, trace.address, "gd-link gd-code")) if trace else tag("span", "")


def _build_table(table: Table) -> Html:
    head = [tag("th", column.label, class_="gd-num" if column.is_number else None) for column in table.columns]
    body = [tag("tr", *_build_cells(table, row), tag("td", _build_code(row.trace))) for row in table.rows]
    note = tag("p", table.note, class_="gd-muted gd-small") if table.note else None
    return join([tag("h3", table.title, class_="gd-brief-table"), tag("div", tag(
        "table", tag("thead", tag("tr", *head, tag("th", ""))), tag("tbody", *body), class_="gd-table"),
        class_="gd-scroll"), note])


def _build_cells(table: Table, row: Row) -> Iterable[Html]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        text = cell.text if isinstance(cell, Number) else cell
        yield tag("td", clean_text(text), class_="gd-num" if column.is_number else None)


def draw_code(view: View) -> None:
    """Draw what stands behind a code that was typed or followed: its numbers, how each is counted, and its rows."""
    code = view.choice.code
    if not code:
        return
    address = view.brief.traces().get(code)
    if address is None:
        show(build_notice(t("brief_page.no_such_code", code=code, example=next(iter(view.brief.traces()))),
                          is_warning=True))
        return
    lines = [tag("li", line) for line in dict.fromkeys(_tell_numbers(view.brief, code, view.setting.words))]
    with panel("brief-code"):
        show(build_panel_title(code, t("brief_page.code_title")))
        show(tag("ul", *lines))
        show(tag("p", link(t("brief_page.to_rows"), address)))


def _tell_numbers(brief: Brief, code: str, words: str) -> Iterable[str]:
    for number in brief.numbers():
        if number.trace.code == code:
            key = words_of(number.indicator)
            made = "" if number.denominator is None or number.numerator is None else t(
                "brief_page.made_of", numerator=f"{number.numerator:,.0f}", denominator=f"{number.denominator:,.0f}")
            yield t("brief_page.number", text=number.text, made=made, name=say(key, words),
                    formula=say(f"{key}_formula", words), of=say(f"{key}_denominator", words),
                    window=say(f"{key}_window", words))
