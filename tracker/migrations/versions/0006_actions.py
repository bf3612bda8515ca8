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
    promise_more_than_cases()


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
    op.drop_table("action_items")


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
