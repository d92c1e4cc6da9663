"""Scoring runs, scores of villages (never of persons) and the adopted thresholds."""

from datetime import date, datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Date

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class RiskRun(Base):
    """One scoring of all villages at one as-of date; a run never overwrites another."""

    __tablename__ = "risk_runs"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    as_of: Mapped[date] = mapped_column(Date, index=True)
    label: Mapped[str] = mapped_column(String(12), doc="elevated, onset, surge")
    horizon_weeks: Mapped[int] = mapped_column(Integer)
    classifier: Mapped[str] = mapped_column(Text, doc="the fitted classifier as JSON")
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
    contributions: Mapped[str] = mapped_column(Text, doc="JSON: feature → log-odds")
    reasons: Mapped[str] = mapped_column(Text, doc="JSON: reasons as codes and numbers")

    __table_args__ = (Unique("run_id", "place_code"), Index("ix_risk_scores_rank", "run_id", "rank"))


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
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("threshold_adoptions.id"), index=True)
