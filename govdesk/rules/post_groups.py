"""Groups of grid posts that may be counted: none in which the work of one worker could be told.

The workload of a place is shown per filled post. In a place of one or two posts that would be the score of a worker, so
it is shown only for places in which, on every day of the window on which posts stand at all, at least `LEAST_POSTS` of
them are filled. Counting those that are filled, and not those that stand, is the stricter rule: five posts of which
four are vacant are one worker. The threshold rule is that of official statistics for frequency tables (Hundepool et
al., Statistical Disclosure Control, 2012, chapter 4). What could be had by subtraction is prevented by the partition:
shown places are made of whole groups, every sum is a sum of shown places, and what is not shown is in no sum.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
import numpy.typing as npt

#: Fewest filled posts of which a workload is shown (issue on the event loop: "groups of at least five posts").
LEAST_POSTS = 5

Days = npt.NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)


def is_enough(standing: Days, filled: Days) -> bool:
    """Return whether the workload of a place may be shown.

    Parameters
    ----------
    standing, filled : array of int
        Posts that stand, and that are filled, on each day of the window.
    """
    has_posts = standing > 0
    return bool(has_posts.any()) and bool((filled[has_posts] >= LEAST_POSTS).all())


def form_groups(units: Sequence[Key], may_show: Callable[[Sequence[Key]], bool]) -> list[tuple[Key, ...]]:
    """Return neighbouring units as groups that may be shown, in the given order; none where all together may not.

    Units are joined in order (of their codes, which run from neighbour to neighbour) until a group may be shown; the
    rest joins the last group, and that one the group before it where it then may no longer be shown.

    Examples
    --------
    >>> form_groups([3, 2, 6, 1], lambda some: sum(some) >= 5)
    [(3, 2), (6, 1)]
    """
    if not may_show(units):
        return []
    groups: list[tuple[Key, ...]] = []
    open_group: tuple[Key, ...] = ()
    for unit in units:
        open_group = (*open_group, unit)
        if may_show(open_group):
            groups.append(open_group)
            open_group = ()
    while open_group and not may_show(open_group):
        open_group = (*groups.pop(), *open_group)
    return [*groups, open_group] if open_group else groups


def merge_spans(spans: Sequence[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    """Return spans (end exclusive, None: open) as spans that neither overlap nor touch, in order.

    A vacancy that was written down twice, or prolonged by a second row, is one vacancy since its first day.

    Examples
    --------
    >>> merge_spans([(date(2026, 3, 1), None), (date(2026, 1, 1), date(2026, 3, 1))])
    [(datetime.date(2026, 1, 1), None)]
    """
    merged: list[tuple[date, date | None]] = []
    for begin, end in sorted((one for one in spans if one[1] is None or one[1] > one[0]), key=lambda one: one[0]):
        if merged and (merged[-1][1] is None or merged[-1][1] >= begin):
            before, last = merged[-1]
            merged[-1] = (before, None if last is None or end is None else max(last, end))
        else:
            merged.append((begin, end))
    return merged
