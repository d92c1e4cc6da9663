"""Two incidents side by side: what agrees, what differs, and why they look alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from govdesk.queries.duplicate_verdicts import read_origins
from govdesk.queries.incidents import IncidentFacts, get_incident, list_steps
from govdesk.queries.likely_duplicates import Proposal
from govdesk.rules.likely_duplicates import POINTS, PROPOSED_FROM, mark_differences
from govdesk.terms import PointKind
from govdesk.ui.formats import is_known, write_day, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.setting import Setting, name_categories

#: Steps that are named; the number of all stands before them.
LAST_STEPS = 3


@dataclass(frozen=True, slots=True)
class SideView:
    """One incident of the pair with what is shown of it."""

    facts: IncidentFacts
    steps: pd.DataFrame
    origin: str


def read_pair(setting: Setting, pair: Proposal) -> tuple[SideView, SideView] | None:
    """Return both incidents; None when one is gone from sight meanwhile."""
    origins = load(read_origins, setting.scope, (pair.one, pair.other)).set_index("id")
    sides = []
    for number in (pair.one, pair.other):
        facts = load(get_incident, setting.scope, number)
        if facts is None or number not in origins.index:
            return None
        sides.append(SideView(facts, load(list_steps, setting.scope, number), _name_origin(origins.loc[number])))
    return sides[0], sides[1]


def _name_origin(row: pd.Series) -> str:
    if not is_known(row["batch_id"]):
        return t("duplicates.batch_none")
    return t("duplicates.batch", id=row["batch_id"], file=clean_text(row["file_name"]), at=write_instant(row["at"]))


def choose_staying(pair: tuple[SideView, SideView]) -> int:
    """Return which of the two (0, 1) stays by default: the one with more steps, else the one that occurred first."""
    one, other = pair
    return 1 if len(other.steps) > len(one.steps) else 0


def build_pair(pair: tuple[SideView, SideView], setting: Setting, metres: float | None) -> Html:
    """Return the comparison as a table: a row each, those that differ with a mark and a ground."""
    numbers = [link(side.facts.source_ref, address("/incident", id=side.facts.id)) for side in pair]
    head = tag("tr", tag("th", ""), *(tag("th", t(f"duplicates.side_{name}"), " ", number, scope="col")
                                      for name, number in zip("ab", numbers, strict=True)))
    rows = [_build_row(*row) for row in _list_rows(pair, setting)]
    if metres is not None:
        rows.insert(2, tag("tr", tag("th", t("duplicates.distance"), scope="row"),
                           tag("td", _write_distance(pair, metres), colspan="2")))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="gd-table gd-pair"),
               class_="gd-scroll")


def _build_row(label: str, one: object, other: object, is_same: bool) -> Html:
    mark = tag("span", "=" if is_same else "≠", class_="gd-pair-mark", title=t(
        "duplicates.same" if is_same else "duplicates.differs"))
    return tag("tr", tag("th", mark, " ", label, scope="row"), tag("td", one), tag("td", other),
               class_=None if is_same else "gd-differs")


def _list_rows(pair: tuple[SideView, SideView], setting: Setting) -> Iterator[tuple[str, object, object, bool]]:
    words, categories = setting.words, name_categories(setting.words)
    one, other = (side.facts for side in pair)
    plain: list[tuple[str, Callable[[IncidentFacts], object]]] = [
        ("place", _name_place), ("occurred_on", lambda facts: write_day(facts.occurred_on)),
        ("stream", lambda facts: write_term("stream", facts.stream, words)),
        ("category", lambda facts: categories.get(facts.category, facts.category)),
        ("channel", lambda facts: _word("channel", facts.channel, words)),
        ("petition_kind", lambda facts: _word("petition", facts.petition_kind, words)),
        ("n_people", lambda facts: facts.n_people), ("severity", lambda facts: facts.severity),
        ("unit", lambda facts: facts.handling_unit_name or facts.handling_unit),
    ]
    for key, write in plain:
        left, right = write(one), write(other)
        if left is not None or right is not None:
            yield t(f"duplicates.{key}"), _or_dash(left), _or_dash(right), left == right
    if one.summary or other.summary:
        texts = _mark_texts(one.summary, other.summary)
        yield t("duplicates.summary"), texts[0], texts[1], one.summary == other.summary
    yield (t("duplicates.reported"), write_instant(one.reported_at), write_instant(other.reported_at),
           one.reported_at == other.reported_at)
    yield (t("duplicates.status"), write_term("status", one.status, words), write_term("status", other.status, words),
           one.status == other.status)
    steps = [_name_steps(side.steps, words) for side in pair]
    yield t("duplicates.steps"), steps[0], steps[1], steps[0] == steps[1]
    yield (t("duplicates.source"), write_term("origin", one.source, words), write_term("origin", other.source, words),
           one.source == other.source)
    yield t("duplicates.came_with"), pair[0].origin, pair[1].origin, pair[0].origin == pair[1].origin


def _name_place(facts: IncidentFacts) -> str:
    names = dict.fromkeys((facts.township_name, facts.village_name, facts.place_name or facts.place_code))
    return " › ".join(clean_text(name) for name in names if name)


def _word(group: str, code: str | None, words: str) -> str | None:
    return write_term(group, code, words) if code else None


def _or_dash(value: object) -> object:
    return "—" if value is None else value


def _mark_texts(one: str | None, other: str | None) -> tuple[Html, Html]:
    """Return both summaries; what only one says is set in bold and underlined."""
    if not one or not other:
        return tag("span", one or "—"), tag("span", other or "—")
    return tuple(  # type: ignore[return-value]
        join([part if is_same else tag("mark", part) for part, is_same in parts])
        for parts in mark_differences(clean_text(one, 500), clean_text(other, 500)))


def _name_steps(steps: pd.DataFrame, words: str) -> str:
    if steps.empty:
        return t("duplicates.steps_none")
    last = steps.tail(LAST_STEPS)
    named = "、" if words == "zh" else ", "
    return t("duplicates.steps_value", n=len(steps), last=named.join(
        f"{write_term('step', kind, words)} {write_day(at)}" for kind, at in zip(
            last["kind"], last["occurred_at"], strict=True)))


def _write_distance(pair: tuple[SideView, SideView], metres: float) -> str:
    words = t("duplicates.metres", n=f"{metres:.0f}")
    if metres >= 1000:
        words = t("duplicates.kilometres", n=f"{metres / 1000:.1f}")
    if any(side.facts.point_kind == PointKind.SNAPPED for side in pair):
        return t("duplicates.approximate", metres=words)
    return words


def build_reasons(pair: Proposal) -> Html:
    """Return why the two look alike, each reason with its points, and the sum."""
    items = [tag("li", t(f"duplicates.why_{reason}"), " ", tag("span", f"{POINTS[reason]:+d}", class_="gd-muted"))
             for reason in pair.likeness.reasons]
    total = t("duplicates.points_strong" if pair.likeness.is_strong else "duplicates.points",
              n=pair.likeness.points, cut=PROPOSED_FROM)
    return tag("div", tag("ul", *items, class_="gd-hits"), tag("p", total, class_="gd-small"))
