"""What changed since last week, as sentences: numbers and places in bold, each one click from its rows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from govdesk.queries.change_series import SILENT_WEEKS
from govdesk.queries.weekly_changes import Change, find_weekly_changes
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, join, link, show, tag
from govdesk.ui.rows_behind import Only, RowsRequest
from govdesk.ui.setting import Setting

#: Keys that stand alone and lead nowhere.
_ALONE = frozenset({"nothing", "too_short"})

#: Values of a finding that are set in bold: how many, of what, where.
_BOLD = ("n", "what", "place", "places")


def draw_changes(setting: Setting) -> None:
    """Draw the findings of the last complete week, or say that there is nothing to compare."""
    changes = load(find_weekly_changes, setting.scope, setting.as_of or setting.day)
    if not changes:
        show(tag("p", t("overview.changes_empty"), class_="gd-empty"))
        return
    items = [build_change(change, setting.words) for change in changes]
    if changes[0].key not in _ALONE:
        items.append(tag("li", t("overview.changes_rest"), class_="gd-rest"))
    show(tag("ul", *items, class_="gd-sentences"))


def build_change(change: Change, words: str) -> Html:
    """Return one finding as a line with the link to its rows."""
    sentence = emphasise(change.sentence(words), _bold_words(change.values, words))
    href = find_rows(change)
    if href is None:
        return tag("li", sentence)
    n = change.values.get("n")
    label = t("overview.see_rows", n=f"{n:,}") if change.key.startswith(("rise", "fall")) and isinstance(n, int) \
        else t(f"overview.see_{change.key}")
    return tag("li", sentence, " ", link(label, href))


def find_rows(change: Change) -> str | None:
    """Return the address of the rows behind a finding; None where it stands alone."""
    if change.key in _ALONE:
        return None
    if change.key == "silence":
        return RowsRequest(SILENT_WEEKS, only="silent").address()
    asked = change.link
    weeks = asked.get("weeks", "1")
    only: Only = "overdue" if asked.get("only") == "overdue" else ""
    return RowsRequest(
        int(weeks) if weeks.isdecimal() else 1, asked.get("place"), _codes(asked.get("streams")),
        _codes(asked.get("categories")), only,
    ).address()


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _bold_words(values: Mapping[str, Any], words: str) -> list[str]:
    found: list[str] = []
    for name in _BOLD:
        value = values.get(name)
        if isinstance(value, Mapping):
            value = value[words]
        if isinstance(value, list | tuple):
            found.extend(str(one) for one in value)
        elif isinstance(value, int):
            found.append(f"{value:,}")
        elif value is not None:
            found.append(str(value))
    return found


def emphasise(sentence: str, bold: Iterable[str]) -> Html:
    """Return the sentence with the first occurrence of each word in bold; numbers only as whole numbers.

    Examples
    --------
    >>> emphasise("19 of 190 <in> A", ["190", "A"])
    '19 of <b>190</b> &lt;in&gt; <b>A</b>'
    """
    spans: list[tuple[int, int]] = []
    for word in bold:
        match = re.search(rf"(?<![\d.,]){re.escape(word)}(?![\d]|[.,]\d)", sentence) if word else None
        if match and not any(start < match.end() and match.start() < end for start, end in spans):
            spans.append(match.span())
    parts: list[object] = []
    at = 0
    for start, end in sorted(spans):
        parts += [sentence[at:start], tag("b", sentence[start:end])]
        at = end
    return join([*parts, sentence[at:]])
