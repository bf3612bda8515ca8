"""Action items, and promises of more than cases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


CASE_KINDS = (
    "'accept', 'info', 'dispatch', 'sign', 'contact', 'stage', 'done', 'redo', 'verify', 'confirm', 'review'"
)
MORE_KINDS = f"{CASE_KINDS}, 'issue_review', 'item'"
ONE_MATTER = (
    "(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN issue_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN item_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    op.create_table(
        "action_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("department_code", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('closed', 'long_term', 'raised')) = (ended_at IS NOT NULL)",
            name=op.f("ck_action_items_ended_has_moment"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_progress', 'done_claimed', 'closed', 'long_term', 'raised')",
            name=op.f("ck_action_items_state_known"),
        ),
        sa.CheckConstraint(
            "agenda_item_id IS NULL OR meeting_id IS NOT NULL",
            name=op.f("ck_action_items_agenda_has_meeting"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_action_items_version_from_one")),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_action_items_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_action_items_department_code")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_action_items_issue_id")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_action_items_made_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_action_items_meeting_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_action_items_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
        sa.UniqueConstraint("number", name=op.f("uq_action_items_number")),
    )
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_items_department_code"), ["department_code"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_action_items_issue_id"), ["issue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_items_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index("ix_action_items_state_due", ["state", "due_on", "id"], unique=False)
    keep_what_happens_to_items()
    look_back()
    promise_more_than_cases()


def keep_what_happens_to_items() -> None:
    op.create_table(
        "action_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "action IN ('make', 'take_on', 'note', 'claim', 'accept', 'send_back', 'ask_time', 'extend', 'lengthen', 'raise_up')",
            name=op.f("ck_action_events_action_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('open', 'in_progress', 'done_claimed', 'closed', 'long_term', 'raised')",
            name=op.f("ck_action_events_to_state_known"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["action_items.id"], name=op.f("fk_action_events_item_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_action_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_events")),
        sa.UniqueConstraint("item_id", "version", name=op.f("uq_action_events_item_id_version")),
    )
    op.create_table(
        "action_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_action_photos_has_size")),
        sa.ForeignKeyConstraint(["item_id"], ["action_items.id"], name=op.f("fk_action_photos_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_photos")),
    )
    with op.batch_alter_table("action_photos") as batch_op:
        batch_op.create_index(op.f("ix_action_photos_item_id"), ["item_id"], unique=False)


def look_back() -> None:
    op.create_table(
        "look_backs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before_count", sa.Integer(), nullable=False),
        sa.Column("after_count", sa.Integer(), nullable=False),
        sa.Column("before_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_look_backs_days_positive")),
        sa.CheckConstraint("since_at >= decided_at", name=op.f("ck_look_backs_done_after_decided")),
        sa.CheckConstraint(
            "before_count >= 0 AND after_count >= 0 AND before_days >= 0",
            name=op.f("ck_look_backs_counts_from_zero"),
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_look_backs_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_backs")),
        sa.UniqueConstraint(
            "issue_id", "since_at", "days", name=op.f("uq_look_backs_issue_id_since_at_days")
        ),
    )
    with op.batch_alter_table("look_backs") as batch_op:
        batch_op.create_index(
            "ix_look_backs_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("made_at IS NULL"),
            postgresql_where=sa.text("made_at IS NULL"),
        )
    op.create_table(
        "look_back_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IN ('better', 'same', 'worse')", name=op.f("ck_look_back_answers_answer_known")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_look_back_answers_issue_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_look_back_answers_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_back_answers")),
        sa.UniqueConstraint(
            "issue_id",
            "since_at",
            "device_hash",
            name=op.f("uq_look_back_answers_issue_id_since_at_device_hash"),
        ),
    )


def promise_more_than_cases() -> None:
    with op.batch_alter_table("clocks") as batch_op:
        batch_op.add_column(sa.Column("issue_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("item_id", sa.Integer(), nullable=True))
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column(
            "kind", existing_type=sa.String(length=10), type_=sa.String(length=20), existing_nullable=False
        )
        batch_op.create_foreign_key(op.f("fk_clocks_issue_id"), "issues", ["issue_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_clocks_item_id"), "action_items", ["item_id"], ["id"])
        batch_op.drop_constraint(op.f("ck_clocks_kind_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_clocks_kind_known"), f"kind IN ({MORE_KINDS})")
        batch_op.create_check_constraint(op.f("ck_clocks_of_one_matter"), ONE_MATTER)
        batch_op.create_index(op.f("ix_clocks_issue_id"), ["issue_id"], unique=False)
        batch_op.create_index(op.f("ix_clocks_item_id"), ["item_id"], unique=False)
    with op.batch_alter_table("escalations") as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("notices") as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("recipients", sa.JSON(), nullable=True))


def downgrade() -> None:
    promise_cases_alone()
    for table in ("look_back_answers", "look_backs", "action_photos", "action_events", "action_items"):
        op.drop_table(table)


def promise_cases_alone() -> None:
    named = "case_id IS NULL OR recipients IS NOT NULL"
    for statement in (
        f"DELETE FROM deliveries WHERE notice_id IN (SELECT id FROM notices WHERE {named})",
        f"DELETE FROM notices WHERE {named}",
        "DELETE FROM escalations WHERE case_id IS NULL",
        "DELETE FROM clocks WHERE case_id IS NULL",
    ):
        op.execute(statement)
    with op.batch_alter_table("notices") as batch_op:
        batch_op.drop_column("recipients")
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("escalations") as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("clocks") as batch_op:
        batch_op.drop_index(op.f("ix_clocks_item_id"))
        batch_op.drop_index(op.f("ix_clocks_issue_id"))
        batch_op.drop_constraint(op.f("ck_clocks_of_one_matter"), type_="check")
        batch_op.drop_constraint(op.f("ck_clocks_kind_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_clocks_kind_known"), f"kind IN ({CASE_KINDS})")
        batch_op.drop_constraint(op.f("fk_clocks_item_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_clocks_issue_id"), type_="foreignkey")
        batch_op.drop_column("item_id")
        batch_op.drop_column("issue_id")
        batch_op.alter_column(
            "kind", existing_type=sa.String(length=20), type_=sa.String(length=10), existing_nullable=False
        )
        batch_op.alter_column("case_id", existing_type=sa.Integer(), nullable=False)
