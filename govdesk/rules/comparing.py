"""When an account with an area may be told what the whole county has: not where that tells of one other place; pure.

What the county has, less what the reader sees of it, is what lies outside the area. Where fewer than three townships
stand behind it, the number of one of them is given back, by a subtraction or by its neighbour who knows its own. It is
the rule of at least three contributors to a published sum, the reader not counted among them (Hundepool et al.,
Statistical Disclosure Control, 2012, chapter 4).
"""

#: Fewest townships outside of an area whose sum may be had.
LEAST_OUTSIDE = 3
#: Log-odds from which on a part of a score is said to push it.
LEAST_PUSH = 0.25


def may_compare(n_outside: int) -> bool:
    """Return whether a mean or sum of the county may be told to an account outside of whose area are so many townships.

    Examples
    --------
    >>> may_compare(0), may_compare(2), may_compare(3)
    (True, False, True)
    """
    return n_outside == 0 or n_outside >= LEAST_OUTSIDE


def say_push(part: float) -> int:
    """Return as −1, 0 or 1 whether a part of a score (log-odds) pushes it down, hardly, or up: its band, no number.

    Examples
    --------
    >>> say_push(-0.9), say_push(0.1), say_push(0.25)
    (-1, 0, 1)
    """
    return 0 if abs(part) < LEAST_PUSH else (1 if part > 0 else -1)
