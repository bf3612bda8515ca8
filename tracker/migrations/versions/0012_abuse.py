"""Limits, puzzles, bans, reports kept apart."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

HELD = sa.text("held = 1")
NOT_LIFTED = sa.text("lifted_at IS NULL")


def allow_action(name: str) -> None:
    """Let the history take one more action, whatever others it takes by now; what protects it stays as it is.

    Going down leaves it allowed: rows that hold it are never removed.
    """
    if op.get_bind().dialect.name == "sqlite":
        _allow_on_sqlite(name)
        return
    made = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_history_action_known'"
    actions = re.findall(r"'([a-z_]+)'", op.get_bind().execute(sa.text(made)).scalar_one())
    if name not in actions:
        listed = ", ".join(f"'{each}'" for each in [*actions, name])
        op.drop_constraint(op.f("ck_history_action_known"), "history", type_="check")
        op.create_check_constraint(op.f("ck_history_action_known"), "history", f"action IN ({listed})")


def _allow_on_sqlite(name: str) -> None:
    """The table is made anew from its own words, one of them more."""
    bind = op.get_bind()
    table, *protection = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = 'history' AND sql IS NOT NULL ORDER BY type")
    ).scalars()
    if f"'{name}'" in table:
        return
    wider, times = re.subn(r"(action IN \([^)]*)\)", rf"\1, '{name}')", table)
    if times != 1:
        raise RuntimeError("the history's table says nothing about its actions")
    op.execute(wider.replace("history", "history_anew", 1))
    op.execute("INSERT INTO history_anew SELECT * FROM history ORDER BY position")
    op.execute("DROP TABLE history")
    op.execute("ALTER TABLE history_anew RENAME TO history")
    for statement in protection:
        op.execute(statement)


def upgrade() -> None:
    allow_action("release")
    op.create_table(
        "buckets",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("drain", sa.Double(), nullable=False),
        sa.Column("cap", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_buckets")),
    )
    op.create_table(
        "solved_puzzles",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_solved_puzzles")),
    )
    with op.batch_alter_table("solved_puzzles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_solved_puzzles_ends_at"), ["ends_at"], unique=False)
    op.create_table(
        "device_bans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("banned_by", sa.Integer(), nullable=False),
        sa.Column("banned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until_at > banned_at", name=op.f("ck_device_bans_ends_later")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_device_bans_lifted_by_somebody")
        ),
        sa.ForeignKeyConstraint(["banned_by"], ["users.id"], name=op.f("fk_device_bans_banned_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name=op.f("fk_device_bans_lifted_by")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_device_bans_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_bans")),
    )
    with op.batch_alter_table("device_bans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_bans_report_id"), ["report_id"], unique=False)
        batch_op.create_index(
            "uq_device_bans_running",
            ["device_hash"],
            unique=True,
            sqlite_where=NOT_LIFTED,
            postgresql_where=NOT_LIFTED,
        )
    for name in ("held", "flagged"):  # in SQL: a copy of the table would word its other rules anew
        op.execute(f"ALTER TABLE cases ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_held", ["opened_at"], sqlite_where=HELD, postgresql_where=HELD)
    op.execute("ALTER TABLE reports ADD COLUMN network_mark VARCHAR(32) DEFAULT '' NOT NULL")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index("ix_reports_label_sent", ["sent_at", "label_id"])
        batch_op.create_index("ix_reports_device_sent", ["device_hash", "sent_at"])


def downgrade() -> None:
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index("ix_reports_device_sent")
        batch_op.drop_index("ix_reports_label_sent")
    op.execute("ALTER TABLE reports DROP COLUMN network_mark")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_held", sqlite_where=HELD, postgresql_where=HELD)
    for name in ("flagged", "held"):
        op.execute(f"ALTER TABLE cases DROP COLUMN {name}")
    with op.batch_alter_table("device_bans", schema=None) as batch_op:
        batch_op.drop_index("uq_device_bans_running", sqlite_where=NOT_LIFTED, postgresql_where=NOT_LIFTED)
        batch_op.drop_index(batch_op.f("ix_device_bans_report_id"))
    op.drop_table("device_bans")
    with op.batch_alter_table("solved_puzzles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_solved_puzzles_ends_at"))
    op.drop_table("solved_puzzles")
    op.drop_table("buckets")
