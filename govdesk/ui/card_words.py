"""How the figures of the model card are written."""

from collections.abc import Sequence
from math import isfinite

from govdesk.clock import monday_of
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.card_judge import Figure, Verdict
from govdesk.ui.formats import NOTHING
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text
from models.admission import Foresight

#: Figures that are differences or skills: written with their sign.
SIGNED = frozenset({"brier_skill"})
#: Figures that are shares of something counted.
SHARES = frozenset({"precision_at_10", "capture_at_10"})


def write(value: float, *, digits: int = 3, is_signed: bool = False) -> str:
    """Return a figure; a dash where it is not known.

    Examples
    --------
    >>> write(0.8123), write(0.019, is_signed=True), write(-0.0004, is_signed=True), write(float("nan"))
    ('0.812', '+0.019', '0.000', '—')
    """
    if not isfinite(value):
        return NOTHING
    text = f"{abs(value):.{digits}f}"
    sign = "" if not float(text) else "−" if value < 0 else "+" if is_signed else ""
    return sign + text


def write_interval(figure: Figure, *, digits: int = 3, is_signed: bool = False) -> str:
    """Return the interval in brackets, or nothing where there is none."""
    if not figure.has_interval:
        return ""
    low, high = (write(end, digits=digits, is_signed=is_signed) for end in (figure.low, figure.high))
    return f"[{low}, {high}]"


def write_figure(name: str, figure: Figure) -> tuple[str, str]:
    """Return a named figure of a score and its interval, as text; shares in per cent."""
    if name in SHARES:
        low, high = figure.low, figure.high
        interval = f"[{write_percent(low)}, {write_percent(high)}]" if figure.has_interval else ""
        return write_percent(figure.value), interval
    signed = name in SIGNED
    digits = 2 if name == "slope" else 3
    return (write(figure.value, digits=digits, is_signed=signed),
            write_interval(figure, digits=digits, is_signed=signed))


def write_percent(share: float) -> str:
    """Return a share in per cent, with a decimal below 10."""
    if not isfinite(share):
        return NOTHING
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def write_part(part: float, whole: float) -> str:
    """Return a share with its counts; of fewer than 10 only the counts."""
    if not isfinite(part) or not whole:
        return NOTHING
    counts = f"{int(part):,}/{int(whole):,}"
    return counts if whole < RATE_MINIMUM else t("model_card.share_of", share=write_percent(part / whole), of=counts)


def write_range(values: Sequence[float]) -> str:
    """Return the least and the greatest of some gains."""
    if not values:
        return NOTHING
    low, high = (write(end, is_signed=True) for end in (min(values), max(values)))
    return t("model_card.range", low=low, high=high)


def write_weeks(week_from: int, week_to: int) -> str:
    """Return the days of weeks [week_from, week_to) as text."""
    last = monday_of(week_to).toordinal() - 1
    return t("downloads.window", from_day=monday_of(week_from), to_day=type(monday_of(0)).fromordinal(last))


def name_feature(feature: str) -> str:
    """Return the words for a feature; an unknown one is shown as it is."""
    try:
        return t(f"model_card.feature_{feature}")
    except KeyError:
        return clean_text(feature, 40)


def tell_verdict(verdict: Verdict) -> str:
    """Return in a few words what may be said of a label."""
    return t(f"model_card.verdict_{verdict.foresight}")


def tell_ground(verdict: Verdict) -> str:
    """Return the numbers on which the verdict rests: the gain, its interval, and the placebos' range."""
    gain, interval = write(verdict.gain.value, is_signed=True), write_interval(verdict.gain, is_signed=True)
    parts = [t("model_card.ground_gain", gain=f"{gain} {interval}".strip())]
    if not verdict.gain.has_interval:
        parts.append(t("model_card.no_interval"))
    if verdict.has_groups:
        parts.append(t("groups.gain_without"))
    if verdict.placebos:
        parts.append(t("model_card.ground_placebo", n=len(verdict.placebos), range=write_range(verdict.placebos),
                       on=verdict.placebo_on or NOTHING))
    else:
        parts.append(t("model_card.no_placebo"))
    return t("model_card.comma").join(parts)


def tell_best(verdict: Verdict) -> str | None:
    """Return the sentence on the best baseline where the classifier does not beat it, else nothing."""
    if verdict.beats_best:
        return None
    key = "not_beaten" if verdict.is_replaced else "points_beat"
    return t(f"model_card.{key}", best=t(f"model_card.scorer_{verdict.best}"), auc=write(verdict.auc),
             best_auc=write(verdict.best_auc), skill=write(verdict.skill, is_signed=True))


def is_proven(verdict: Verdict) -> bool:
    """Return whether foresight may be claimed."""
    return verdict.foresight is Foresight.DEMONSTRATED
