"""What stands under a village of the list: the parts of its score, what changed, what is known beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from govdesk.queries.risk_changes import LINES, OWN, line_of
from govdesk.queries.risk_known import NewEvent
from govdesk.ui.formats import is_known, write_count, write_day
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, tag
from govdesk.ui.warning_view import View
from govdesk.ui.warning_words import (
    KNOWN_TITLES,
    band_name,
    fill,
    split_known,
    write_facts,
    write_known,
    write_odds,
    write_percent,
    write_reasons,
)
from models.explanation import BASE, round_parts

#: New facts named.
MOST_NEWS = 3
_PUSHES = {-1: "down", 0: "none", 1: "up"}
_BANDS = ("red", "orange", "yellow", "blue")


def sum_lines(contributions: Mapping[str, float]) -> dict[str, float]:
    """Return the parts of a score by line, rounded so that what is shown adds up; the base first."""
    sums = {BASE: 0.0} | dict.fromkeys(LINES, 0.0)
    for feature, part in contributions.items():
        line = feature if feature == BASE else line_of(feature)
        sums[line] = sums.get(line, 0.0) + float(part)
    used = {line_of(feature) for feature in contributions} | {BASE}
    kept = {line: part for line, part in sums.items() if line in used}
    return dict(zip(kept, round_parts(np.array(list(kept.values()))).tolist(), strict=True))


def name_line(line: str) -> str:
    """Return what a line of a score says; a feature that is in none is told by its name."""
    return t(f"warning.line_{line}") if line == BASE or line in LINES else line


def find_change(view: View, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how a village's score changed, by the label that it is listed by."""
    changes = view.changes.get(str(row["label"]))
    if changes is None or row["place_code"] not in changes.rows.index:
        return None
    return {str(name): value for name, value in changes.rows.loc[row["place_code"]].items()}


def build_details(view: View, row: Mapping[str, Any]) -> Html:
    """Return the four parts, folded."""
    parts = (_build_reasons(view, row), _build_parts(row), _build_change(view, row), _build_known(view, row))
    return tag("details", tag("summary", t("warning.details")), tag("div", *parts, class_="gd-warning-parts"))


def _part(title: str, *children: object) -> Html:
    return tag("section", tag("h4", title), *children)


def _build_reasons(view: View, row: Mapping[str, Any]) -> Html:
    return _part(t("warning.reasons_title"),
                 tag("ul", *(tag("li", sentence) for sentence in write_reasons(row["reasons"], view.words))))


def _build_parts(row: Mapping[str, Any]) -> Html:
    """Return the parts of a score; without its base they are bands (`queries.area_scores`), and nothing adds up."""
    if BASE not in row["contributions"]:
        pushes = [(t("warning.line_own") if (line := line_of(name)) in OWN else name_line(line), part)
                  for name, part in row["contributions"].items()]
        bands = (tag("tr", tag("td", name), tag("td", t(f"warning.push_{_PUSHES[int(part)]}")))
                 for name, part in pushes)
        return _part(t("warning.pushes_title"), tag("table", tag("tbody", *bands), class_="gd-odds"),
                     tag("p", t("warning.pushes_note"), class_="gd-muted gd-small"))
    lines = sum_lines(row["contributions"])
    own = {line: lines.pop(line) for line in OWN if line in lines}
    shown = [_line(t("warning.line_base"), lines.pop(BASE)), _line(t("warning.line_own"), sum(own.values())),
             *(_line(name_line(line), part, "gd-muted") for line, part in own.items() if len(own) > 1),
             *(_line(name_line(line), part) for line, part in lines.items())]
    total = sum(sum_lines(row["contributions"]).values())
    last = tag("tr", tag("th", t("warning.line_sum")), tag("th", write_odds(total), class_="gd-num"))
    notes = [t("warning.sum_note", sum=write_odds(total), p=write_percent(row["probability"]))]
    notes += [t("warning.own_note")] if len(own) > 1 else []
    notes += [t("warning.long_full", **{name: write_count(reason[name]) for name in ("n_places", "weeks", "n_county")})
              for reason in row["reasons"] if reason["kind"] == "long" and reason["n_county"] is not None]
    return _part(t("warning.parts_title"), tag("table", tag("tbody", *shown, last), class_="gd-odds"),
                 *(tag("p", note, class_="gd-muted gd-small") for note in notes))


