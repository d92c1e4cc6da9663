"""How the numbers of a brief are written: a small denominator gives counts, what is not recorded is never zero."""

from dataclasses import dataclass

from govdesk.rules.brief import Number, Trace
from govdesk.rules.brief_indicators import find_indicator
from govdesk.terms import RATE_MINIMUM
from govdesk.words import say


@dataclass(frozen=True, slots=True)
class Numbers:
    """Writes numbers of one language; the indicator of each must be registered."""

    language: str

    def count(
        self, indicator: str, value: float | None, window: tuple[int, int], trace: Trace, *,
        of: float | None = None, digits: int = 0,
    ) -> Number:
        """Return a count (or days, or a rank); None is written as not known."""
        find_indicator(indicator)
        if value is None or value != value:  # noqa: PLR0124 - not a number
            return Number(say("brief.unknown", self.language), indicator, None, None, of, window, trace, "no_data")
        return Number(f"{value:,.{digits}f}", indicator, float(value), float(value), of, window, trace)

    def share(
        self, indicator: str, part: float | None, whole: float | None, window: tuple[int, int], trace: Trace
    ) -> Number:
        """Return a share with a decimal; of fewer than `RATE_MINIMUM` its counts, of nothing that it is not known."""
        find_indicator(indicator)
        if part is None or not whole:
            return Number(say("brief.unknown", self.language), indicator, None, part, whole, window, trace, "no_data")
        if whole < RATE_MINIMUM:
            return Number(f"{part:,.0f}/{whole:,.0f}", indicator, None, part, whole, window, trace, "few")
        return Number(f"{100 * part / whole:.1f} %", indicator, part / whole, part, whole, window, trace)

    def ready_share(
        self, indicator: str, value: float | None, window: tuple[int, int], trace: Trace, *, digits: int = 1
    ) -> Number:
        """Return a share that was worked out elsewhere, for a comparison; None is written as not known."""
        find_indicator(indicator)
        if value is None or value != value:  # noqa: PLR0124
            return Number(say("brief.unknown", self.language), indicator, None, None, None, window, trace, "no_data")
        return Number(f"{100 * value:.{digits}f} %", indicator, value, None, None, window, trace)

    def signed(self, indicator: str, value: float, window: tuple[int, int], trace: Trace, *, digits: int) -> Number:
        """Return a difference with its sign."""
        find_indicator(indicator)
        text = f"{value:+.{digits}f}".replace("-", "−")
        return Number(text, indicator, value, None, None, window, trace)
