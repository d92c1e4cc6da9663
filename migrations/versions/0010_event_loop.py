"""the event loop: clocks and reasons of steps, triage, photos, calls, handovers, intake, webhooks, visit orders

Revision ID: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INBOX = ["status", "handling_unit", "due_at", "is_counted", "weight", "place_code", "stream", "severity",
         "week_occurred", "concerns_unit", "reported_at", "n_reopened"]
QUALITY = ["is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "closed_at", "first_answered_at",
           "outcome", "n_reopened", "stream", "category", "place_code", "handling_unit", "channel", "concerns_unit",
           "due_at", "petition_kind", "lodged_level"]
OPEN = sa.text("status <> 'closed'")
ASKED = sa.text("kind = 'ask_extend'")
PERFORMED = sa.text("performance_due_on IS NOT NULL")
PROMISED = sa.text("promised_on IS NOT NULL")
WITHDRAWN = sa.text("outcome = 'withdrawn'")


def upgrade() -> None:
    for column in (
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("urge_level", sa.Integer(), nullable=True),
        sa.Column("time_limit", sa.String(length=40), nullable=True),
        sa.Column("of_step", KEY, nullable=True),
    ):
        op.add_column("steps", column)
    op.add_column("incidents", sa.Column("answer_due_at", sa.BigInteger(), nullable=True))
    op.drop_index("ix_incidents_quality", "incidents")
    op.create_index("ix_incidents_quality", "incidents", [*QUALITY, "answer_due_at"])
    op.create_index("ix_incidents_inbox", "incidents", INBOX, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_steps_asked", "steps", ["incident_id", "occurred_at"], sqlite_where=ASKED,
                    postgresql_where=ASKED)
    op.create_index("ix_incidents_withdrawn", "incidents", ["week_closed"], sqlite_where=WITHDRAWN,
                    postgresql_where=WITHDRAWN)
    op.create_index("ix_mediations_due", "mediations", ["performance_due_on", "performed_on", "incident_id"],
                    sqlite_where=PERFORMED, postgresql_where=PERFORMED)
    op.create_index("ix_steps_promised", "steps", ["promised_on", "incident_id"], sqlite_where=PROMISED,
                    postgresql_where=PROMISED)
    op.create_index("ix_revisits_day", "revisits", ["revisited_on", "result", "incident_id"])
    op.create_table(
        "mediation_sessions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("mediation_id", KEY, nullable=False),
        sa.Column("source_ref", sa.String(length=80), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("mediator_posts", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_sessions_mediation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_sessions")),
        sa.UniqueConstraint("source_ref", name=op.f("uq_mediation_sessions_source_ref")),
    )
    op.create_index(op.f("ix_mediation_sessions_mediation_id"), "mediation_sessions", ["mediation_id"], unique=False)
    op.create_table(
        "triages",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("step_id", KEY, nullable=False),
        sa.Column("suggested_unit", sa.String(length=40), nullable=True),
        sa.Column("suggested_why", sa.Text(), nullable=True),
        sa.Column("chosen_unit", sa.String(length=40), nullable=False),
        sa.Column("is_followed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_triages_incident_id")),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_triages_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triages")),
    )
    op.create_index(op.f("ix_triages_incident_id"), "triages", ["incident_id"], unique=False)
    op.create_index(op.f("ix_triages_step_id"), "triages", ["step_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("stored_as", sa.String(length=80), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("delete_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_photos_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_incident_id"), "photos", ["incident_id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source_ref", sa.String(length=80), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("concerns_unit", sa.String(length=40), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.Column("by_post", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_calls_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("source_ref", name=op.f("uq_calls_source_ref")),
    )
    op.create_index(op.f("ix_calls_incident_id"), "calls", ["incident_id"], unique=False)
    op.create_index(op.f("ix_calls_place_code"), "calls", ["place_code"], unique=False)
    op.create_table(
        "call_steps",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("call_id", KEY, nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=False),
        sa.Column("hop", sa.String(length=12), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("by_post", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_steps_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_steps")),
        sa.UniqueConstraint("call_id", "unit_code", "hop", name=op.f("uq_call_steps_call_id_unit_code_hop")),
    )
    op.create_index(op.f("ix_call_steps_unit_code"), "call_steps", ["unit_code"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source_ref", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=40), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("out_by", sa.String(length=40), nullable=False),
        sa.Column("out_at", sa.BigInteger(), nullable=False),
        sa.Column("in_by", sa.String(length=40), nullable=True),
        sa.Column("in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("source_ref", name=op.f("uq_handovers_source_ref")),
    )
    op.create_index(op.f("ix_handovers_area_code"), "handovers", ["area_code"], unique=False)
    op.create_table(
        "handover_notes",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("handover_id", KEY, nullable=True),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", KEY, nullable=True),
        sa.Column("area_code", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name=op.f("fk_handover_notes_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_notes")),
    )
    op.create_index(op.f("ix_handover_notes_handover_id"), "handover_notes", ["handover_id"], unique=False)
    op.create_table(
        "intake_sources",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("write_hash", sa.String(length=64), nullable=True),
        sa.Column("read_hash", sa.String(length=64), nullable=True),
        sa.Column("unit_code", sa.String(length=40), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_intake_sources")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("unit_code", sa.String(length=40), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("webhook_id", KEY, nullable=False),
        sa.Column("step_id", KEY, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_webhook_deliveries_step_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(op.f("ix_webhook_deliveries_next"), "webhook_deliveries", ["next_at"], unique=False)
    op.create_table(
        "visit_orders",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("risk_score_id", KEY, nullable=True),
        sa.Column("owner_unit", sa.String(length=40), nullable=False),
        sa.Column("owner_post", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ordered_by", sa.String(length=40), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", KEY, nullable=True),
        sa.Column("called_off_by", sa.String(length=40), nullable=True),
        sa.Column("called_off_at", sa.BigInteger(), nullable=True),
        sa.Column("called_off_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["risk_score_id"], ["risk_scores.id"], name=op.f("fk_visit_orders_risk_score_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_orders_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_orders")),
        sa.UniqueConstraint("place_code", "week", "reason", name=op.f("uq_visit_orders_place_code_week_reason")),
    )
    op.create_index(op.f("ix_visit_orders_owner_unit"), "visit_orders", ["owner_unit"], unique=False)
    op.create_index(op.f("ix_visit_orders_visit_id"), "visit_orders", ["visit_id"], unique=False)
    # A new database gets all its subjects at once, after the migrations.
    op.execute("INSERT INTO data_versions (subject, version)"
               " SELECT 'loop', 1 WHERE EXISTS (SELECT 1 FROM data_versions)")


def downgrade() -> None:
    op.execute("DELETE FROM data_versions WHERE subject = 'loop'")
    for table in ("visit_orders", "webhook_deliveries", "webhooks", "intake_sources", "handover_notes", "handovers", "call_steps", "calls", "photos", "triages", "mediation_sessions"):
        op.drop_table(table)
    op.drop_index("ix_steps_asked", "steps")
    op.drop_index("ix_revisits_day", "revisits")
    op.drop_index("ix_steps_promised", "steps")
    op.drop_index("ix_mediations_due", "mediations")
    op.drop_index("ix_incidents_withdrawn", "incidents")
    op.drop_index("ix_incidents_inbox", "incidents")
    op.drop_index("ix_incidents_quality", "incidents")
    op.create_index("ix_incidents_quality", "incidents", QUALITY)
    op.drop_column("incidents", "answer_due_at")
    for column in ("of_step", "time_limit", "urge_level", "reason", "promised_on"):
        op.drop_column("steps", column)
