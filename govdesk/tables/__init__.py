"""SQLAlchemy tables, one file a subject. Import the classes from here."""

from govdesk.tables.audit import AuditBlock, AuditEvent
from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.brief import BriefEdit
from govdesk.tables.calls import Call, CallStep
from govdesk.tables.capacity import Capacity
from govdesk.tables.duplicates import DuplicateVerdict
from govdesk.tables.handover import Handover, HandoverNote
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
from govdesk.tables.intake import IntakeSource, Webhook, WebhookDelivery
from govdesk.tables.mediation import Mediation, MediationSession, Revisit, Visit
from govdesk.tables.organisation import Account, Post, Unit
from govdesk.tables.photos import Photo
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
from govdesk.tables.setting_changes import SettingChange
from govdesk.tables.sign_in import Password, SignIn, SignInFailure
from govdesk.tables.triage import Triage
from govdesk.tables.visit_orders import VisitOrder
from govdesk.tables.wall import WallPin
from govdesk.tables.weekly import PlaceWeek, WeeklyCount
from govdesk.tables.works import GridVacancy, NilReturn, SourceChange, WorksProject

__all__ = [
    "Account",
    "AuditBlock",
    "AuditEvent",
    "Base",
    "BeforeImage",
    "BriefEdit",
    "Call",
    "CallStep",
    "Capacity",
    "Category",
    "ContextLayer",
    "DataVersion",
    "DatabaseProperty",
    "DuplicateVerdict",
    "EscalationEvent",
    "GridVacancy",
    "GroupAdoption",
    "Handover",
    "HandoverNote",
    "ImportBatch",
    "ImportProfile",
    "Incident",
    "IntakeSource",
    "Mediation",
    "MediationSession",
    "NilReturn",
    "Password",
    "Photo",
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
    "SettingChange",
    "SignIn",
    "SignInFailure",
    "SourceChange",
    "Sourced",
    "Step",
    "ThresholdAdoption",
    "Triage",
    "Unit",
    "Upload",
    "UtcSeconds",
    "Visit",
    "VisitOrder",
    "WallPin",
    "Webhook",
    "WebhookDelivery",
    "WeeklyCount",
    "WithdrawnRow",
    "WorksProject",
]
