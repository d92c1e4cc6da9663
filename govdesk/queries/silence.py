"""Which villages said nothing themselves while the hotline took calls from there: the rows behind that sentence."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from govdesk.clock import monday_of
from govdesk.queries.change_series import OWN_CHANNELS, SILENT_WEEKS, read_voices
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, at_level, counted, in_window
from govdesk.queries.frames import DAY, TEXT, make_frame, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor
from govdesk.tables.places import FIRST_WEEK

#: Weeks before the silence from which is told what is usual in a village.
USUAL_WEEKS = 52


@reads("view_data_quality", "view_overview")
def list_silent(connection: Connection, scope: Scope, week: int) -> pd.DataFrame:
    """Return the villages that `change_series.read_silence` counts at the end of `week`, by code.

    By code and not by any figure: silence is not ranked, for no record may mean that nothing happened.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``parent_code``, ``n_calls`` (int64, hotline, in `SILENT_WEEKS` weeks), ``last_own`` (day
        of the last record through a channel of its own up to `week`, missing where there never was one), ``usual``
        (float64: own records in as many weeks, mean of the `USUAL_WEEKS` weeks before; missing where fewer weeks are
        recorded).
    """
    first = week - SILENT_WEEKS + 1
    voices = read_voices(connection, scope, range(first - USUAL_WEEKS, week + 1))
    now, before = voices[voices["week"] >= first], voices[voices["week"] < first]
    sums = now.groupby("place_code")[["n_own", "n_calls"]].sum()
    silent = sums[(sums["n_own"] <= 0) & (sums["n_calls"] > 0)].sort_index()
    if voices["n_own"].sum() == 0:  # no record names such a channel: then silence means nothing
        silent = silent.head(0)
    codes = silent.index.astype("str")
    usual = before.groupby("place_code")["n_own"].sum().reindex(codes).fillna(0) * SILENT_WEEKS / USUAL_WEEKS
    if before.empty or before["week"].min() > first - USUAL_WEEKS + SILENT_WEEKS:
        usual = usual * float("nan")  # less than nearly a year is recorded
    names = list_places(connection, scope, reporting_level(connection) or "", _sunday(week)).set_index("code")
    last = _last_own(connection, scope, codes.tolist(), week).set_index("place_code")["last_own"]
    return pd.DataFrame({
        "code": codes, "name": names["name"].reindex(codes).fillna(pd.Series(codes, index=codes)).to_numpy(),
        "parent_code": names["parent_code"].reindex(codes).to_numpy(), "n_calls": silent["n_calls"].to_numpy(),
        "last_own": last.reindex(codes).to_numpy(), "usual": usual.to_numpy(dtype="float64"),
    })


def _sunday(week: int) -> date:
    return date.fromordinal(monday_of(week + 1).toordinal() - 1)


def _last_own(connection: Connection, scope: Scope, codes: list[str], week: int) -> pd.DataFrame:
    """Return the day of the last own record of each of the villages: ``place_code``, ``last_own``."""
    if not codes:
        return make_frame([], {"place_code": TEXT, "last_own": DAY})
    filters = IncidentFilter(FIRST_WEEK, week + 1, channels=OWN_CHANNELS)
    up = aliased(PlaceAncestor, name="up")
    statement = at_level(
        select(up.ancestor_code, func.max(Incident.occurred_on)).select_from(Incident),
        reporting_level(connection) or "", up,
    ).where(counted(scope, filters), in_window(filters), up.ancestor_code.in_(codes), Incident.weight > 0)
    return read_frame(connection, statement.group_by(up.ancestor_code), {"place_code": TEXT, "last_own": DAY})
