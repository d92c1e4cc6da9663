"""Sentences of early warning from codes and numbers: reasons, what is known beside the score, what changed, next steps.

On the desk a sentence names the record by its number, as a link, with its category; in an export neither category nor
course is written (`terms.SMALL_COUNT`: one record of a village and a week is fewer than three).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from govdesk.clock import today
from govdesk.queries.risk_known import PETITION_WEEKS, Item
from govdesk.rules.escalation_parts import PARTS
from govdesk.rules.next_step import Step
from govdesk.ui.formats import NOTHING, is_known, write_count, write_day, write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, link
from models.candidate_features import groups_of

#: Kinds of what is known, in the order in which they are asked about.
KINDS = ("event", "dispute", "petition", "agreement_overdue", "agreement_due", "works")
#: The groups of candidate features that count them, where such a group is in the score.
COUNTED_BY: Mapping[str, set[str]] = {
    "dispute": {"conflicts", "backlog"}, "petition": {"petitions", "backlog"}, "works": {"works"}}
#: Headings of what `split_known` tells apart.
KNOWN_TITLES = ("warning.known_title", "warning.known_counted_title")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What sentences are made with.

    Attributes
    ----------
    categories : mapping of str to str
        Names of the categories, by code.
    language : str
    is_export : bool
        For a file: no categories, no courses.
    has_links : bool
        Whether the number of a record leads to it.
    """

    categories: Mapping[str, str]
    language: str
    is_export: bool = False
    has_links: bool = True


def write_percent(value: float | None) -> str:
    """Return a probability as a whole per cent; under one half per cent as such, never as zero."""
    if value is None or not is_known(value):
        return NOTHING
    return "< 0.5 %" if value < 0.005 else f"{100 * value:.0f} %"


def write_odds(value: float) -> str:
    """Return a part of a score with its sign."""
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def write_parts(parts: Iterable[str]) -> str:
    """Return the names of the parts of an escalation; a fight goes without saying where more is known."""
    known = list(parts)
    told = [part for part in known if part != "violence"] or known
    return t("warning.comma").join(t(f"warning.part_{part}") if part in PARTS else part for part in told)


def write_category(code: str, words: Words) -> str:
    """Return the name of a category, or its code where it has none."""
    return clean_text(words.categories.get(code, code), 30)


def fill(key: str, **values: object) -> Html:
    """Return a text with `values` filled in; those that are markup stay markup, all others are escaped."""
    marks = {name: f"\x02{number}\x03" for number, name in enumerate(values)}
    text = t(key, **marks)
    pieces: list[object] = [text]
    for name, mark in marks.items():
        pieces = [part for piece in pieces for part in _split(piece, mark, values[name])]
    return join(pieces)


def _split(piece: object, mark: str, value: object) -> list[object]:
    if isinstance(piece, Html) or not isinstance(piece, str) or mark not in piece:
        return [piece]
    found: list[object] = []
    for number, part in enumerate(piece.split(mark)):
        found += ([value] if number else []) + [part]
    return found


def name_record(incident: int | None, ref: str, words: Words) -> Html:
    """Return the number of a record, linked to it."""
    text = t("warning.number", ref=clean_text(ref, 40))
    return join([text]) if not words.has_links or incident is None else link(text, address("/incident", id=incident))


def write_facts(facts: Sequence[Mapping[str, Any]], words: Words, n: int | None = None) -> Html:
    """Return the records a reason names, one after the other; `n` is how many there are in all."""
    more = t("warning.and_more") if n is not None and n > len(facts) > 0 else None
    return join([join((_write_fact(fact, words) for fact in facts), t("warning.comma")), more])


def _write_fact(fact: Mapping[str, Any], words: Words) -> Html:
    number, on = name_record(fact["incident"], str(fact["ref"]), words), str(fact["on"])
    if "parts" not in fact:
        return fill("warning.record", on=on, number=number)
    if words.is_export:
        return fill("warning.fact_short", on=on, number=number)
    return fill("warning.fact", on=on, category=write_category(fact["category"], words),
                parts=write_parts(fact["parts"]), number=number)


def write_reasons(reasons: Sequence[Mapping[str, Any]], words: Words) -> list[Html]:
    """Return a sentence for each reason (`rules.risk_reasons.choose_reasons`)."""
    if not reasons:
        return [join([t("warning.reason_missing")])]
    found = [_write_reason(reason, words) for reason in reasons]
    return [sentence for sentence in found if sentence is not None]


