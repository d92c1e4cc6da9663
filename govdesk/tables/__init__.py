"""SQLAlchemy tables, one file a subject. Import the classes from here."""

from govdesk.tables.audit import AuditEvent
from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.brief import BriefEdit
from govdesk.tables.capacity import Capacity
from govdesk.tables.duplicates import DuplicateVerdict
from govdesk.tables.imports import (
    BeforeImage,
    ImportBatch,
    ImportProfile,
    RowNote,
    Sourced,
    Upload,
    WithdrawnRow,
)
from govdesk.tables.incidents import Category, EscalationEvent, Incident, Step
from govdesk.tables.mediation import Mediation, Revisit, Visit
from govdesk.tables.organisation import Account, Post, Unit
from govdesk.tables.places import ContextLayer, Place, PlaceAlias, PlaceAncestor, PlaceChange, PlaceShape
from govdesk.tables.properties import DatabaseProperty, DataVersion
from govdesk.tables.risk import (
    GroupAdoption,
    RiskBacktest,
    RiskClassifier,
    RiskListing,
    RiskObjection,
    RiskRun,
    RiskScore,
    ThresholdAdoption,
)
from govdesk.tables.wall import WallPin
from govdesk.tables.weekly import PlaceWeek, WeeklyCount
from govdesk.tables.works import GridVacancy, NilReturn, SourceChange, WorksProject

__all__ = [
    "Account",
    "AuditEvent",
    "Base",
    "BeforeImage",
    "BriefEdit",
    "Capacity",
    "Category",
    "ContextLayer",
    "DataVersion",
    "DatabaseProperty",
    "DuplicateVerdict",
    "EscalationEvent",
    "GridVacancy",
    "GroupAdoption",
    "ImportBatch",
    "ImportProfile",
    "Incident",
    "Mediation",
    "NilReturn",
    "Place",
    "PlaceAlias",
    "PlaceAncestor",
    "PlaceChange",
    "PlaceShape",
    "PlaceWeek",
    "Post",
    "Revisit",
    "RiskBacktest",
    "RiskClassifier",
    "RiskListing",
    "RiskObjection",
    "RiskRun",
    "RiskScore",
    "RowNote",
    "SourceChange",
    "Sourced",
    "Step",
    "ThresholdAdoption",
    "Unit",
    "Upload",
    "UtcSeconds",
    "Visit",
    "WallPin",
    "WeeklyCount",
    "WithdrawnRow",
    "WorksProject",
]
