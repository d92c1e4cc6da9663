"""How the indicators of case quality are named, written and explained."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from govdesk.queries.quality_recorded import QualityRecorded
from govdesk.rules.indicators import BY_KEY, list_of_section
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.formats import NOTHING, is_known, write_share
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag

#: From so many on a tenth of a per cent means something.
MANY = 1000


def name_of(key: str) -> str:
    """Return the name of a registered indicator.

    Raises
    ------
    KeyError
        When it is not registered: a number without its definition is not shown.
    """
    return t(f"indicator.{BY_KEY[key].key}")


def write_rate(numerator: float, denominator: float) -> str:
    """Return a share in per cent, with a decimal from 1,000 on, or the counts where it is of fewer than 10.

    Examples
    --------
    >>> write_rate(7729, 8213), write_rate(23, 312), write_rate(86, 100), write_rate(2, 7), write_rate(0, 0)
    ('94.1 %', '7.4 %', '86 %', '2/7', '—')
    """
    if denominator >= MANY:
        return f"{100 * numerator / denominator:.1f} %"
    return write_share(int(numerator), int(denominator))


def write_of(numerator: float, denominator: float) -> str:
    """Return what a share is made of, or nothing where it is shown as counts anyhow."""
    return f"{int(numerator):,}/{int(denominator):,}" if denominator >= RATE_MINIMUM else ""


def spell_out(rows: pd.DataFrame, shares: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows with what each share is made of beside it: an export has no small print under a number.

    Parameters
    ----------
    shares : mapping of str to str
        Column of the share, column of what it is made of.
    """
    return rows.assign(**{
        share: [f"{text} ({parts})" if parts else text for text, parts in zip(rows[share], rows[of], strict=True)]
        for share, of in shares.items()})


def write_interval(low: float | None, high: float | None) -> str:
    """Return an interval in per cent, to whole numbers above 10 %."""
    if not (is_known(low) and is_known(high)) or low is None or high is None:
        return NOTHING
    digits = 1 if high < 0.1 else 0
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f} %"


def is_recorded(key: str, recorded: QualityRecorded) -> bool:
    """Return whether the sources record what an indicator needs."""
    needs = BY_KEY[key].needs
    return not needs or bool(getattr(recorded, needs))


def draw_not_recorded(*keys: str) -> None:
    """Say that the sources do not record what these indicators need."""
    names = t("quality.comma").join(name_of(key) for key in keys)
    show(tag("p", t("quality.not_recorded_of", names=names), class_="gd-empty"))


def draw_counting(section: str, window: str) -> None:
    """Draw "how this is counted": every indicator of a part of the page, from the registry."""
    with st.expander(t("quality.how_counted")):
        rows = [tag(
            "tr", tag("th", name_of(one.key), scope="row"),
            *(tag("td", t(f"indicator.{one.key}_{part}")) for part in ("formula", "denominator", "window", "source")),
        ) for one in list_of_section(section)]
        parts = ("name", "formula", "denominator", "window", "source")
        head = tag("tr", *(tag("th", t(f"quality.counting_{part}"), scope="col") for part in parts))
        show(tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="gd-table"), class_="gd-scroll"))
        show(tag("p", t("quality.counting_note", window=window), class_="gd-muted gd-small"))
