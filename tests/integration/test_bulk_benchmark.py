"""A small run of the benchmark of the bulk path: equal contents, and clearly less work than to_sql."""

import time

from benchmarks import bulk_import


def test_bulk_equals_to_sql_and_takes_less_work(tmp_path):
    # Processor time, not the clock on the wall: other tests run beside this one.
    assert bulk_import.compare(tmp_path, 30_000, clock=time.process_time) > 1.4
