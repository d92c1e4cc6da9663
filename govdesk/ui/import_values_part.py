"""What their words mean: one line for each word that the importer does not understand by itself."""

from collections import Counter
from dataclasses import replace

import streamlit as st

from govdesk.ingest.mapping import field_of
from govdesk.ingest.mapping_profile import Choice
from govdesk.ingest.mapping_words import MOST_WORDS, WordGuess, propose_values
from govdesk.ingest.masking import shown
from govdesk.ingest.record_fields import Field
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.import_state import View, read_meanings
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.setting import name_categories

#: Kinds of field whose cells are words with a meaning.
WORDED = ("code", "category", "bool")
_NUMBERED = ("severity", "satisfaction")


def draw_values(view: View, columns: dict[str, Choice]) -> dict[str, Choice]:
    """Draw the words of every chosen column of codes; return the columns with what the words mean."""
    result = dict(columns)
    for name, choice in columns.items():
        if "." in name or not choice.header or choice.header not in view.look.headers:
            continue
        wanted = field_of(view.draft.about, name)
        if wanted.kind in WORDED or name in _NUMBERED:
            result[name] = _draw_one(view, name, wanted, choice, columns)
    return result


def _draw_one(view: View, name: str, wanted: Field, choice: Choice, columns: dict[str, Choice]) -> Choice:
    cells = [cell.strip() for cell in view.look.columns[view.look.headers.index(str(choice.header))] if cell.strip()]
    times = Counter(cells)
    stream = columns["stream"].constant if name == "category" and "stream" in columns else None
    guesses = propose_values(wanted, cells, read_meanings(), stream)
    unclear = [guess for guess in guesses if not guess.is_understood or guess.word in choice.values]
    if not unclear:
        return choice
    if len(times) > MOST_WORDS:
        show(tag("p", t("import_page.words_too_many", header=clean_text(choice.header, 20), n=len(times)),
                 class_="gd-notice gd-warn"))
    n_open = sum(1 for guess in unclear if not (choice.values.get(guess.word) or guess.code))
    title = t("import_page.words", header=clean_text(choice.header, 20), n=len(unclear), open=n_open)
    with st.expander(title, expanded=n_open > 0):
        show(tag("p", t("import_page.words_help"), class_="gd-muted gd-small"))
        values = {guess.word: _draw_word(view, name, wanted, guess, times[guess.word], choice, stream)
                  for guess in unclear}
    return replace(choice, values={word: code for word, code in values.items() if code}, otherwise="keep")


def _draw_word(view: View, name: str, wanted: Field, guess: WordGuess, n: int, choice: Choice,
               stream: str | None) -> str:
    theirs, ours = st.columns([2, 3], vertical_alignment="center")
    with theirs:
        show(tag("div", tag("span", shown(guess.word), class_="gd-field"), " ",
                 tag("span", t("import_page.n_rows", n=n), class_="gd-muted gd-small")))
    names = _names(view, wanted, stream)
    options = ["", *names]
    start = choice.values.get(guess.word) or guess.code or ""
    if start not in options:
        options.append(start)
    with ours:
        return str(st.selectbox(
            shown(guess.word), options, index=options.index(start), label_visibility="collapsed",
            key=f"import_word_{view.upload.number}_{view.draft.about}_{name}_{choice.header}_{stream}_{guess.word}",
            format_func=lambda code: names.get(code, code) if code else t("import_page.word_rejected")))


def _names(view: View, wanted: Field, stream: str | None) -> dict[str, str]:
    """Return our code → what it is called."""
    if wanted.kind == "bool":
        return {"1": t("import_page.yes"), "0": t("import_page.no")}
    if wanted.kind == "int":
        return {str(number): str(number) for number in range(wanted.low, wanted.high + 1)}
    if wanted.kind == "category":
        meanings = read_meanings()
        return {code: name for code, name in name_categories(view.setting.words).items()
                if stream is None or meanings.categories.get(code) == stream}
    return {code.value: write_term(wanted.group, code.value, view.setting.words) for code in wanted.codes or ()}
