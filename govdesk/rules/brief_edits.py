"""Puts what somebody wrote in place of sentences into a brief, and says what an edit may not hold; pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from govdesk.rules.brief import Edit, Section, Sentence

#: Characters of one edited sentence.
LONGEST_EDIT = 200
#: A name shorter than this is too likely to be a word.
_SHORTEST_NAME = 2


def apply_edits(section: Section, edits: Mapping[str, Edit]) -> Section:
    """Return a section with the sentences that were edited.

    An edit with an empty text takes an earlier one back. An edit of a sentence that the rules would now write
    otherwise is left out (`is_outdated`): its numbers may no longer be true.
    """
    return replace(section, sentences=tuple(_apply(one, edits.get(one.key)) for one in section.sentences))


def _apply(sentence: Sentence, edit: Edit | None) -> Sentence:
    if edit is None or not edit.text or is_outdated(sentence, edit):
        return sentence
    return replace(sentence, edit=edit)


def is_outdated(sentence: Sentence, edit: Edit) -> bool:
    """Return whether the sentence is another than the one that was edited."""
    return sentence.original != edit.original


def find_named(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that a text holds, each once, in the order of `names`.

    Examples
    --------
    >>> find_named("a dispute in  Han Village", ["Han Village", "Yu"])
    ['Han Village']
    """
    plain = _squeeze(text)
    found = [name for name in names if len(name.strip()) >= _SHORTEST_NAME and _squeeze(name) in plain]
    return list(dict.fromkeys(found))


def _squeeze(text: str) -> str:
    """Return a text without spaces and with full-width digits and letters as others: a name is one however set."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
