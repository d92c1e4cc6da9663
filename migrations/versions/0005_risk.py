"""fitted classifiers, lists of a week, stored backtests, objections

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Column, and what it points to.
RUN_LINKS = (("classifier_id", "risk_classifiers"), ("adoption_id", "threshold_adoptions"))


def upgrade() -> None:
    _create_classifiers()
    for column, table in RUN_LINKS:
        _add_link("risk_runs", column, table)
    op.add_column("risk_runs", sa.Column("ranked_by", sa.String(length=20), server_default="classifier",
                                         nullable=False))
    op.add_column("risk_runs", sa.Column("min_count", sa.Integer(), nullable=True))
    op.add_column("risk_scores", sa.Column("in_scope", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("risk_scores", sa.Column("features", sa.Text(), server_default="{}", nullable=False))
    op.add_column("threshold_adoptions", sa.Column("capacity_per_week", sa.Integer(), nullable=True))
    _create_listings()
    _create_backtests()
    _create_objections()


def _create_classifiers() -> None:
    op.create_table(
        "risk_classifiers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=12), nullable=False),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("base_rate", sa.Float(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_classifiers")),
    )
    op.create_index(op.f("ix_risk_classifiers_as_of"), "risk_classifiers", ["as_of"])


def _add_link(table: str, column: str, other: str) -> None:
    """Add a column that points to another table; SQLite can, but only in words of its own."""
    name = op.f(f"fk_{table}_{column}")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {other} (id)")
    else:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(name, table, other, [column], ["id"])
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _create_listings() -> None:
    op.create_table(
        "risk_listings",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=False),
        sa.Column("list", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("adoption_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["risk_runs.id"], name=op.f("fk_risk_listings_run_id")),
        sa.ForeignKeyConstraint(["adoption_id"], ["threshold_adoptions.id"], name=op.f("fk_risk_listings_adoption_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_listings")),
        sa.UniqueConstraint("run_id", "place_code", name=op.f("uq_risk_listings_run_id_place_code")),
    )
    for column in ("as_of", "place_code", "adoption_id"):
        op.create_index(op.f(f"ix_risk_listings_{column}"), "risk_listings", [column])


def _create_backtests() -> None:
    op.create_table(
        "risk_backtests",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("from_week", sa.Integer(), nullable=False),
        sa.Column("to_week", sa.Integer(), nullable=False),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("predictions", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_backtests")),
    )
    op.create_index(op.f("ix_risk_backtests_as_of"), "risk_backtests", ["as_of"])


def _create_objections() -> None:
    op.create_table(
        "risk_objections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("place_code", sa.String(length=40), nullable=True),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["risk_runs.id"], name=op.f("fk_risk_objections_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_objections")),
    )
    for column in ("place_code", "run_id"):
        op.create_index(op.f(f"ix_risk_objections_{column}"), "risk_objections", [column])


def downgrade() -> None:
    for table in ("risk_objections", "risk_backtests", "risk_listings"):
        op.drop_table(table)
    op.drop_column("threshold_adoptions", "capacity_per_week")
    op.drop_column("risk_scores", "features")
    op.drop_column("risk_scores", "in_scope")
    with op.batch_alter_table("risk_runs") as batch:
        for column, _ in RUN_LINKS:
            batch.drop_index(op.f(f"ix_risk_runs_{column}"))
            batch.drop_column(column)  # and its link with it
        batch.drop_column("ranked_by")
        batch.drop_column("min_count")
    op.drop_table("risk_classifiers")
