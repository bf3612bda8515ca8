"""Action items, and promises of more than cases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


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


def downgrade() -> None:
    op.drop_table("action_items")
