"""When an account with an area may be told what the whole county has: not where that tells of one other place; pure.

What the county has, less what the reader sees of it, is what lies outside the area. If that is a single township, its
number is given back by a subtraction; of two or more, only their sum is. It is the rule of at least three contributors
to a published sum, of which the reader may be one (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

#: Fewest townships outside of an area whose sum may be had.
LEAST_OUTSIDE = 2


def may_compare(n_outside: int) -> bool:
    """Return whether a mean or sum of the county may be told to an account outside of whose area are so many townships.

    Examples
    --------
    >>> may_compare(0), may_compare(1), may_compare(2)
    (True, False, True)
    """
    return n_outside == 0 or n_outside >= LEAST_OUTSIDE
