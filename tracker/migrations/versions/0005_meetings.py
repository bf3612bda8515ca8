"""Meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("chair_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'invited', 'held', 'closed', 'cancelled')",
            name=op.f("ck_meetings_state_known"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meetings_ends_after_start")),
        sa.CheckConstraint("version > 0", name=op.f("ck_meetings_version_from_one")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_meetings_area_code")),
        sa.ForeignKeyConstraint(["chair_id"], ["users.id"], name=op.f("fk_meetings_chair_id")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_meetings_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("number", name=op.f("uq_meetings_number")),
    )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meetings_area_code"), ["area_code"], unique=False)
        batch_op.create_index("ix_meetings_starts", ["starts_at", "id"], unique=False)
    op.create_table(
        "agenda_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_agenda_items_issue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_agenda_items_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
        sa.UniqueConstraint("meeting_id", "issue_id", name=op.f("uq_agenda_items_meeting_id_issue_id")),
    )
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_items_issue_id"), ["issue_id"], unique=False)
    op.create_table(
        "pack_notes",
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("costs", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("invite", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_pack_notes_version_from_one")),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_pack_notes_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_pack_notes_saved_by")),
        sa.PrimaryKeyConstraint("agenda_item_id", name=op.f("pk_pack_notes")),
    )
    op.create_table(
        "packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_packs_number_from_one")),
        sa.ForeignKeyConstraint(["frozen_by"], ["users.id"], name=op.f("fk_packs_frozen_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_packs_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
        sa.UniqueConstraint("key", name=op.f("uq_packs_key")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_packs_meeting_id_number")),
    )
    op.create_table(
        "minutes_fields",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_minutes_fields_version_from_one")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_fields_meeting_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_minutes_fields_saved_by")),
        sa.PrimaryKeyConstraint("meeting_id", "name", name=op.f("pk_minutes_fields")),
    )
    op.create_table(
        "minutes_saves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_how", sa.String(length=10), nullable=False),
        sa.CheckConstraint("based_on >= 0", name=op.f("ck_minutes_saves_based_on_positive")),
        sa.CheckConstraint(
            "version IS NULL OR version = based_on + 1", name=op.f("ck_minutes_saves_applied_on_its_base")
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_how = '')", name=op.f("ck_minutes_saves_settled_says_how")
        ),
        sa.CheckConstraint(
            "settled_at IS NULL OR version IS NULL", name=op.f("ck_minutes_saves_only_copies_are_settled")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_saves_meeting_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_minutes_saves_settled_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_minutes_saves_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_saves")),
        sa.UniqueConstraint("meeting_id", "key", "name", name=op.f("uq_minutes_saves_meeting_id_key_name")),
        sa.UniqueConstraint(
            "meeting_id", "name", "version", name=op.f("uq_minutes_saves_meeting_id_name_version")
        ),
    )
    with op.batch_alter_table("minutes_saves", schema=None) as batch_op:
        batch_op.create_index("ix_minutes_saves_meeting", ["meeting_id", "id"], unique=False)
    op.create_table(
        "minutes_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_minutes_versions_number_from_one")),
        sa.CheckConstraint(
            "number = 1 OR reason <> ''", name=op.f("ck_minutes_versions_correction_has_reason")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_minutes_versions_approved_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_minutes_versions_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_versions")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_minutes_versions_meeting_id_number")),
    )


def downgrade() -> None:
    op.drop_table("minutes_versions")
    op.drop_table("minutes_saves")
    op.drop_table("minutes_fields")
    op.drop_table("packs")
    op.drop_table("pack_notes")
    op.drop_table("agenda_items")
    op.drop_table("meetings")