def _write_reason(reason: Mapping[str, Any], words: Words) -> Html | None:
    kind, facts = reason["kind"], reason.get("facts", ())
    if kind == "long":
        key, mean = ("_alone", {}) if reason["n_county"] is None else ("", {"mean": _mean(reason)})
        return fill(f"warning.reason_long{key}", **mean, **_numbers(reason, "n", "weeks"))
    if kind == "group":
        values = {"on": reason["on"] or NOTHING, **_numbers(reason, "n", "weeks")}
        written = t("warning.withheld") if reason.get("is_withheld") and not facts else write_facts(facts, words)
        return fill(f"warning.reason_group_{reason['group']}", facts=written, **values)
    if kind == "same":
        return None if words.is_export else fill(
            "warning.reason_same", category=write_category(reason["category"], words), **_numbers(reason, "n", "of"))
    written = write_facts(facts, words, reason.get("n") if kind == "recent" else None)
    if reason.get("is_withheld"):
        written = join((part for part in (written, t("warning.withheld")) if part), " ")
    if kind == "none":
        values = {"n": write_count(reason["n_records"]), **_numbers(reason, "weeks", "record_weeks")}
        return fill("warning.reason_none", facts=written, **values) if written else fill(
            "warning.reason_none_bare", **values)
    if kind == "thin":
        return fill("warning.reason_thin", facts=written, **_numbers(reason, "n", "weeks")) if written else fill(
            "warning.reason_thin_none", **_numbers(reason, "weeks"))
    return fill(f"warning.reason_{kind}", facts=written,
                **{name: write_count(reason[name]) for name in ("n", "weeks") if name in reason})


def write_reasons_short(reasons: Sequence[Mapping[str, Any]], words: Words) -> str:
    """Return the reasons in a few words and numbers each; the sentences with their records stand in the details."""
    found = [_write_short(reason, words) for reason in reasons]
    return " · ".join(text for text in found if text)


def _write_short(reason: Mapping[str, Any], words: Words) -> str:
    kind = reason["kind"]
    if kind == "group":
        return t(f"warning.short_group_{reason['group']}", **_numbers(reason, "n", "weeks"))
    if kind == "long" and reason["n_county"] is None:
        return t("warning.short_long_alone", **_numbers(reason, "n", "weeks"))
    if kind == "long":
        return t("warning.short_long", mean=_mean(reason), **_numbers(reason, "n", "weeks"))
    if kind == "same" and not words.is_export:
        return t("warning.short_same", category=write_category(reason["category"], words),
                 **_numbers(reason, "n", "of"))
    return ""


def _mean(reason: Mapping[str, Any]) -> str:
    return f"{reason['n_county'] / max(reason['n_places'], 1):.1f}"


def _numbers(reason: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: write_count(reason[name]) for name in names}


def split_known(items: Sequence[Item], contributions: Mapping[str, float]) -> tuple[list[Item], list[Item]]:
    """Return what is known and not in the score, and that whose number is in it by a group that was let in."""
    groups = set(groups_of(contributions))
    beside = [item for item in items if not groups & COUNTED_BY.get(item.kind, set())]
    return beside, [item for item in items if groups & COUNTED_BY.get(item.kind, set())]


def write_known(items: Sequence[Item], today: date, words: Words) -> list[Html]:
    """Return a dated sentence for each kind of what is known."""
    groups = {kind: [item for item in items if item.kind == kind] for kind in KINDS}
    found: list[Html] = []
    for kind, group in groups.items():
        if group:
            found += _write_works(group, words) if kind == "works" else [_write_group(kind, group, today, words)]
    return found or [join([t("warning.known_none")])]


def write_known_short(items: Sequence[Item], today: date) -> str:
    """Return the same in a few words."""
    groups = [(kind, [item for item in items if item.kind == kind]) for kind in KINDS]
    return " · ".join(t(f"warning.known_short_{kind}", n=len(group), age=_age(group, today))
                      for kind, group in groups if group)


def _write_group(kind: str, group: Sequence[Item], today: date, words: Words) -> Html:
    one = group[-1] if kind in ("petition", "event") else group[0]
    values = {
        "n": len(group), "on": write_day(one.on), "number": name_record(one.incident, one.ref, words),
        "late": sum(item.is_late for item in group), "open": sum(item.is_open for item in group),
        "age": _age(group, today), "weeks": PETITION_WEEKS, "category": "", "parts": t("warning.escalation"),
    }
    if not words.is_export:
        values |= {"category": write_category(one.category, words)} if kind != "event" else {
            "parts": write_parts([one.category])}
    return fill(f"warning.known_{kind}", **values)


def _write_works(group: Sequence[Item], words: Words) -> list[Html]:
    return [fill("warning.known_works", name=clean_text(item.ref, _LONGEST), on=write_day(item.on),
                 kind=write_term("works", item.category, words.language)) for item in group]


def _age(group: Sequence[Item], today: date) -> str:
    return write_count(max((today - item.on).days for item in group))


def write_step(step: Step) -> str:
    """Return what to do next; month and day are enough within a week."""
    return t(f"warning.step_{step.kind}", until=write_day(step.until)[5:])


def write_order(order: Mapping[str, Any]) -> str:
    """Return how the visit order of a village stands (`queries.visit_orders.list_order_states`)."""
    state = order["state"]
    if state == "done":
        return t("visit_orders.warning_done", day=write_day(order["visited_on"])[5:])
    if state == "called_off":
        return t("visit_orders.warning_called_off")
    late = (today() - order["due_on"].date()).days
    return t(f"visit_orders.warning_{state}", due=write_day(order["due_on"])[5:], n=late)


def band_name(band: object) -> str:
    """Return the name of a band; the words for too few records where there is none."""
    return t(f"warning.name_{band}") if isinstance(band, str) else t("warning.few")


def write_sentence(sentences: Iterable[Html]) -> str:
    """Return sentences as one plain text, for a cell of a file."""
    return unescape(t("warning.semicolon").join(sentences))
