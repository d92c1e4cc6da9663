"""The strings of the privacy suite with what must go marked, and how well a finder does on them."""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

STRINGS = Path(__file__).parents[1] / "unit" / "ingest" / "privacy_strings.toml"
_MARK = re.compile(r"⟦(\w+)\|(.*?)⟧", re.DOTALL)
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Marked:
    """One string of the suite: its text and the spans (start, end, kind) that must be masked."""

    text: str
    spans: tuple[Span, ...]

    def masked(self, mask: str) -> str:
        """The text as it must come out."""
        out, last = "", 0
        for start, end, _ in self.spans:
            out, last = out + self.text[last:start] + mask, end
        return out + self.text[last:]


def parsed(line: str) -> Marked:
    """A marked string, ``⟦kind|text⟧``; ⏎ is the end of a line."""
    text, spans, last = "", [], 0
    line = line.replace("⏎", "\n")
    for found in _MARK.finditer(line):
        text += line[last : found.start()]
        spans.append((len(text), len(text) + len(found[2]), found[1]))
        text, last = text + found[2], found.end()
    return Marked(text + line[last:], tuple(spans))


def suite() -> list[Marked]:
    """Every string of the suite in its order."""
    groups = tomllib.loads(STRINGS.read_text(encoding="utf-8"))["group"]
    return [parsed(line) for group in groups for line in group["texts"]]


@dataclass
class Figures:
    """Of one kind: how many spans were marked, how many of them were found, how many finds there were, how many right."""

    marked: int = 0
    found: int = 0
    finds: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share of the marked spans that were masked to the last character."""
        return self.found / self.marked if self.marked else 1.0

    @property
    def precision(self) -> float:
        """Share of the masked spans that hold nothing but what was marked."""
        return self.right / self.finds if self.finds else 1.0


@dataclass
class Outcome:
    """The figures by kind, and each string that went wrong in a line."""

    kinds: dict[str, Figures]
    wrong: list[str]

    @property
    def whole(self) -> Figures:
        """All kinds together."""
        all_ = self.kinds.values()
        return Figures(*(sum(getattr(k, name) for k in all_) for name in ("marked", "found", "finds", "right")))

    def __str__(self) -> str:
        lines = [
            f"{kind:9} marked {k.marked:4} recall {k.recall:.3f}   finds {k.finds:4} precision {k.precision:.3f}"
            for kind, k in [*sorted(self.kinds.items()), ("all", self.whole)]
        ]
        return "\n".join(["", *lines, *self.wrong])


def measured(finder: Callable[[str], Iterable[Span]], strings: Iterable[Marked]) -> Outcome:
    """Recall and precision of a finder. A mark of one kind masked as another kind is masked: what counts is that it goes."""
    outcome = Outcome({}, [])
    for marked in strings:
        finds = [tuple(span) for span in finder(marked.text)]
        gone = {at for start, end, _ in finds for at in range(start, end)}
        due = {at for start, end, _ in marked.spans for at in range(start, end)}
        for start, end, kind in marked.spans:
            figures = outcome.kinds.setdefault(kind, Figures())
            figures.marked += 1
            figures.found += gone.issuperset(range(start, end))
        for start, end, kind in finds:
            figures = outcome.kinds.setdefault(kind, Figures())
            figures.finds += 1
            figures.right += due.issuperset(range(start, end))
        if gone != due:
            seen = [marked.text[start:end] for start, end, _ in finds]
            outcome.wrong.append(f"{marked.text!r}: masked {seen}, due {[marked.text[s:e] for s, e, _ in marked.spans]}")
    return outcome
