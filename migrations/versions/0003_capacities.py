"""legal and mediation capacity by place

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "capacities",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_ref", sa.String(length=80), nullable=False),
        sa.Column("batch_id", key, nullable=True),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_capacities_n")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_capacities_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacities")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_capacities_source_source_ref")),
    )
    with op.batch_alter_table("capacities") as batch:
        batch.create_index(op.f("ix_capacities_batch_id"), ["batch_id"])
        batch.create_index(op.f("ix_capacities_place_code"), ["place_code"])


def downgrade() -> None:
    op.drop_table("capacities")
