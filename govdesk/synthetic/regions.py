"""Grows connected regions of micro cells from seeds: by shortest ways over a noisy ground, so that borders wander."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from govdesk.synthetic.county_shape import Floats, Ground, Ints, relax


def cost_edges(ground: Ground, roughness: float = 0.45) -> Floats:
    """Return what it costs to step over each edge: its length times a noisy factor, more across heights."""
    ends = ground.points[ground.edges]
    steps = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    climb = np.abs(np.diff(ground.height[ground.edges], axis=1)[:, 0])
    cost: Floats = steps * np.exp(roughness * ground.warp.at(ends.mean(axis=1))) + 2.0 * climb + 1e-6
    return cost


def make_graph(edges: Ints, costs: Floats, n: int) -> csr_matrix:
    """Return the symmetric graph of edges with their costs."""
    both = np.r_[edges, edges[:, ::-1]]
    return csr_matrix((np.r_[costs, costs], (both[:, 0], both[:, 1])), (n, n))


def grow(edges: Ints, costs: Floats, seeds: Ints, n: int) -> Ints:
    """Return for each node the position of the seed it is nearest to by way; every region is connected."""
    _, _, source = dijkstra(make_graph(edges, costs, n), directed=False, indices=seeds, min_only=True,
                            return_predecessors=True)
    order = np.full(n, -1, dtype=np.int64)
    order[seeds] = np.arange(len(seeds))
    return np.where(source >= 0, order[source], -1)


def spread_seeds(points: Floats, n: int, rounds: int = 4) -> Ints:
    """Return `n` different points spread over a cloud: the farthest from those chosen, then relaxed."""
    middle = points.mean(axis=0)
    chosen = [int(np.hypot(*(points - middle).T).argmax())]
    gaps = np.hypot(*(points - points[chosen[0]]).T)
    while len(chosen) < n:
        chosen.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, np.hypot(*(points - points[chosen[-1]]).T))
    centres = relax(points[chosen], points, rounds)
    taken: list[int] = []
    for centre in centres:
        order = np.hypot(*(points - centre).T).argsort(kind="stable")
        taken.append(next(int(at) for at in order if int(at) not in taken))
    return np.array(taken, dtype=np.int64)


def partition(ground: Ground, costs: Floats, owner: Ints, sizes: Ints) -> Ints:
    """Cut every region into `sizes` connected parts.

    Returns
    -------
    array
        For each cell the number of its part, counted on over all regions in order.
    """
    same = owner[ground.edges[:, 0]] == owner[ground.edges[:, 1]]
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(sizes) + 1))
    seeds = []
    for at, size in enumerate(sizes):
        members = order[bounds[at]:bounds[at + 1]]
        seeds.append(members[spread_seeds(ground.points[members], min(int(size), len(members)))])
    return grow(ground.edges[same], costs[same], np.concatenate(seeds), len(ground.points))


def find_neighbours(edges: Ints, owner: Ints) -> Ints:
    """Return the pairs of regions that touch, the smaller number first."""
    pairs = np.sort(owner[edges], axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def unite(shapes: NDArray[np.object_], owner: Ints, n: int) -> list[shapely.Polygon]:
    """Return the union of the shapes of each region, with the very corners of the parts."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(n + 1))
    united = [shapely.coverage_union_all(shapes[order[bounds[at]:bounds[at + 1]]]) for at in range(n)]
    return [shapely.normalize(shapely.get_parts(shape)[0] if shapely.get_num_geometries(shape) == 1 else shape)
            for shape in united]
