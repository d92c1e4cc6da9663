"""what the import doctor keeps: aliases of places, uploads, profiles made on screen, judged duplicates, undone rows

Revision ID: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "place_aliases",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("alias", sa.String(length=100), nullable=False),
        sa.Column("folded", sa.String(length=100), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_aliases")),
    )
    op.create_index(op.f("ix_place_aliases_folded"), "place_aliases", ["folded"])
    op.create_table(
        "import_profiles",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_profiles")),
    )
    op.create_index(op.f("ix_import_profiles_name"), "import_profiles", ["name"])
    op.create_table(
        "uploads",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_as", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("profile_text", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("committed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_uploads_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_by"), "uploads", ["by"])
    op.create_table(
        "duplicate_verdicts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("other_id", KEY, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_duplicate_verdicts_incident_id")),
        sa.ForeignKeyConstraint(["other_id"], ["incidents.id"], name=op.f("fk_duplicate_verdicts_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_verdicts")),
    )
    for column in ("incident_id", "other_id"):
        op.create_index(op.f(f"ix_duplicate_verdicts_{column}"), "duplicate_verdicts", [column])
    op.create_table(
        "withdrawn_rows",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=130), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_withdrawn_rows_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_rows")),
    )
    op.create_index("ix_withdrawn_rows_batch", "withdrawn_rows", ["batch_id", "table_name"])
    for column in (
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("n_duplicates", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("n_aside", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("profile_text", sa.Text(), nullable=True),
    ):
        op.add_column("import_batches", column)
    for column in (
        sa.Column("sheet", sa.String(length=80), nullable=True),
        sa.Column("value", sa.String(length=80), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
    ):
        op.add_column("row_notes", column)


def downgrade() -> None:
    for column in ("detail", "value", "sheet"):
        op.drop_column("row_notes", column)
    for column in ("profile_text", "n_aside", "n_duplicates", "source"):
        op.drop_column("import_batches", column)
    for table in ("withdrawn_rows", "duplicate_verdicts", "uploads", "import_profiles", "place_aliases"):
        op.drop_table(table)
