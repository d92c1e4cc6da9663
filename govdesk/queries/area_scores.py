"""What of the county's scores an account with an area is told: nothing by which the number of another place is had.

A score is fitted, ranked and explained over all villages of the county. Of its parts, the county's course is a ratio of
the county's sums and that of the neighbours a ratio of a few villages' sums: each is told as a number only where at
least three townships lie outside (`rules.comparing`), that of the neighbours never.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.comparing import may_see_county
from govdesk.queries.frames import MAYBE_COUNT, make_column
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.rules.comparing import say_push
from govdesk.tables import RiskRun, RiskScore
from models.candidate_features import CANDIDATE_GROUPS, groups_of
from models.features import OWN_FEATURES

#: The group whose records are those of other villages.
_OTHERS = "neighbours"
_RANKS = ("rank", "baseline_rank")


@reads("view_warnings")
def limit_scores(connection: Connection, scope: Scope, run_id: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `risk_runs.read_scores` as the caller may see them; those of the whole county as they are."""
    as_of = None if scope.area_code is None else connection.scalar(select(RiskRun.as_of).where(RiskRun.id == run_id))
    if as_of is None:
        return rows
    sees_county = may_see_county(connection, scope, as_of)
    if "reasons" in rows:
        rows["reasons"] = make_column([_limit_reasons(one, sees_county) for one in rows["reasons"]], "object")
    if "contributions" in rows:
        rows["contributions"] = make_column(
            [say_parts(one) if hides_parts(one, sees_county) else one for one in rows["contributions"]], "object")
    if "features" in rows:
        rows["features"] = make_column(
            [{} if hides_parts(one, sees_county) else one for one in rows["features"]], "object")
    for name in () if sees_county else set(rows) & set(_RANKS):
        rows[name] = _count_ranks(connection, scope, run_id, rows[name], name)
    return rows


def hides_parts(features: Mapping[str, Any], sees_county: bool) -> bool:
    """Return whether the parts of a score with these features are told in bands only."""
    return not sees_county or _OTHERS in groups_of(features)


def say_parts(contributions: Mapping[str, float]) -> dict[str, float]:
    """Return by −1, 0 or 1 what pushes a score: the place's own history and its groups, one feature for each.

    The base and the county's course are left out, and so is the group of the neighbours: with them and the probability
    every part could be had by a subtraction.
    """
    own = sum(contributions.get(name, 0.0) for name in OWN_FEATURES)
    groups = {group: sum(contributions.get(name, 0.0) for name in CANDIDATE_GROUPS[group])
              for group in groups_of(contributions) if group != _OTHERS}
    return {OWN_FEATURES[0]: float(say_push(own))} | {
        CANDIDATE_GROUPS[group][0]: float(say_push(part)) for group, part in groups.items()}


def _limit_reasons(reasons: list[dict[str, Any]], sees_county: bool) -> list[dict[str, Any]]:
    """Take out what counts other villages: the county's sum where it gives one back, the neighbours always."""
    kept = [one for one in reasons if one.get("group") != _OTHERS]
    if sees_county:
        return kept
    return [{**one, "n_county": None, "n_places": None} if "n_county" in one else one for one in kept]


def _count_ranks(connection: Connection, scope: Scope, run_id: int, ranks: pd.Series, name: str) -> pd.Series:
    """Return the ranks among the caller's own places: a gap would tell how another place was scored."""
    column = getattr(RiskScore, name)
    own = np.array(sorted(connection.scalars(select(column).where(
        RiskScore.run_id == run_id, within_area(scope, RiskScore.place_code), column.is_not(None)))), dtype=np.int64)
    return pd.Series([pd.NA if pd.isna(one) else int(np.searchsorted(own, one)) + 1 for one in ranks],
                     index=ranks.index, dtype=MAYBE_COUNT)
