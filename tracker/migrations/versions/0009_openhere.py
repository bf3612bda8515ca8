"""What people say of cases that are open already: worse, gone, or not the same."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ACTIONS = "'report', 'file', 'ask_info', 'add_info', 'check', 'found', 'not_found', 'fix_on_spot', 'decline', 'appeal', 'merge', 'split', 'withdraw', 'void', 'dispatch', 'sign', 'request_return', 'grant_return', 'refuse_return', 'contact', 'finish_stage', 'request_extension', 'grant_extension', 'refuse_extension', 'hold', 'resume', 'resolve', 'pass', 'fail', 'confirm', 'lapse', 'dispute', 'reopen', 'note', 'join', 'look', 'reveal_phone'"
WIDER = ACTIONS.replace("'join', ", "'join', 'worse', 'gone', 'still_there', 'seen_gone', ")
INDEXES = {"ix_cases_said_gone": ("gone_at", "gone > 0"), "ix_cases_said_worse": ("opened_at", "worse > 0")}
"""Of all cases these are few, and the desk looks for them often."""


def upgrade() -> None:
    let_history_know()
    count_what_is_said()
    op.create_table(
        "said_gone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_said_gone_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_said_gone")),
        sa.UniqueConstraint("case_id", "device_hash", name=op.f("uq_said_gone_case_id_device_hash")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_said_gone_case_id_key")),
    )
    op.create_table(
        "differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_differences_case_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_differences_place_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_differences_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
        sa.UniqueConstraint("case_id", "device_hash", name=op.f("uq_differences_case_id_device_hash")),
    )
    op.create_index("ix_differences_asked", "differences", ["case_id", "place_id", "category"])
    op.create_index("ix_differences_report", "differences", ["report_id"])


def downgrade() -> None:
    """The wider list of actions stays: rows that need it may be there, and the history is never changed."""
    op.drop_table("differences")
    op.drop_table("said_gone")
    for name in INDEXES:
        op.drop_index(name, table_name="cases")
    for column in ("gone_seen_at", "gone", "gone_at", "worse"):
        op.execute(f"ALTER TABLE cases DROP COLUMN {column}")


def count_what_is_said() -> None:
    """Plain statements: SQLite would otherwise copy the table of cases for each of them."""
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(
        "ALTER TABLE cases ADD COLUMN worse INTEGER DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_cases_worse_positive CHECK (worse >= 0)"
    )
    op.execute(f"ALTER TABLE cases ADD COLUMN gone_at {moment}")
    op.execute(
        "ALTER TABLE cases ADD COLUMN gone INTEGER DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_cases_gone_has_moment CHECK (gone >= 0 AND (gone > 0) = (gone_at IS NOT NULL))"
    )
    op.execute(f"ALTER TABLE cases ADD COLUMN gone_seen_at {moment}")
    for name, (column, where) in INDEXES.items():
        op.create_index(
            name, "cases", [column, "id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )


def let_history_know() -> None:
    """Let four more actions into the history; what stands there stays as it is, and so does what protects it."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_history_action_known"), "history", type_="check")
        op.create_check_constraint(op.f("ck_history_action_known"), "history", f"action IN ({WIDER})")
        return
    parts = bind.execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'history' AND sql IS NOT NULL")
    ).all()
    (table,) = (sql for kind, sql in parts if kind == "table")
    if "'seen_gone'" in table:
        return
    if ACTIONS not in table:
        raise RuntimeError("the history's table is not the one that was made in 0003")
    op.execute(table.replace(ACTIONS, WIDER).replace("history", "history_anew", 1))
    op.execute("INSERT INTO history_anew SELECT * FROM history ORDER BY position")
    op.execute("DROP TABLE history")
    op.execute("ALTER TABLE history_anew RENAME TO history")
    for kind, statement in parts:
        if kind != "table":
            op.execute(statement)
