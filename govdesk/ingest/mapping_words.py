"""Proposes what the words of a column mean: their "邻里矛盾" is our neighbour; and what a title says of all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from govdesk.ingest.cells import Failure, Meanings, Reader, Told, make_reader
from govdesk.ingest.folding import plain_header
from govdesk.ingest.header_words import (
    BOOL_WORDS,
    CATEGORY_WORDS,
    NUMBER_WORDS,
    TITLE_CHANNELS,
    TITLE_STREAMS,
)
from govdesk.ingest.record_fields import RECORD_KINDS, About, Field
from govdesk.words import LANGUAGES, read_words

#: Below this likeness (0–100) no word is proposed.
LIKE = 70
#: More different words than this are no list of codes.
MOST_WORDS = 80


@dataclass(frozen=True, slots=True)
class WordGuess:
    """One word of a file and what it means.

    Attributes
    ----------
    word : str
        As it stands in the file.
    code : str or None
        Our code; None: not known, the row is rejected unless somebody says what it means.
    is_understood : bool
        The importer understands it by itself; the profile need not list it.
    """

    word: str
    code: str | None
    is_understood: bool = False


def propose_word(wanted: Field, word: str, meanings: Meanings, stream: str | None = None) -> WordGuess:
    """Return what a word means.

    Parameters
    ----------
    wanted : Field
        Field of kind ``code``, ``category``, ``int`` or ``bool``.
    word : str
        The word.
    meanings : Meanings
        Categories of the database.
    stream : str, optional
        Stream of all rows: only its categories are meant.
    """
    found = _reader(wanted, meanings)(word)
    value = found.value if isinstance(found, Told) else found
    is_other_stream = wanted.kind == "category" and stream not in (None, meanings.categories.get(str(value)))
    if not isinstance(found, Failure) and value is not None and not is_other_stream:
        return WordGuess(word, str(value), is_understood=True)
    text = plain_header(word)
    table = _table(wanted, meanings, stream)
    if text in table:
        return WordGuess(word, table[text])
    if wanted.kind not in ("code", "category") or len(text) < 2:
        return WordGuess(word, None)
    inside = [key for key in table if len(key) >= 2 and key in text]
    if inside:
        return WordGuess(word, table[max(inside, key=len)])
    near = process.extractOne(text, list(table), scorer=fuzz.ratio, score_cutoff=LIKE)
    return WordGuess(word, table[near[0]] if near else None)


def _reader(wanted: Field, meanings: Meanings) -> Reader:
    return make_reader(None, wanted, meanings)


def _table(wanted: Field, meanings: Meanings, stream: str | None) -> dict[str, str]:
    """Return folded word → code."""
    if wanted.kind == "bool":
        return {plain_header(word) or word: code for word, code in BOOL_WORDS.items()}
    if wanted.kind == "int":
        return NUMBER_WORDS.get(wanted.name, {})
    if wanted.kind == "category":
        return _category_table(meanings, stream)
    return _code_table(wanted)


@cache
def _code_table(wanted: Field) -> dict[str, str]:
    table: dict[str, str] = {}
    for code in wanted.codes or ():
        for language in LANGUAGES:
            word = read_words(language).get(f"term.{wanted.group}_{code.value}")
            if word:
                table.setdefault(plain_header(word), code.value)
    return table


def _category_table(meanings: Meanings, stream: str | None) -> dict[str, str]:
    table: dict[str, str] = {}
    for word, code in meanings.category_words.items():
        if stream is None or meanings.categories.get(code) == stream:
            table.setdefault(plain_header(word), code)
    for of_stream, categories in CATEGORY_WORDS.items():
        if stream is not None and of_stream != stream:
            continue
        for code, words in categories.items():
            if meanings.categories.get(code) == of_stream:
                for word in words.split():
                    table.setdefault(plain_header(word), code)
    return table


def propose_values(wanted: Field, words: Sequence[str], meanings: Meanings,
                   stream: str | None = None) -> list[WordGuess]:
    """Return what each different word of a column means, in the order of the file."""
    different = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    return [propose_word(wanted, word, meanings, stream) for word in different[:MOST_WORDS]]


def propose_stream_of_categories(words: Sequence[str], meanings: Meanings) -> dict[str, str]:
    """Return word → stream, where a column of categories says it, too; empty where half of the words are unknown."""
    wanted = RECORD_KINDS["incidents"].field("category")
    guesses = propose_values(wanted, words, meanings)
    known = [guess for guess in guesses if guess.code is not None]
    if len(known) <= len(guesses) / 2:
        return {}
    return {guess.word: meanings.categories[str(guess.code)] for guess in known}


def are_all_of(stream: str, words: Sequence[str], meanings: Meanings) -> bool:
    """Return whether every word of a column of categories can mean one of this stream."""
    wanted = RECORD_KINDS["incidents"].field("category")
    return all(guess.code is not None for guess in propose_values(wanted, words, meanings, stream))


def find_common_stream(words: Sequence[str], meanings: Meanings) -> str | None:
    """Return the one stream that all known words of a column of categories belong to; None where they differ."""
    wanted = RECORD_KINDS["incidents"].field("category")
    streams = {meanings.categories[str(guess.code)] for guess in propose_values(wanted, words, meanings) if guess.code}
    return streams.pop() if len(streams) == 1 else None


def propose_constants(about: About, texts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what titles, the sheet's and the file's name say of all rows: field → (code, the word that says it)."""
    if about != "incidents":
        return {}
    found: dict[str, tuple[str, str]] = {}
    for name, table in (("stream", TITLE_STREAMS), ("channel", TITLE_CHANNELS)):
        for text in texts:
            hit = next(((code, word) for word, code in table if word in plain_header(text)), None)
            if hit is not None:
                found[name] = hit
                break
    return found
