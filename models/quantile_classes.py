"""Classes of a map: about equally many places each, with distinct ends that are real numbers of the data."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def find_breaks(values: NDArray[np.float64] | Sequence[float], n_classes: int = 5) -> tuple[float, ...]:
    """Return the upper ends of the classes but the last; a value on an end belongs to the class below it.

    Quantile classes in the presence of ties: plain quantiles of counts coincide (half of the villages have one
    incident) and leave classes empty. Here a class is filled with whole groups of equal values until it holds its
    share of what is left, so that ends are distinct and every class holds at least one value. With no more different
    values than classes each value is a class of its own: small counts are shown as they are.

    Parameters
    ----------
    values : array of float, any shape
        What is coloured; NaN and infinities are left out.
    n_classes : int, default 5
        Most classes there may be.

    Returns
    -------
    tuple of float
        Ascending, distinct, each a value of the data; one less than there are classes; empty for no value or one.

    Notes
    -----
    Quantile classification as in Brewer and Pickle, "Evaluation of methods for classifying epidemiological data on
    choropleth maps in series", Annals of the AAG 92(4), 2002: the method their readers made the fewest errors with.

    Examples
    --------
    >>> find_breaks([1, 1, 1, 1, 1, 2, 3, 9], 3)
    (1.0, 2.0)
    """
    if n_classes < 1:
        message = "a map needs at least one class"
        raise ValueError(message)
    flat = np.asarray(values, dtype="float64").ravel()
    distinct, sizes = np.unique(flat[np.isfinite(flat)], return_counts=True)
    if len(distinct) <= n_classes:
        return tuple(float(value) for value in distinct[:-1])
    return tuple(float(distinct[end]) for end in _class_ends(sizes, n_classes))


def _class_ends(sizes: NDArray[Any], n_classes: int) -> list[int]:
    """Return the index of the last group of each class but the last."""
    ends: list[int] = []
    left = int(sizes.sum())
    group = 0
    for classes_left in range(n_classes, 1, -1):
        share, held = left / classes_left, 0
        last = len(sizes) - classes_left  # every later class needs a group of its own
        while True:
            held += int(sizes[group])
            full = held + (int(sizes[group + 1]) / 2 if group < last else 0) >= share
            group += 1
            if full or group > last:
                break
        ends.append(group - 1)
        left -= held
    return ends
