"""an index for how incidents were handled

Revision: 0004
Follows: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ["is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "closed_at", "first_answered_at",
           "outcome", "n_reopened", "stream", "category", "place_code", "handling_unit", "channel", "concerns_unit",
           "due_at", "petition_kind", "lodged_level"]


def upgrade() -> None:
    op.create_index("ix_incidents_quality", "incidents", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_incidents_quality", "incidents")
