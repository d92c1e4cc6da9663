"""Parts of data quality that are not about fields: what villages said, what was merged, files, and the change log."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.columns import read_columns, sum_cells
from govdesk.queries.frames import COUNT, DAY, INSTANT, MAYBE_COUNT, TEXT, make_frame, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_districts
from govdesk.queries.quality_cohort import FACTS
from govdesk.queries.reporting_completeness import NIL, REPORTED, SILENT, read_completeness
from govdesk.queries.scoping import visible_incidents
from govdesk.queries.surroundings import is_visible_change, name_place
from govdesk.rules.access import Scope
from govdesk.tables import ImportBatch, Incident, PlaceWeek, SourceChange
from govdesk.tables.places import OPEN_WEEK


@reads("view_data_quality")
def count_voices(connection: Connection, scope: Scope, week_from: int, week_to: int, as_of: datetime) -> pd.DataFrame:
    """Count by district what its villages said in each week: a record, a nil return, nothing.

    Returns
    -------
    DataFrame
        ``district``, ``n_weeks`` (village-weeks), ``n_reported``, ``n_nil`` (a nil return and no record), ``n_silent``
        (neither), ``n_villages``; int64, by code. A nil return was due in ``n_nil + n_silent`` of them.
    """
    names = {"district": TEXT, "n_weeks": COUNT, "n_reported": COUNT, "n_nil": COUNT, "n_silent": COUNT,
             "n_villages": COUNT}
    weeks = read_completeness(connection, scope, None, week_from, week_to, as_of)
    if weeks.empty:
        return make_frame([], names)
    district = {row.code: row.district_code for row in connection.execute(select(
        PlaceWeek.code, PlaceWeek.district_code).where(PlaceWeek.week_to == OPEN_WEEK))}
    weeks = weeks.assign(district=[district.get(code, "") for code in weeks["place_code"]])
    counts = pd.crosstab(weeks["district"], weeks["state"]).reindex(columns=[REPORTED, NIL, SILENT], fill_value=0)
    villages = weeks.groupby("district")["place_code"].nunique()
    rows = [(code, int(row.sum()), *(int(n) for n in row), int(villages[code]))
            for code, row in zip(counts.index, counts.to_numpy(), strict=True)]
    return make_frame(rows, names)


@reads("view_data_quality")
def count_merged(connection: Connection, scope: Scope, week_from: int, week_to: int) -> pd.DataFrame:
    """Count by district what occurred in some weeks and was merged into another record: ``district``, ``n_merged``."""
    rows = select().select_from(Incident).where(
        Incident.is_counted == 0, Incident.merged_into.is_not(None), Incident.week_occurred >= week_from,
        Incident.week_occurred < week_to, visible_incidents(scope))
    found, texts = read_columns(connection, rows, {"week": FACTS["week"], "weight": FACTS["weight"]},
                                {"place": Incident.place_code})
    districts = find_districts(connection, texts["place"], found["week"])
    return sum_cells({"district": districts}, {"n_merged": found["weight"]})


@reads("view_data_quality")
def list_batch_sums(connection: Connection, scope: Scope, since: datetime) -> pd.DataFrame:
    """Return what imports since an instant brought, by profile and kind, undone ones left out, the newest first.

    A file is of many places: for an account of one area there is nothing to return.

    Returns
    -------
    DataFrame
        ``source`` (of the rows; else the profile), ``about``, ``n_batches``, ``n_read``, ``n_rejected``, ``n_masked``
        (int64), ``last_at``.
    """
    names = {"source": TEXT, "about": TEXT, "n_batches": COUNT, "n_read": COUNT, "n_rejected": COUNT,
             "n_masked": COUNT, "last_at": INSTANT}
    if scope.area_code is not None:
        return make_frame([], names)
    source = func.coalesce(ImportBatch.source, ImportBatch.profile)
    statement = (
        select(source, ImportBatch.about, func.count(), func.sum(ImportBatch.n_read),
               func.sum(ImportBatch.n_rejected), func.sum(ImportBatch.n_masked), func.max(ImportBatch.at))
        .where(ImportBatch.at >= since, ImportBatch.withdrawn_at.is_(None))
        .group_by(source, ImportBatch.about).order_by(func.max(ImportBatch.at).desc(), source, ImportBatch.about))
    return read_frame(connection, statement, names)


@reads("view_data_quality")
def list_source_log(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return the changes of sources that concern the caller, the newest first, with who told of them.

    Returns
    -------
    DataFrame
        ``id``, ``on``, ``kind`` (`terms.SourceChangeKind`), ``place_code``, ``place_name`` (both missing: everywhere),
        ``stream``, ``channel`` (missing: all), ``note``, ``recorded_at``, ``by`` (account; missing where no batch is
        known), ``batch_id``, ``file_name``.
    """
    batch = aliased(ImportBatch)
    statement = (
        select(SourceChange.id, SourceChange.on, SourceChange.kind, SourceChange.place_code,
               name_place(SourceChange.place_code), SourceChange.stream, SourceChange.channel, SourceChange.note,
               SourceChange.recorded_at, batch.by, SourceChange.batch_id, batch.file_name)
        .outerjoin(batch, batch.id == SourceChange.batch_id)
        .where(or_(SourceChange.place_code.is_(None), is_visible_change(scope)))
        .order_by(SourceChange.on.desc(), SourceChange.id.desc()))
    return read_frame(connection, statement, {
        "id": COUNT, "on": DAY, "kind": TEXT, "place_code": TEXT, "place_name": TEXT, "stream": TEXT, "channel": TEXT,
        "note": TEXT, "recorded_at": INSTANT, "by": TEXT, "batch_id": MAYBE_COUNT, "file_name": TEXT})