def _line(name: str, part: float, class_: str | None = None) -> Html:
    return tag("tr", tag("td", name), tag("td", write_odds(part), class_="gd-num"), class_=class_)


def _build_change(view: View, row: Mapping[str, Any]) -> Html:
    change, changes = find_change(view, row), view.changes.get(str(row["label"]))
    if changes is not None and changes.is_withheld:
        return _part(t("warning.change_title", since=write_day(changes.since)),
                     tag("p", t("warning.change_withheld"), class_="gd-muted gd-small"))
    if change is None or changes is None:
        return _part(t("warning.change_first"), tag("p", t("warning.change_none"), class_="gd-muted gd-small"))
    title = t("warning.change_title", since=write_day(changes.since))
    if not is_known(change["data"]):
        return _part(title, tag("p", t("warning.change_none"), class_="gd-muted gd-small"))
    split = round_parts(np.array([change[name] for name in ("data", "classifier", "place")]))
    data, classifier, place = (write_odds(part) for part in split)
    sentences = [t("warning.change_parts", total=write_odds(float(split.sum())), data=data, classifier=classifier,
                   place=place), _write_lines(change)]
    if change["by_score"] or change["by_edges"]:
        before, after = _band(change["band_before"]), _band(change["band_after"])
        by_score, by_edges = (f"{-int(change[name]):+d}" for name in ("by_score", "by_edges"))
        sentences.append(t("warning.change_band", before=before, after=after, by_score=by_score, by_edges=by_edges))
    news = view.news.get(str(row["place_code"]), ())
    last: object = t("warning.change_no_new")
    if news:
        facts = _join_parts(news)
        last = fill("warning.change_new", facts=write_facts(facts[-MOST_NEWS:], view.words, len(facts)))
    return _part(title, *(tag("p", sentence) for sentence in (*sentences, last) if sentence))


def _write_lines(change: Mapping[str, Any]) -> str:
    """Return what moved within the data: the village's own records, the county, any other feature."""
    moved = {name.removeprefix("data_"): float(value) for name, value in change.items()
             if name.startswith("data_") and is_known(value)}
    own = {t("warning.line_own"): sum(moved.pop(line, 0.0) for line in OWN)}
    lines = own | {name_line(line): value for line, value in moved.items()}
    words = t("warning.semicolon").join(t("warning.change_line", name=name, value=write_odds(value))
                                        for name, value in lines.items() if abs(value) >= 0.005)
    return t("warning.change_lines", lines=words) if words else ""


def _band(number: Any) -> str:
    return band_name(_BANDS[int(number)] if int(number) >= 0 else None)


def _join_parts(events: Sequence[NewEvent]) -> list[dict[str, Any]]:
    """Return one fact an incident, with all the parts that became known."""
    facts: dict[int, dict[str, Any]] = {}
    for event in events:
        fact = facts.setdefault(event.incident, {
            "incident": event.incident, "ref": event.ref, "on": write_day(event.on), "parts": [],
            "category": event.category})
        fact["parts"].append(event.part)
    return list(facts.values())


def _build_known(view: View, row: Mapping[str, Any]) -> Html:
    both = split_known(view.known.get(str(row["place_code"]), ()), row["contributions"])
    # What is empty is left out: beside what is counted, "no open dispute" would not be true.
    told = [(title, items) for title, items in zip(KNOWN_TITLES, both, strict=True) if items] or [(KNOWN_TITLES[0], [])]
    lists = [(t(title), tag("ul", *(tag("li", line) for line in write_known(items, view.setting.day, view.words))))
             for title, items in told]
    also = [part for title, lines in lists[1:] for part in (tag("h4", title), lines)]
    return _part(*lists[0], *also)
