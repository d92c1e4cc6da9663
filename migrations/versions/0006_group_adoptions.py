"""decisions on groups of candidate features

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "group_adoptions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=False),
        sa.Column("group_codes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("trial", sa.Text(), nullable=False),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["replaces_id"], ["group_adoptions.id"], name=op.f("fk_group_adoptions_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_adoptions")),
    )
    for column in ("label", "replaces_id"):
        op.create_index(op.f(f"ix_group_adoptions_{column}"), "group_adoptions", [column])


def downgrade() -> None:
    op.drop_table("group_adoptions")
