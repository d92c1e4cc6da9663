"""The tiny county with everything that counting must get right: corrections, merged rows, hidden units, late entries."""

import h3
import numpy as np
import pandas as pd
from sqlalchemy import Engine, select, text

from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Incident, PlaceAncestor
from tests.support import tiny_county
from tests.support.ready import built_once


@built_once
def build(engine: Engine, n_incidents: int = 900) -> None:
    """Build the tiny county and disturb it, always in the same way."""
    tiny_county.build(engine, n_incidents)
    rng = np.random.default_rng(5)
    cells = [h3.str_to_int(h3.latlng_to_cell(27 + d / 100, 111, 7)) for d in range(5)]
    with write_transaction(engine) as connection:
        for number in range(1, n_incidents + 1):
            u = rng.random(8)
            connection.execute(text(
                "UPDATE incidents SET weight = :weight, is_counted = :counted, concerns_unit = :concerns, "
                "due_at = CASE WHEN :has_due = 1 THEN due_at ELSE NULL END, repeat_of = :repeat_of, "
                "recorded_at = recorded_at + :late * 86400, week_known = week_known + :late / 7, "
                "cell_county = :cell, channel = :channel, "
                "place_code = CASE WHEN :coarse = 1 THEN substr(place_code, 1, 12) ELSE place_code END WHERE id = :id"),
                {"id": number, "weight": -1 if u[0] < 0.05 else 1, "counted": 0 if u[1] < 0.05 else 1,
                 "concerns": "U-LAND" if u[2] < 0.1 else None, "has_due": int(u[3] < 0.7),
                 "repeat_of": 1 + int(u[4] * number) if u[4] < 0.1 and number > 1 else None,
                 "late": 7 * int(u[5] * 15) if u[5] < 0.2 else 0, "cell": cells[int(u[6] * 5)] if u[6] < 0.9 else None,
                 "channel": "hotline" if u[6] < 0.3 else "grid_worker", "coarse": int(u[7] < 0.15)})
        rebuild(connection)


def read(engine: Engine) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return incidents and closure as they are in the tables, for counting by hand."""
    with read_transaction(engine) as connection:
        frames = []
        for table in (Incident, PlaceAncestor):
            result = connection.execute(select(table.__table__))
            rows = result.all()
            frame = pd.DataFrame(rows, columns=list(result.keys()))
            if "cell_county" in frame:  # 60 bits do not fit a float
                frame["cell_county"] = pd.array([row.cell_county for row in rows], dtype="Int64")
            frames.append(frame)
    return frames[0], frames[1]
