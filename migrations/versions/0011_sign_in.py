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

#: Seconds that an event is kept at least: 183 days, six months (`rules.audit_seal.SHORTEST_DAYS`).
SHORTEST = 183 * 86_400

# The last line, behind the program's own: what a hand or a mistaken statement would do to the audit is refused by the
# database. Events may go only after their block was marked as removed, and none before its time; of a block only
# removed_at may change, once. Whoever may drop a trigger is found by the seals.
_WHAT = "seal, marks, previous, first_event, last_event, n_events, sealed_at, key_id, id"
GUARDS = {
    "sqlite": (
        """CREATE TRIGGER audit_events_never_change BEFORE UPDATE ON audit_events
           BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
        f"""CREATE TRIGGER audit_events_go_in_time BEFORE DELETE ON audit_events
           WHEN OLD.at > coalesce((SELECT CASE WHEN b.last_event >= OLD.id THEN b.removed_at END FROM audit_blocks b
                WHERE b.first_event <= OLD.id ORDER BY b.first_event DESC LIMIT 1), 0) - {SHORTEST}
           BEGIN SELECT RAISE(ABORT, 'audit events are kept for their time'); END""",
        f"""CREATE TRIGGER audit_blocks_never_change BEFORE UPDATE OF {_WHAT} ON audit_blocks
           BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END""",
        """CREATE TRIGGER audit_blocks_removed_once BEFORE UPDATE ON audit_blocks WHEN OLD.removed_at IS NOT NULL
           BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END""",
        """CREATE TRIGGER audit_blocks_never_go BEFORE DELETE ON audit_blocks
           BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END""",
    ),
    "postgresql": (
        f"""CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
           DECLARE removed bigint;
           BEGIN
             IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_events' THEN
               SELECT CASE WHEN b.last_event >= OLD.id THEN b.removed_at END INTO removed FROM audit_blocks b
                 WHERE b.first_event <= OLD.id ORDER BY b.first_event DESC LIMIT 1;
               IF OLD.at <= coalesce(removed, 0) - {SHORTEST} THEN RETURN OLD; END IF;
             ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_blocks' THEN
               IF OLD.removed_at IS NULL AND (to_jsonb(NEW) - 'removed_at') = (to_jsonb(OLD) - 'removed_at') THEN
                 RETURN NEW;
               END IF;
             END IF;
             RAISE EXCEPTION 'audit is append-only and kept for its time';
           END $guard$""",
        """CREATE TRIGGER audit_events_guard BEFORE UPDATE OR DELETE ON audit_events
           FOR EACH ROW EXECUTE FUNCTION audit_guard()""",
        """CREATE TRIGGER audit_events_guard_all BEFORE TRUNCATE ON audit_events
           FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()""",
        """CREATE TRIGGER audit_blocks_guard BEFORE UPDATE OR DELETE ON audit_blocks
           FOR EACH ROW EXECUTE FUNCTION audit_guard()""",
        """CREATE TRIGGER audit_blocks_guard_all BEFORE TRUNCATE ON audit_blocks
           FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()""",
    ),
}
UNGUARD = {
    "sqlite": tuple(f"DROP TRIGGER {name}" for name in (
        "audit_events_never_change", "audit_events_go_in_time", "audit_blocks_never_change",
        "audit_blocks_removed_once", "audit_blocks_never_go")),
    "postgresql": (
        "DROP TRIGGER audit_events_guard ON audit_events", "DROP TRIGGER audit_events_guard_all ON audit_events",
        "DROP TRIGGER audit_blocks_guard ON audit_blocks", "DROP TRIGGER audit_blocks_guard_all ON audit_blocks",
        "DROP FUNCTION audit_guard()"),
}


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
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_blocks")),
    )
    op.create_index("uq_audit_blocks_first_event", "audit_blocks", ["first_event"], unique=True)
    for column in ("by", "action", "subject", "subject_key"):
        op.create_index(f"ix_audit_events_{column}", "audit_events", [column, "at"])
    op.create_index("ix_audit_events_refused", "audit_events", ["at"], sqlite_where=sa.text("is_refused = 1"),
                    postgresql_where=sa.text("is_refused"))
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
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
    for statement in UNGUARD[op.get_bind().dialect.name]:
        op.execute(statement)
    for column in ("by", "action", "subject", "subject_key", "refused"):
        op.drop_index(f"ix_audit_events_{column}", "audit_events")
    for table in ("setting_changes", "sign_in_failures", "sign_ins", "passwords", "audit_blocks"):
        op.drop_table(table)
    for column in ("is_refused", "address"):
        op.drop_column("audit_events", column)
    op.drop_column("accounts", "address_range")
