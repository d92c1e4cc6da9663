"""One stretch of one series, dated to the week and measured against the level outside of it."""

from typing import NamedTuple

import numpy as np

from models.count_dispersion import Floats, at_lengths
from models.stretch_likelihood import MIN_LASTING, cumulate, signed_roots

#: Drop of the log likelihood ratio within which the first week lies (about 95 %).
_DROP = 5.99


class Stretch(NamedTuple):
    """One changed stretch of one series, in positions [first, last), measured against the level outside of it."""

    series: int
    first: int
    last: int
    earliest: int
    latest: int
    n: float
    expected: float
    error: float  # standard error of the log ratio
    ratio: float
    p_value: float
    at_break: bool


def measure(counts: Floats, expected: Floats, omegas: Floats, stretch: tuple[int, int]) -> Stretch:
    """Find the stretch to the week and measure it; positions are those of the piece.

    The dates are those of the greatest Poisson likelihood: on the scale of ω, which shrinks with length, longer
    stretches would be preferred. Their interval is as much wider as counts vary more than Poisson.
    """
    n_weeks, (first, last) = len(counts), stretch
    reach = (last - first) // 4 + 3
    begins = np.arange(max(first - reach, 1), min(first + reach, last - MIN_LASTING) + 1)
    soonest, latest = max(last - reach, first + MIN_LASTING), min(last + reach, n_weeks - 1)
    ends = np.array([last]) if last == n_weeks else np.arange(soonest, latest + 1)
    sums, means = cumulate(counts[None])[0], cumulate(expected[None])[0]
    begin, end = np.meshgrid(begins, ends, indexing="ij")
    length = np.maximum(end - begin, 1)
    inside, mean = sums[end] - sums[begin], means[end] - means[begin]
    roots = np.abs(signed_roots(inside, mean, sums[-1:], (np.zeros(1), np.zeros(1)), length, n_weeks))
    roots[end - begin < MIN_LASTING] = 0.0
    at = np.unravel_index(roots.argmax(), roots.shape)
    first, last = int(begins[at[0]]), int(ends[at[1]])
    omega = float(at_lengths(omegas[None], np.array([last - first]))[0, 0])
    scale = 1.0 + omega * float(means[last] - means[first]) / (last - first)
    near = begins[roots[:, at[1]] ** 2 >= roots.max() ** 2 - _DROP * scale]
    measured = (float(sums[last] - sums[first]), float(means[last] - means[first]))
    return compare(measured, (float(sums[-1]), float(means[-1])), omega, last - first)._replace(
        first=first, last=last, earliest=int(near.min()), latest=int(near.max()))


def compare(inside: tuple[float, float], total: tuple[float, float], omega: float, length: int) -> Stretch:
    """Return ratio and standard error of a stretch from (counted, expected) inside and in total."""
    outside = (total[0] - inside[0], max(total[1] - inside[1], 1e-9))
    rate = (outside[0] + 0.5) / outside[1]
    expected = max(inside[1], 1e-9) * rate
    scale = 1.0 + omega * inside[1] / length
    error = float(np.sqrt(scale * (1 / (inside[0] + 0.5) + 1 / (outside[0] + 0.5))))
    return Stretch(-1, 0, 0, 0, 0, inside[0], expected, error, (inside[0] + 0.5) / (expected + 0.5), 1.0, False)
