"""The top of case quality: what the share of the closed hides, in sentences and six cards."""

from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import Card, build_cards, build_notice
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, join, show, tag
from govdesk.ui.quality_view import Facts, View
from govdesk.ui.quality_words import is_recorded, name_of, write_of, write_rate
from models.survival import Survival, estimate_survival, find_median


def draw_finding(view: View, facts: Facts) -> None:
    """Draw the finding; where no source records a closing it says so instead."""
    if not view.recorded.closings:
        show(build_notice(t("quality.no_closings", n=f"{facts.sums['n']:,}"), is_warning=True))
        return
    if facts.sums["n"] <= 0:
        show(tag("p", t("quality.nothing_in_window"), class_="gd-empty"))
        return
    show(tag("ul", *(tag("li", sentence) for sentence in list_sentences(view, facts)), class_="gd-sentences"))


def list_sentences(view: View, facts: Facts) -> list[Html]:
    """Return the finding: closed and open; what is older; closed, yet not settled."""
    sums = facts.sums
    of = write_of(sums["n_closed"], sums["n"])
    rate = tag("b", write_rate(sums["n_closed"], sums["n"]), f" ({of})" if of else "")
    key = "quality.finding_all_closed"
    if facts.n_open > 0:
        key = "quality.finding_open" if facts.n_open >= RATE_MINIMUM else "quality.finding_few_open"
    found = [_fill(key, rate=rate, n_open=_bold(facts.n_open), median=_bold(facts.median_age),
                   late=_bold(facts.late_age))]
    if facts.n_older > 0:
        found.append(_fill("quality.finding_older", n=_bold(facts.n_older), oldest=_bold(facts.oldest_days)))
    quality = []
    if is_recorded("unresolved_share", view.recorded) and sums["n_answered"] > 0:
        quality.append(_fill("quality.finding_unresolved", n=f"{sums['n_answered']:,}",
                             rate=tag("b", write_rate(sums["n_unresolved"], sums["n_answered"]))))
    if is_recorded("reopened_share", view.recorded) and sums["n_back_90"] > 0:
        quality.append(_fill("quality.finding_reopened", n=f"{sums['n_back_90']:,}",
                             rate=tag("b", write_rate(sums["n_returned_90"], sums["n_back_90"]))))
    return [*found, join(quality, " ")] if quality else found


def _bold(number: int | None) -> Html:
    return tag("b", "—" if number is None else f"{number:,}")


def _fill(key: str, **parts: object) -> Html:
    """Return a text with markup in its places; the text itself is escaped."""
    marks = {name: f"\x02{name}\x03" for name in parts}
    pieces: list[object] = []
    for piece in t(key, **marks).split("\x02"):
        name, closing, rest = piece.partition("\x03")
        pieces += [parts[name], rest] if closing else [piece]
    return join(pieces)


def draw_cards(view: View, facts: Facts) -> None:
    """Draw the six cards: each with what it is made of."""
    if not view.recorded.closings:
        return
    sums = facts.sums
    show(build_cards([
        _rate_card("closed_share", view, sums["n_closed"], sums["n"], t("quality.card_of_reported")),
        Card(name_of("open_now"), f"{facts.n_open:,}", t("table.incidents"), (
            t("quality.card_ages", name=name_of("open_age"), median=_days(facts.median_age),
              late=_days(facts.late_age)),
            t("quality.card_older", n=f"{facts.n_older:,}"))),
        _time_card(estimate_survival(*(facts.closing_days[name] for name in ("days", "n_events", "n_censored")))),
        _rate_card("unresolved_share", view, sums["n_unresolved"], sums["n_answered"], t("quality.card_of_answered")),
        _rate_card("reopened_share", view, sums["n_returned_90"], sums["n_back_90"], t("quality.card_of_old_closings")),
        _rate_card("quick_share", view, sums["n_quick"], sums["n_closed"],
                   t("quality.card_of_closed"),
                   t("quality.card_month_end", share=write_rate(sums["n_month_end"], sums["n_closed"]))),
    ]))


def _rate_card(key: str, view: View, numerator: int, denominator: int, *notes: str) -> Card:
    if not is_recorded(key, view.recorded):
        return Card(name_of(key), t("quality.not_recorded"))
    of = write_of(numerator, denominator)
    return Card(name_of(key), write_rate(numerator, denominator), "",
                tuple(note for note in ((f"{of} {notes[0]}" if of else notes[0]), *notes[1:]) if note))


def _time_card(curve: Survival) -> Card:
    median = find_median(curve)
    if median.value is None:
        return Card(name_of("closing_days"), "—", "", (t("quality.card_no_median"),))
    interval = t("quality.card_interval", low=_days(median.low), high=_days(median.high))
    return Card(name_of("closing_days"), f"{median.value:,.0f}", t("table.unit_days"),
                (interval, t("quality.card_censored", n=f"{curve.n_censored:,}")))


def _days(number: float | None) -> str:
    return "—" if number is None else f"{number:,.0f}"
