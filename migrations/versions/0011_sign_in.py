"""doors: passwords, sign-ins, failed attempts, sealed audit, settings changed on screen

Revision ID: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("accounts", sa.Column("address_range", sa.String(length=100), nullable=True))
    op.add_column("audit_events", sa.Column("address", sa.String(length=45), nullable=True))
    op.add_column("audit_events", sa.Column("is_refused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "audit_blocks",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("first_event", KEY, nullable=False),
        sa.Column("last_event", KEY, nullable=False),
        sa.Column("n_events", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_blocks")),
    )
    op.create_index("uq_audit_blocks_first_event", "audit_blocks", ["first_event"], unique=True)
    op.create_table(
        "passwords",
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("is_one_time", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_code"], ["accounts.code"], name=op.f("fk_passwords_account_code")),
        sa.PrimaryKeyConstraint("account_code", name=op.f("pk_passwords")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_because", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["account_code"], ["accounts.code"], name=op.f("fk_sign_ins_account_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    op.create_index("uq_sign_ins_token_hash", "sign_ins", ["token_hash"], unique=True)
    op.create_index("ix_sign_ins_account_code", "sign_ins", ["account_code", "ended_at"])
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "setting_changes",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=130), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_changes")),
    )
    op.create_index("ix_setting_changes_subject", "setting_changes", ["subject", "key", "id"])


def downgrade() -> None:
    for table in ("setting_changes", "sign_in_failures", "sign_ins", "passwords", "audit_blocks"):
        op.drop_table(table)
    for column in ("is_refused", "address"):
        op.drop_column("audit_events", column)
    op.drop_column("accounts", "address_range")
