"""Fitted classifiers, scoring runs, scores of villages (never of persons), weekly lists, backtests and thresholds."""

from datetime import date, datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, true
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Date

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class RiskClassifier(Base):
    """A fitted classifier of one label, as known on one as-of date; it is never changed."""

    __tablename__ = "risk_classifiers"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    as_of: Mapped[date] = mapped_column(Date, index=True, doc="a Monday; nothing known on or after it was used")
    label: Mapped[str] = mapped_column(String(12), doc="elevated, onset, surge")
    horizon_weeks: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text, doc="JSON of models.escalation.Classifier")
    n_rows: Mapped[int] = mapped_column(Integer)
    base_rate: Mapped[float] = mapped_column(Float)
    data_version: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class RiskRun(Base):
    """One scoring of all villages at one as-of date for one label; a run never overwrites another."""

    __tablename__ = "risk_runs"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    as_of: Mapped[date] = mapped_column(Date, index=True)
    label: Mapped[str] = mapped_column(String(12), doc="elevated, onset, surge")
    horizon_weeks: Mapped[int] = mapped_column(Integer)
    classifier: Mapped[str] = mapped_column(Text, doc="the fitted classifier as JSON; empty: there was none")
    classifier_id: Mapped[int | None] = mapped_column(
        ForeignKey("risk_classifiers.id"), index=True, doc="null: none could be fitted")
    ranked_by: Mapped[str] = mapped_column(String(20), server_default="classifier", doc="classifier or eb52")
    min_count: Mapped[int | None] = mapped_column(Integer, doc="the label's count; null where each village has its own")
    adoption_id: Mapped[int | None] = mapped_column(
        ForeignKey("threshold_adoptions.id"), index=True, doc="thresholds of its list; null: the default ones")
    data_version: Mapped[int] = mapped_column(Integer)
    base_rate: Mapped[float | None] = mapped_column(Float)
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class RiskScore(Base):
    """One village in one run."""

    __tablename__ = "risk_scores"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("risk_runs.id"))
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    probability: Mapped[float | None] = mapped_column(Float, doc="null: too few records to tell")
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    rank: Mapped[int | None] = mapped_column(Integer)
    baseline_rank: Mapped[int | None] = mapped_column(Integer)
    usual_level: Mapped[float | None] = mapped_column(Float)
    in_scope: Mapped[bool] = mapped_column(Boolean, server_default=true(), doc="of the run's label")
    features: Mapped[str] = mapped_column(Text, server_default="{}", doc="JSON: feature → value")
    contributions: Mapped[str] = mapped_column(Text, doc="JSON: feature → log-odds, and base; they sum to the score")
    reasons: Mapped[str] = mapped_column(Text, doc="JSON: reasons as codes and numbers")

    __table_args__ = (Unique("run_id", "place_code"), Index("ix_risk_scores_rank", "run_id", "rank"))


class RiskListing(Base):
    """One village on the list of one week."""

    __tablename__ = "risk_listings"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("risk_runs.id"), doc="the run of label elevated")
    as_of: Mapped[date] = mapped_column(Date, index=True)
    place_code: Mapped[str] = mapped_column(String(40), index=True)
    list: Mapped[str] = mapped_column("list", String(8), doc="usual (usually high) or quiet (quiet until now)")
    position: Mapped[int] = mapped_column(Integer, doc="within its list, from 1")
    adoption_id: Mapped[int | None] = mapped_column(ForeignKey("threshold_adoptions.id"), index=True)

    __table_args__ = (Unique("run_id", "place_code"),)


class RiskBacktest(Base):
    """A stored backtest of all labels: its figures, and the weekly predictions that the screens read."""

    __tablename__ = "risk_backtests"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    as_of: Mapped[date] = mapped_column(Date, index=True, doc="a Monday; only what was known before it was used")
    level: Mapped[str] = mapped_column(String(20), doc="level of the places")
    from_week: Mapped[int] = mapped_column(Integer)
    to_week: Mapped[int] = mapped_column(Integer)
    horizon_weeks: Mapped[int] = mapped_column(Integer)
    data_version: Mapped[int] = mapped_column(Integer)
    report: Mapped[str] = mapped_column(Text, doc="JSON: figures by label, placebo, ablation, horizons, notes")
    predictions: Mapped[bytes] = mapped_column(LargeBinary, doc="parquet (zstd): a row per week, village and label")
    by: Mapped[str] = mapped_column("by", String(40))
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class ThresholdAdoption(Base):
    """Who adopted which workload, split of the lists and band edges, why, and what the backtest said then."""

    __tablename__ = "threshold_adoptions"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40))
    visits_per_week: Mapped[int] = mapped_column(Integer)
    share_quiet: Mapped[float] = mapped_column(Float, doc="share of the visits given to 'quiet until now'")
    band_edges: Mapped[str] = mapped_column(Text, doc="JSON: red, orange, yellow probabilities")
    reason: Mapped[str] = mapped_column(Text)
    backtest: Mapped[str] = mapped_column(Text, doc="JSON: figures of that moment")
    capacity_per_week: Mapped[int | None] = mapped_column(Integer, doc="visits that the office can make; null: unknown")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("threshold_adoptions.id"), index=True)


class GroupAdoption(Base):
    """Who decided which groups of candidate features are to enter the score of a label, why, and what their trial said.

    The newest of a label holds, from the next backtest on (`queries.candidate_groups`).
    """

    __tablename__ = "group_adoptions"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40))
    label: Mapped[str] = mapped_column(String(12), index=True, doc="elevated, onset, surge")
    group_codes: Mapped[str] = mapped_column(Text, doc="JSON: list of groups; empty: none")
    reason: Mapped[str] = mapped_column(Text, doc="masked")
    trial: Mapped[str] = mapped_column(Text, doc="JSON: by group, the figures of its trial at that moment")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("group_adoptions.id"), index=True)


class RiskObjection(Base):
    """An office or a village committee objects to a score; answered or open. Never about a person."""

    __tablename__ = "risk_objections"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    by: Mapped[str] = mapped_column("by", String(40))
    place_code: Mapped[str | None] = mapped_column(String(40), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("risk_runs.id"), index=True)
    text: Mapped[str] = mapped_column(Text, doc="masked")
    answer: Mapped[str | None] = mapped_column(Text, doc="masked")
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
