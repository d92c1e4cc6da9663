"""What every section of a brief is written with: facts, language, version, and the section's own traces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from govdesk.clock import week_label
from govdesk.queries.brief_facts import BriefFacts
from govdesk.rules.brief import Number, Sentence, Trace, Tracer, fill, mark, split_marked
from govdesk.rules.brief_numbers import Numbers
from govdesk.terms import Level
from govdesk.words import placeholders, read_words, say


@dataclass
class Context:
    """One section being written."""

    facts: BriefFacts
    language: str
    is_internal: bool
    section: int
    _tracer: Tracer = field(init=False)

    def __post_init__(self) -> None:
        self._tracer = Tracer(self.section)

    @cached_property
    def numbers(self) -> Numbers:
        """Writes numbers of this language."""
        return Numbers(self.language)

    @property
    def week(self) -> int:
        """The week of the brief."""
        return self.facts.week

    @property
    def names_places(self) -> bool:
        """Whether the places that are counted apart may be named: where they are villages, inside only."""
        return self.is_internal or self.facts.level != Level.VILLAGE.value

    @property
    def last(self) -> tuple[int, int]:
        """The week of the brief as a window."""
        return self.week, self.week + 1

    def say(self, key: str, **values: object) -> str:
        """Return the words of ``brief.<key>``."""
        return say(f"brief.{key}", self.language, **values)

    def sentence(self, key: str, name: str | None = None, /, **values: str | Number) -> Sentence:
        """Return the sentence of ``brief.<name>`` under a key; the key names it where no name is given."""
        return Sentence(key, fill(f"brief.{name or key}", self.language, values))

    def sentence_of(self, key: str, name: str, numbers: Mapping[str, Number], **words: object) -> Sentence:
        """Return the sentence of ``brief.<name>``; `words` may hold marks (`rules.brief.mark`) of the numbers."""
        wanted = placeholders(read_words(self.language)[f"brief.{name}"])
        marks: dict[str, object] = {one: mark(one) for one in numbers if one in wanted}
        return Sentence(key, split_marked(self.say(name, **marks, **words), numbers))

    def trace(self, path: str, **parameters: object) -> Trace:
        """Return the trace of one of our pages."""
        return self._tracer.trace(write_address(path, parameters))

    def rows(self, *, weeks: int = 1, to: int | None = None, **parameters: object) -> Trace:
        """Return the trace of the incidents of some weeks up to `to` (the brief's week), as the overview shows them."""
        last = self.week if to is None else to
        return self.trace("/", rows=weeks, **parameters, to=week_label(last))


def write_address(path: str, parameters: Mapping[str, object]) -> str:
    """Return an address with its parameters; empty ones are left out, lists are joined by commas."""
    kept = {name: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            for name, value in parameters.items() if value not in (None, "", (), [])}
    return f"{path}?{urlencode(kept, safe=',')}" if kept else path
