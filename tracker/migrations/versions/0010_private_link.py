"""Private links that their owner renews or ends, and takes to another phone; a rating given after the yes."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ACTIONS = re.compile(r"action IN \(([^)]*)\)")


def upgrade() -> None:
    _let_history_know("rate")
    op.add_column("reports", sa.Column("link_round", sa.Integer(), server_default="0", nullable=False))
    op.add_column("reports", sa.Column("renewed_hash", sa.String(length=64), nullable=True))
    op.add_column("reports", sa.Column("link_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "reports", sa.Column("is_sender_out", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index("ix_reports_renewed_hash", "reports", ["renewed_hash"], unique=True)
    op.create_index("ix_report_devices_device_hash", "report_devices", ["device_hash"], unique=False)
    op.create_table(
        "link_pairings",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_link_pairings_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_link_pairings")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_pairings_code_hash")),
    )
    op.create_index(op.f("ix_link_pairings_ends_at"), "link_pairings", ["ends_at"], unique=False)
    op.create_table(
        "code_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_tries")),
    )
    op.create_index(op.f("ix_code_tries_at"), "code_tries", ["at"], unique=False)
    op.create_index("ix_code_tries_subject_at", "code_tries", ["subject", "at"], unique=False)


def downgrade() -> None:
    """The wider list of actions stays: rows that need it may be there, and the history is never changed."""
    op.drop_table("code_tries")
    op.drop_table("link_pairings")
    op.drop_index("ix_report_devices_device_hash", table_name="report_devices")
    op.drop_index("ix_reports_renewed_hash", table_name="reports")
    for column in ("is_sender_out", "link_changed_at", "renewed_hash", "link_round"):
        op.execute(f"ALTER TABLE reports DROP COLUMN {column}")


def _let_history_know(action: str) -> None:
    """Let one more action into the history, whichever it knows; what stands there and protects it stays as it is."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        known = re.findall(r"'(\w+)'", bind.execute(sa.text(_CHECK)).scalar_one())
        listed = ", ".join(f"'{name}'" for name in dict.fromkeys([*known, action]))
        op.drop_constraint(op.f("ck_history_action_known"), "history", type_="check")
        op.create_check_constraint(op.f("ck_history_action_known"), "history", f"action IN ({listed})")
        return
    table, *protection = bind.execute(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'history' AND sql IS NOT NULL "
            "ORDER BY type <> 'table', type"
        )
    ).scalars()
    if f"'{action}'" in table:
        return
    op.execute(_ACTIONS.sub(rf"action IN (\1, '{action}')", table).replace("history", "history_anew", 1))
    op.execute("INSERT INTO history_anew SELECT * FROM history ORDER BY position")
    op.execute("DROP TABLE history")
    op.execute("ALTER TABLE history_anew RENAME TO history")
    for statement in protection:
        op.execute(statement)


_CHECK = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_history_action_known'"
