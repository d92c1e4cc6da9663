"""Reads every file that the office may change, before the first visitor: a slip stops the start, with its row."""

from govdesk.storage.duty_list import check_duty_list
from govdesk.storage.time_limits import check_clocks


def check_reference() -> None:
    """Check duty list, case flow, limits and settings of the clocks."""
    check_duty_list()
    check_clocks()
