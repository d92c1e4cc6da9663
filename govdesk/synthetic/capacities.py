"""Legal and mediation capacity of the invented county: counted once a year by village, with villages left out.

Orders of size are those of the reports: a legal guide in every village and an adviser in nearly all (seed document
001), some 3,620 volunteer mediators in a county (seed document 003).
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from govdesk.synthetic.process import generator

_CAPACITIES = 61

#: The count stands for this day of each year, and is written down so many days later.
COUNTED_MONTH, COUNTED_DAY, DELAY_DAYS = 1, 15, 12
#: Share of villages that hand in no count in a year.
SHARE_MISSING = 0.06
#: Share of villages that never hand in a count of a kind.
SHARE_NEVER = 0.03
#: Share of villages whose share of an adviser is vacant in a year.
SHARE_WITHOUT_ADVISER = 0.05
#: Volunteers a thousand people, on average.
VOLUNTEERS = 6.0


def capacity_rows(villages: pd.DataFrame, seed: int, first_year: int, until: date) -> pd.DataFrame:
    """Return the counts of each January from `first_year`, of the villages that stood that day.

    Parameters
    ----------
    villages : DataFrame
        ``code``, ``population``, ``begins``, ``ends``.
    seed : int
    first_year : int
    until : date
        Later counts are not drawn.
    """
    rng = generator(seed, _CAPACITIES)
    habit = rng.gamma(4.0, 0.25, len(villages))
    never = rng.random((len(villages), 3)) < SHARE_NEVER
    people = villages["population"].to_numpy(dtype=float) / 1000
    parts = []
    for year in range(first_year, until.year + 1):
        rng = generator(seed, _CAPACITIES, year)
        day = date(year, COUNTED_MONTH, COUNTED_DAY)
        numbers = {
            "legal_guide": 1 + rng.poisson(0.6 + 0.25 * (year - first_year), len(villages)),
            "legal_adviser": (rng.random(len(villages)) >= SHARE_WITHOUT_ADVISER).astype("int64"),
            "volunteer_mediator": rng.poisson(VOLUNTEERS * people * habit),
        }
        missing = never | (rng.random((len(villages), len(numbers))) < SHARE_MISSING)
        stood = np.array([begin <= day < end for begin, end in zip(villages["begins"], villages["ends"], strict=True)])
        for place, (kind, n) in enumerate(numbers.items()):
            kept = stood & ~missing[:, place]
            codes = villages["code"].to_numpy()[kept]
            parts.append(pd.DataFrame({
                "source_ref": f"C{year}-{kind}-" + pd.Series(codes), "place_code": codes, "kind": kind, "n": n[kept],
                "counted_on": pd.Timestamp(day),
                "recorded_at": pd.Timestamp(day) + timedelta(days=DELAY_DAYS, hours=10)}))
    return pd.concat(parts, ignore_index=True)
