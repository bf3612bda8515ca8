"""Common issues."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "issues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("cluster_key", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("must_review", sa.Boolean(), nullable=False),
        sa.Column("dismissed_voices", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'dismissed' OR dismissed_voices > 0", name=op.f("ck_issues_dismissed_has_size")
        ),
        sa.CheckConstraint(
            "state IN ('candidate', 'dismissed', 'accepted', 'scheduled', 'met', 'acting', 'reviewing', 'done', 'long_term', 'raised')",
            name=op.f("ck_issues_state_known"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_issues_version_from_one")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_issues_area_code")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_issues_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("number", name=op.f("uq_issues_number")),
    )
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issues_area_code"), ["area_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_issues_cluster_key"), ["cluster_key"], unique=False)
        batch_op.create_index("ix_issues_state_opened", ["state", "opened_at", "id"], unique=False)
    op.create_table(
        "issue_cases",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "removed_by IS NULL OR removed_at IS NOT NULL", name=op.f("ck_issue_cases_removed_has_moment")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_issue_cases_added_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_issue_cases_case_id")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_cases_issue_id")),
        sa.ForeignKeyConstraint(["removed_by"], ["users.id"], name=op.f("fk_issue_cases_removed_by")),
        sa.PrimaryKeyConstraint("issue_id", "case_id", name=op.f("pk_issue_cases")),
    )
    with op.batch_alter_table("issue_cases", schema=None) as batch_op:
        batch_op.create_index(
            "uq_issue_cases_case",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
    op.create_table(
        "issue_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "action IN ('propose', 'propose_again', 'must_review', 'accept', 'dismiss', 'split', 'add_cases', 'remove_cases', 'edit', 'message', 'schedule', 'unschedule', 'meet', 'act', 'review', 'finish', 'lengthen', 'raise_up', 'reopen')",
            name=op.f("ck_issue_events_action_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('candidate', 'dismissed', 'accepted', 'scheduled', 'met', 'acting', 'reviewing', 'done', 'long_term', 'raised')",
            name=op.f("ck_issue_events_to_state_known"),
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_events_issue_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_issue_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_events")),
        sa.UniqueConstraint("issue_id", "version", name=op.f("uq_issue_events_issue_id_version")),
    )
    op.create_table(
        "issue_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_messages_issue_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["users.id"], name=op.f("fk_issue_messages_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_issue_messages_key")),
    )
    with op.batch_alter_table("issue_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issue_messages_issue_id"), ["issue_id"], unique=False)
    op.create_table(
        "issue_voices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_voices_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_voices")),
        sa.UniqueConstraint("issue_id", "device_hash", name=op.f("uq_issue_voices_issue_id_device_hash")),
    )
    op.create_table(
        "grouping_rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("is_obeyed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('in', 'out')", name=op.f("ck_grouping_rulings_kind_known")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_grouping_rulings_issue_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_grouping_rulings_report_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grouping_rulings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grouping_rulings")),
        sa.UniqueConstraint("report_id", "issue_id", name=op.f("uq_grouping_rulings_report_id_issue_id")),
    )
    with op.batch_alter_table("grouping_rulings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grouping_rulings_issue_id"), ["issue_id"], unique=False)
        batch_op.create_index(
            "ix_grouping_rulings_open",
            ["at", "id"],
            unique=False,
            sqlite_where=sa.text("NOT is_obeyed"),
            postgresql_where=sa.text("NOT is_obeyed"),
        )


def downgrade() -> None:
    op.drop_table("grouping_rulings")
    op.drop_table("issue_voices")
    op.drop_table("issue_messages")
    op.drop_table("issue_events")
    op.drop_table("issue_cases")
    op.drop_table("issues")
