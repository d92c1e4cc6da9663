"""weekly counts by district

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: The index that repeats could not be counted from.
BEFORE = ["is_counted", "week_occurred", "stream", "category", "weight", "recorded_at", "place_code", "cell_county",
          "cell_township", "concerns_unit"]


def upgrade() -> None:
    op.create_table(
        "place_weeks",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("week_from", sa.Integer(), nullable=False),
        sa.Column("week_to", sa.Integer(), nullable=False),
        sa.Column("district_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("code", "week_from", name=op.f("pk_place_weeks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "weekly_counts",
        sa.Column("about", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "about", "part", "value", "place_code", "week", "stream", "kind", name=op.f("pk_weekly_counts")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("incidents") as batch:
        batch.drop_index("ix_incidents_counting")
        batch.create_index("ix_incidents_counting", [*BEFORE[:9], "petition_kind", "repeat_of", BEFORE[9]])


def downgrade() -> None:
    with op.batch_alter_table("incidents") as batch:
        batch.drop_index("ix_incidents_counting")
        batch.create_index("ix_incidents_counting", BEFORE)
    op.drop_table("weekly_counts")
    op.drop_table("place_weeks")
