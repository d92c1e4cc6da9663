"""Fills the tiny county with very many incidents by the driver's own bulk insert: for benchmarks of queries."""

from datetime import timedelta

import h3
import numpy as np
from sqlalchemy import Engine

from govdesk.clock import EPOCH_MONDAY, day_start
from govdesk.storage.bulk import insert_rows
from govdesk.storage.engine import write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Incident
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW, SPLIT_ON, STREAMS, UNTIL

CHUNK = 50_000


def build(engine: Engine, n_incidents: int, *, townships: int = 24, villages: int = 15, grids: int = 6,
          weeks: int = 364, seed: int = 1) -> None:
    """Create a county of `townships` × `villages` × `grids` with incidents spread evenly over `weeks`."""
    tiny_county.build(engine, 0, townships=townships, villages=villages, grids=grids)
    rng = np.random.default_rng(seed)
    with write_transaction(engine) as connection:
        for first in range(0, n_incidents, CHUNK):
            rows = _rows(rng, first, min(CHUNK, n_incidents - first), (townships, villages, grids), weeks)
            insert_rows(connection, Incident.__table__, list(rows), zip(*rows.values(), strict=True))
        rebuild(connection)


def _rows(rng, first, n, shape, weeks):
    """Return columns of plain values in the order of the insert."""
    t, v, g = (rng.integers(0, size, n) for size in shape)
    back = np.sort(rng.integers(0, weeks * 7, n))[::-1] if n else []
    days = [UNTIL - timedelta(days=int(d)) for d in range(weeks * 7)]
    starts = np.array([int(day_start(day).timestamp()) for day in days])
    on = (UNTIL - EPOCH_MONDAY).days - back
    reported = starts[back] + 9 * 3600
    closed = reported + rng.integers(0, 60, n) ** 2 // 30 * 86_400 + 7200
    is_open = (closed > NOW.timestamp()) | (rng.random(n) < 0.004)
    names, categories = list(STREAMS), [c for cs in STREAMS.values() for c in cs]
    stream_of = [s for s, cs in STREAMS.items() for _ in cs]
    k = rng.integers(0, len(categories), n)
    split = (t == 0) & (v == 0) & (g == 0) & (on >= (SPLIT_ON - EPOCH_MONDAY).days)
    half = rng.integers(0, 2, n)
    cells = {(a, b): h3.str_to_int(h3.latlng_to_cell(27 + 0.01 * b, 111 + 0.12 * a, 7))
             for a in range(shape[0]) for b in range(shape[1])}
    code = [f"{COUNTY}{a + 1:03d}{b + 1:03d}-{c + 1:02d}" + ("ab"[h] if s else "")
            for a, b, c, s, h in zip(t, v, g, split, half, strict=True)]
    repeat = rng.random(n) < 0.2
    streams = [stream_of[i] for i in k]
    cell = [cells[pair] for pair in zip(t.tolist(), v.tolist(), strict=True)]
    number = range(first + 1, first + n + 1)
    return {
        "id": list(number), "source": ["tiny"] * n, "source_ref": [f"T{i:07d}" for i in number],
        "content_hash": ["0"] * n, "stream": streams, "category": [categories[i] for i in k],
        "channel": ["hotline" if i % 4 == 0 else "grid_worker" for i in number], "weight": [1] * n,
        "petition_kind": [("repeat" if r else "first") if s == names[1] else None
                          for s, r in zip(streams, repeat, strict=True)],
        "severity": (1 + half).tolist(), "place_code": code,
        "lon": (111 + 0.12 * t).round(5).tolist(), "lat": (27 + 0.01 * v).round(5).tolist(),
        "point_kind": ["snapped"] * n, "cell_county": cell, "cell_township": cell,
        "occurred_on": [days[int(b)].isoformat() for b in back], "reported_at": reported.tolist(),
        "recorded_at": reported.tolist(), "is_recorded_assumed": [False] * n, "week_occurred": (on // 7).tolist(),
        "week_known": (on // 7).tolist(), "handling_unit": ["U-LAND"] * n, "is_counted": [1] * n,
        "status": np.where(is_open, "accepted", "closed").tolist(),
        "due_at": (reported + 30 * 86_400).tolist(),
        "closed_at": [None if o else int(c) for o, c in zip(is_open, closed, strict=True)],
        "week_closed": [None if o else int(w) for o, w in zip(
            is_open, (closed + 8 * 3600 - 4 * 86_400) // 604_800, strict=True)],
        "resolution_level": [None if o else ("village" if h else "township") for o, h in zip(is_open, half, strict=True)],
        "outcome": [None if o else "settled" for o in is_open], "n_reopened": [0] * n, "n_steps": [0] * n,
    }
