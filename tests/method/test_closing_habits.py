"""All planted offices are found and hardly another, on counties that were not looked at while the rule was made."""

import json
from datetime import date

import pandas as pd
import pytest

from govdesk.synthetic import files
from models.closing_habits import count_closings, find_closing_habits
from tests.support import sample_county

#: The rule was made on seeds 1 to 3.
UNSEEN = (103, 105)
UNTIL = date(2021, 5, 24)  # a year and a half of records


def closings_of(seed: int) -> pd.DataFrame:
    """Return first closings as a reader of the files sees them."""
    folder = sample_county.make(UNTIL, seed)
    incidents = pd.read_csv(folder / "incidents.csv", usecols=["source_ref", "stream", "reported_at", "handling_unit"],
                            parse_dates=["reported_at"]).set_index("source_ref")
    steps = pd.read_csv(folder / "steps.csv", usecols=["incident_ref", "kind", "occurred_at"], parse_dates=["occurred_at"])
    first = steps[steps["kind"] == "close"].groupby("incident_ref")["occurred_at"].min()
    return incidents.join(first.rename("closed_at"), how="inner").rename(columns={"handling_unit": "unit"})


@pytest.mark.parametrize("seed", UNSEEN)
def test_all_planted_offices_are_found_and_at_most_one_other_in_24(seed):
    found = find_closing_habits(count_closings(closings_of(seed)))
    folder = sample_county.make(UNTIL, seed)
    truth = json.loads((folder.with_name(folder.name + files.TRUTH_SUFFIX) / "facts.json").read_text(encoding="utf-8"))
    n_units = found["unit"].nunique()
    assert n_units > 30
    for habit, planted in (("quick", truth["fast_units"]), ("month_end", truth["batch_units"])):
        named = set(found.loc[found["is_found"] & (found["habit"] == habit), "unit"])
        assert named >= set(planted)
        assert len(named - set(planted)) <= (n_units - len(planted)) / 24
