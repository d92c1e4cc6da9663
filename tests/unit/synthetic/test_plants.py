"""What is planted can be found: an office that gets no case closes none too fast."""

import numpy as np
import pytest

from govdesk.synthetic.handling import BY_CATEGORY
from govdesk.synthetic.plants import DEPARTMENTS, WITHOUT_CASES, _with_cases


def test_every_other_department_gets_cases():
    assert {code for code, _ in DEPARTMENTS} - set(BY_CATEGORY.values()) == set(WITHOUT_CASES)


@pytest.mark.parametrize("seed", range(5))
def test_office_without_cases_is_replaced_and_nothing_else(seed):
    offices = np.array(["c-land", "c-education", "t1-gov", "t2-gov", "c-water"], dtype=object)
    found = _with_cases(np.array(["c-education", "c-land", "t1-gov"], dtype=object), offices, "c", seed)
    assert list(found[1:]) == ["c-land", "t1-gov"]
    assert found[0] in {"t2-gov", "c-water"}
    kept = np.array(["c-land", "t1-gov"], dtype=object)
    assert list(_with_cases(kept, offices, "c", seed)) == list(kept)
