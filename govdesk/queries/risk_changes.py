"""What moved each village's score since the last scoring: data, classifier, places; a band moved by new edges.

The split is `models.explanation.split_change`, in log-odds and in its fixed order. Stored scores hold the values of the
features, so that both ends are reproduced from what was stored; values of today's records for last week's borders are
made anew, and only when a border changed in between (otherwise they are today's).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.clock import week_of
from govdesk.queries.area_scores import hides_parts
from govdesk.queries.candidate_groups import read_group_facts
from govdesk.queries.comparing import may_see_county
from govdesk.queries.panel_facts import read_panel_facts
from govdesk.queries.panel_places import list_panel_places
from govdesk.queries.permission import reads
from govdesk.queries.risk_list import find_thresholds
from govdesk.queries.risk_panel import (
    MOST_WEEKS,
    RiskPanel,
    build_risk_panel,
    find_first_week,
    follow_mergers,
    read_mergers,
)
from govdesk.queries.risk_runs import StoredRun, read_runs, read_scores
from govdesk.rules.access import SYSTEM, Scope
from govdesk.tables import PlaceAncestor, PlaceChange
from govdesk.terms import Level, PlaceChangeKind
from models.candidate_features import CANDIDATE_GROUPS, build_candidates, groups_of
from models.escalation import Classifier
from models.explanation import LinearScore, split_band_change, split_change
from models.features import FeatureBlock, build_features, join_blocks
from models.labels import surge_min_counts
from models.panel import Panel

#: Features that say one thing are one line; county and season are one line for all villages. `OWN` are the memories of
#: the village's own history: they overlap, so that only their sum has a meaning of its own.
OWN = ("recent", "year", "long")
LINES: dict[str, tuple[str, ...]] = {
    "recent": ("eb_tail_memory_13",), "year": ("eb_tail_memory_52", "eb_tail_last_52"), "long": ("eb_tail_memory_156",),
    "common": ("log_min_count", "county_last_4", "county_last_13", "season_sin_1", "season_cos_1", "season_sin_2",
               "season_cos_2"),
    **CANDIDATE_GROUPS,
}

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScoreChanges:
    """Changes of the scores of one label since the scoring before.

    Attributes
    ----------
    since : date
        As-of day of the scoring before.
    rows : DataFrame
        By ``place_code`` (index): ``before``, ``data``, ``classifier``, ``place``, ``after`` (log-odds; NaN where there
        is no score at one of the two times), ``data_<line>`` for each of `LINES` and each feature in none (they sum to
        ``data``), ``probability_before``, ``band_before``, ``band_after`` (0 red … 3 blue, −1 none), ``by_score``,
        ``by_edges`` (bands moved).
    is_withheld : bool
        No rows, for the parts are told in bands only (`queries.area_scores`): two of them are a difference.
    """

    since: date
    rows: pd.DataFrame
    is_withheld: bool = False


def line_of(feature: str) -> str:
    """Return the line a feature belongs to; its own name when it is in none."""
    return next((line for line, features in LINES.items() if feature in features), feature)


@reads("view_warnings")
def read_changes(
    connection: Connection, scope: Scope, label: str, on: date, codes: Sequence[str] | None = None
) -> ScoreChanges | None:
    """Return what moved the scores of the newest scoring up to a day; None without one before it.

    Parameters
    ----------
    label : str
        ``elevated`` or ``onset``.
    codes : sequence of str, optional
        Only these villages.
    """
    runs = read_runs(connection, scope, label, 2, until=on)
    if len(runs) < 2 or any(run.classifier is None for run in runs):
        return None
    after, before = runs
    scores = [_as_line(run) for run in runs]
    sees_county = may_see_county(connection, scope, after.as_of)
    if scope.area_code is not None and any(hides_parts(dict.fromkeys(one.features), sees_county) for one in scores):
        return ScoreChanges(before.as_of, pd.DataFrame(), is_withheld=True)
    now, then = (read_scores(connection, scope, run.id, ("place_code", "probability", "features"), codes)
                 .set_index("place_code") for run in (after, before))
    values = [_spread_values(rows, score) for rows, score in zip((now, then), scores, strict=True)]
    between = _fill_between(connection, values[0], scores[1], (after, before))
    change = split_change((scores[1], values[1]), (scores[0], values[0]), between, LINES)
    bands = _split_bands(connection, (now, then), (after, before))
    lines = change.data_lines.add_prefix("data_")
    return ScoreChanges(before.as_of, pd.concat([change.parts, lines, bands], axis=1))


def _as_line(run: StoredRun) -> LinearScore:
    fitted = Classifier.from_json(run.classifier or "")
    return LinearScore(fitted.features, fitted.coefficients, fitted.centre, fitted.scale, fitted.intercept)


def _spread_values(rows: pd.DataFrame, score: LinearScore) -> pd.DataFrame:
    """Return the stored values of the features, missing where no probability was told."""
    values = pd.DataFrame(rows["features"].tolist(), index=rows.index).reindex(columns=list(score.features))
    return values.astype("float64").where(rows["probability"].notna(), np.nan)


def _fill_between(
    connection: Connection, now: pd.DataFrame, before: LinearScore, runs: tuple[StoredRun, StoredRun]
) -> pd.DataFrame:
    """Return this week's values for last week's borders, with the features of both classifiers."""
    moved = _find_moved(connection, runs) & set(now.index)
    missing = [name for name in before.features if name not in now.columns]
    if not moved and not missing:
        return now
    both = now.reindex(columns=[*now.columns, *missing])
    if missing:
        both[missing] = _make_values(connection, runs).reindex(index=now.index, columns=missing)
    if moved:
        made = _make_values(connection, runs, with_old_borders=True)
        rows = [code for code in made.index if code in moved]
        known = [name for name in both.columns if name in made.columns]
        both.loc[rows, known] = made.loc[rows, known].to_numpy()
    return both.where(now.notna().any(axis=1), np.nan)


def _find_moved(connection: Connection, runs: tuple[StoredRun, StoredRun]) -> set[str]:
    """Return the villages whose borders changed between two scorings; a grid split within its village moves none."""
    # Weeks are dated by their Monday: a border moved in the week of the scoring before moved after that scoring.
    first, until = week_of(runs[1].as_of), week_of(runs[0].as_of)
    closure = PlaceAncestor
    sides = [connection.execute(
        select(closure.code, closure.ancestor_code).where(
            closure.ancestor_level == Level.VILLAGE, column >= first, column <= until)).all()
        for column in (closure.week_to, closure.week_from)]
    ended, begun = ({row.code: row.ancestor_code for row in rows} for rows in sides)
    came = connection.execute(select(PlaceChange.from_code, PlaceChange.to_code).where(
        PlaceChange.on >= runs[1].as_of, PlaceChange.on <= runs[0].as_of,
        PlaceChange.kind != PlaceChangeKind.RENAME)).all()
    pairs = [(ended.get(one), begun.get(other)) for one, other in [*came, *((code, code) for code in ended)]]
    moved = {village for pair in pairs for village in pair if pair[0] != pair[1] and all(pair) and village}
    # A village that took another one in, or gave a part away, may have kept its own rows.
    moved |= {code for pair in came for code in pair}
    return moved | {code for side in (ended, begun) for code, village in side.items() if code == village}


def _make_values(
    connection: Connection, runs: tuple[StoredRun, StoredRun], *, with_old_borders: bool = False
) -> pd.DataFrame:
    """Make the features anew from what was known at the later scoring, in the borders of the one before if asked."""
    # The borders of the last week that the scoring before had records of.
    end, borders = week_of(runs[0].as_of), week_of(runs[1].as_of) - 1 if with_old_borders else None
    day = runs[1].as_of if with_old_borders else runs[0].as_of
    places = list_panel_places(connection, SYSTEM, day)
    facts = read_panel_facts(connection, SYSTEM, week_to=end, horizon_weeks=runs[0].horizon_weeks, borders_of=borders)
    facts = facts[facts["week_known"] < end]
    facts = facts.assign(place_code=follow_mergers(facts["place_code"], read_mergers(connection, day)))
    built = build_risk_panel(facts, places, max(find_first_week(facts), end - MOST_WEEKS), end)
    panel = built.events
    now = np.array([panel.n_weeks])
    values = build_features(panel, _min_counts(panel, runs[0]), runs[0].horizon_weeks, now)
    block = join_blocks(values, _make_groups(connection, built, runs, now))
    return pd.DataFrame(block.values[:, 0, :], index=pd.Index(panel.places), columns=list(block.names))


def _make_groups(
    connection: Connection, panel: RiskPanel, runs: tuple[StoredRun, StoredRun], at: Ints
) -> list[FeatureBlock]:
    """Return the features of the groups that the classifier of the run before used.

    They are made in today's borders: what a moved border did to them counts as data.
    """
    groups = groups_of(Classifier.from_json(runs[1].classifier or "").features)
    if not groups:
        return []
    blocks = build_candidates(read_group_facts(connection, panel), at)
    return [blocks[group] for group in groups if group in blocks]


def _min_counts(panel: Panel, run: StoredRun) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if run.min_count is None:
        return surge_min_counts(panel, run.horizon_weeks)
    return np.full((panel.n_places, panel.n_weeks + 1), float(run.min_count))


def _split_bands(
    connection: Connection, rows: tuple[pd.DataFrame, pd.DataFrame], runs: tuple[StoredRun, StoredRun]
) -> pd.DataFrame:
    """Tell a change of band by the score from one by newly adopted edges."""
    now, then = rows[0]["probability"], rows[1]["probability"].reindex(rows[0].index)
    edges = [find_thresholds(connection, run.adoption_id).band_edges for run in runs]
    bands = split_band_change((then.to_numpy(float), now.to_numpy(float)), (edges[1], edges[0]))
    bands = bands.rename(columns={"before": "band_before", "after": "band_after"}).set_index(now.index)
    return bands.assign(probability_before=then)
