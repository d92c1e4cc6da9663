"""What happened to the level of a series at each known break of its source."""

import numpy as np
from scipy import stats

from models.change_scan import Stage
from models.count_dispersion import at_lengths
from models.stretch_likelihood import MIN_BEFORE, MIN_LASTING, cumulate, signed_roots
from models.stretch_measure import Stretch, compare

#: Weeks on either side that a source change is judged by.
AROUND_BREAK = 52


def judge_breaks(stage: Stage, cuts: list[tuple[int, ...]], stretches: list[Stretch]) -> list[Stretch]:
    """Compare the level just after each known break with that just before it."""
    edges_found: dict[int, list[int]] = {}
    for one in stretches:
        edges_found.setdefault(one.series, []).extend((one.first, one.last))
    found: list[Stretch] = []
    for series, edges in enumerate(cuts):
        sums, means = (cumulate(rows[series][None])[0] for rows in (stage.counts, stage.exposure))
        for cut in edges[1:-1]:
            known = sorted({*edges, *edges_found.get(series, [])})
            first = max([cut - AROUND_BREAK, *(at for at in known if at <= cut - MIN_LASTING)])
            last = min([cut + AROUND_BREAK, *(at for at in known if at >= cut + MIN_LASTING)])
            total, exposed = float(sums[last] - sums[first]), float(means[last] - means[first])
            if total < MIN_BEFORE or exposed <= 0:
                continue
            scale = total / exposed
            inside = (float(sums[last] - sums[cut]), float(means[last] - means[cut]) * scale)
            own = stage.omega[series:series + 1]
            omega, out = (at_lengths(own, np.array([n]))[0] for n in (last - cut, cut - first))
            counted, expected = np.array([inside[0]]), np.array([inside[1]])
            root = abs(signed_roots(counted, expected, np.array([total]), (omega, out), np.array([last - cut]),
                                    last - first)[0])
            chance = min(float(2 * stats.norm.sf(root)) * (len(edges) - 2), 1.0)
            one = compare(inside, (total, total), float(omega[0]), last - cut)
            found.append(one._replace(series=series, first=cut, last=edges[-1], earliest=cut, latest=cut,
                                      p_value=chance, at_break=True))
    return found
