"""The ground of an invented county: every cell is a polygon, whatever the seed."""

import numpy as np
import pytest
import shapely

from govdesk.synthetic.county_shape import make_ground
from govdesk.synthetic.process import generator


@pytest.mark.parametrize("seed", [4, 104])
def test_a_cell_that_shrank_to_a_point_is_left_out(seed, monkeypatch):
    """Corners that merge leave such cells on every seed when they merge from further away."""
    monkeypatch.setattr("govdesk.synthetic.county_shape._MERGE_KM", 0.25)
    ground = make_ground(generator(seed, 1))
    assert shapely.is_valid(ground.cells).mean() > 0.9
    assert len(ground.cells) == len(ground.points) == len(ground.height)
    assert ground.edges.max() < len(ground.cells)
    assert np.isfinite(ground.height).all()
