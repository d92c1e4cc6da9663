"""indexes for how incidents were handled

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Everything that is asked of the incidents of some weeks.
QUALITY = ["is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "closed_at", "first_answered_at",
           "outcome", "n_reopened", "stream", "category", "place_code", "handling_unit", "channel", "concerns_unit",
           "due_at", "petition_kind", "lodged_level"]
#: What is open, without who handles it and how it came.
OPEN = ["is_counted", "week_closed", "week_known", "stream", "place_code", "category", "weight", "week_occurred",
        "reported_at", "recorded_at", "due_at", "closed_at", "concerns_unit"]
REOPENED = ["is_counted", "week_occurred", "weight", "recorded_at", "reported_at", "stream", "category", "place_code",
            "handling_unit", "channel", "concerns_unit", "n_reopened"]


def upgrade() -> None:
    ever = sa.text("n_reopened > 0")
    op.create_index("ix_incidents_reopened", "incidents", REOPENED, sqlite_where=ever, postgresql_where=ever)
    op.create_index("ix_incidents_quality", "incidents", QUALITY)
    op.drop_index("ix_incidents_open", "incidents")
    op.create_index("ix_incidents_open", "incidents", [*OPEN, "handling_unit", "channel"])


def downgrade() -> None:
    op.drop_index("ix_incidents_open", "incidents")
    op.create_index("ix_incidents_open", "incidents", OPEN)
    op.drop_index("ix_incidents_quality", "incidents")
    op.drop_index("ix_incidents_reopened", "incidents")
