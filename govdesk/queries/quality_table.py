"""The incidents of a window as arrays: held in memory, they answer every filter without reading the database again.

Of a million incidents a year is read in a quarter of a second, and cut to a filter in a hundredth.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from govdesk.queries.columns import Coded, Integers
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors, find_districts, is_inside, is_of_kind
from govdesk.queries.quality_cohort import (
    By,
    Cohort,
    Flags,
    find_months,
    nothing_to_group_by,
    or_nothing,
    over_cohort,
    read_cohort,
)
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.tables.places import OPEN_WEEK

_FACTS = ("week", "reported", "closed", "answered", "is_unresolved")
#: What a fact is kept as; the rest are seconds.
_SMALL = {"weight": "int8", "week": "int32", "is_unresolved": "int8"}
_TEXTS = {"stream": Incident.stream, "category": Incident.category, "channel": Incident.channel,
          "unit": Incident.handling_unit, "place": Incident.place_code}


@dataclass(frozen=True, slots=True)
class QualityTable:
    """What occurred from a week on and was known at an instant, as far as a scope may see it.

    Attributes
    ----------
    as_of : int
        Second up to which steps count.
    facts : mapping of str to array of int
        ``weight``, ``week``, ``reported``, ``closed``, ``answered``, ``is_unresolved`` (`quality_cohort.FACTS`).
    texts : mapping of str to Coded
        ``stream``, ``category``, ``channel``, ``unit``, ``place`` (empty: not recorded); ``district``, ``village``:
        where the place lay in the week of the incident (empty: nowhere).
    """

    as_of: int
    facts: Mapping[str, npt.NDArray[np.signedinteger]]
    texts: Mapping[str, Coded]

    def cut(
        self, connection: Connection, filters: IncidentFilter, by: By | None = None, texts: tuple[str, ...] = (),
        *, only_closed: datetime | None = None,
    ) -> Cohort:
        """Return the cohort of `filters` as `quality_cohort.read_cohort` reads it, with `texts` of this table.

        Parameters
        ----------
        only_closed : datetime, optional
            Keeps what was closed by then.
        """
        chosen = self._choose(connection, filters)
        if only_closed is not None:
            chosen &= self.facts["closed"] <= int(only_closed.timestamp())
        rows = np.flatnonzero(chosen)
        facts = {name: values[rows].astype("int64") for name, values in self.facts.items()}
        if by is None:
            key = nothing_to_group_by(len(rows))
        elif by == "month":
            key = find_months(facts["reported"], filters.week_from, datetime.fromtimestamp(self.as_of, UTC))
        else:
            key = _take(self.texts[by], rows)
        return Cohort(self.as_of, facts, key, {name: _take(self.texts[name], rows) for name in texts})

    def _choose(self, connection: Connection, filters: IncidentFilter) -> Flags:
        weeks = self.facts["week"]
        chosen: Flags = (weeks >= filters.week_from) & (weeks < filters.week_to)
        for name, codes in (("stream", filters.streams), ("category", filters.categories),
                            ("channel", filters.channels), ("unit", filters.units)):
            if codes:
                text = self.texts[name]
                chosen &= np.isin(text.labels.astype(str), codes)[text.codes]
        if filters.place_code is not None:
            self._narrow(chosen, partial(is_inside, connection, filters.place_code))
        if filters.kinds:
            self._narrow(chosen, partial(is_of_kind, connection, filters.kinds))
        return chosen

    def _narrow(self, chosen: Flags, is_met: Callable[[Coded, Integers], Flags]) -> None:
        rows = np.flatnonzero(chosen)
        chosen[rows] = is_met(_take(self.texts["place"], rows), self.facts["week"][rows].astype("int64"))


def _take(text: Coded, rows: Integers) -> Coded:
    return Coded(text.codes[rows].astype("int64"), text.labels)


@reads("view_overview")
def read_quality_table(connection: Connection, scope: Scope, week_from: int, as_of: datetime) -> QualityTable:
    """Return the table of what occurred in `week_from` or later and was known at `as_of`."""
    filters = IncidentFilter(week_from, OPEN_WEEK)
    found = read_cohort(connection, scope, filters, as_of, _FACTS, rows=over_cohort(scope, filters, as_of),
                        texts={name: or_nothing(column) for name, column in _TEXTS.items()})
    places, weeks = found.texts["place"], found.facts["week"]
    texts = {**found.texts, "district": find_districts(connection, places, weeks),
             "village": find_ancestors(connection, reporting_level(connection) or "", places, weeks)}
    return QualityTable(
        found.as_of, {name: values.astype(_SMALL.get(name, "int64")) for name, values in found.facts.items()},
        {name: Coded(text.codes.astype("int32"), text.labels) for name, text in texts.items()})
