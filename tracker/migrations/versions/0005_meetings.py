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
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("door_hash", sa.String(length=64), nullable=True),
        sa.Column("door_sealed", sa.String(length=200), nullable=False),
        sa.Column("counted_by_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'invited', 'held', 'closed', 'cancelled')",
            name=op.f("ck_meetings_state_known"),
        ),
        sa.CheckConstraint("counted_by_hand >= 0", name=op.f("ck_meetings_hand_count_positive")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meetings_ends_after_start")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_meetings_sequence_counts")),
        sa.CheckConstraint("version > 0", name=op.f("ck_meetings_version_from_one")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_meetings_area_code")),
        sa.ForeignKeyConstraint(["chair_id"], ["users.id"], name=op.f("fk_meetings_chair_id")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_meetings_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("door_hash", name=op.f("uq_meetings_door_hash")),
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
        sa.Column("vote_state", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "vote_state IN ('none', 'open', 'closed')", name=op.f("ck_agenda_items_vote_state_known")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_agenda_items_issue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_agenda_items_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
        sa.UniqueConstraint("meeting_id", "issue_id", name=op.f("uq_agenda_items_meeting_id_issue_id")),
    )
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_items_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "meeting_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=False),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "action IN ('plan', 'edit', 'set_agenda', 'set_item', 'set_guests', 'invite', 'sign_in', 'open_vote', 'close_vote', 'count', 'hold', 'close', 'cancel')",
            name=op.f("ck_meeting_events_action_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('planned', 'invited', 'held', 'closed', 'cancelled')",
            name=op.f("ck_meeting_events_to_state_known"),
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_events_meeting_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_meeting_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_events")),
        sa.UniqueConstraint("meeting_id", "version", name=op.f("uq_meeting_events_meeting_id_version")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(length=10), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mail_sealed", sa.String(length=600), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_sealed", sa.String(length=200), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "(answer <> '') = (answered_at IS NOT NULL)", name=op.f("ck_invitations_answer_has_moment")
        ),
        sa.CheckConstraint(
            "(kind = 'department') = (department_code IS NOT NULL)",
            name=op.f("ck_invitations_department_named"),
        ),
        sa.CheckConstraint(
            "(kind = 'reporter') = (report_id IS NOT NULL)", name=op.f("ck_invitations_reporter_has_report")
        ),
        sa.CheckConstraint(
            "(kind = 'reporter') = (token_hash IS NULL)", name=op.f("ck_invitations_mail_has_link")
        ),
        sa.CheckConstraint("answer IN ('', 'yes', 'maybe', 'no')", name=op.f("ck_invitations_answer_known")),
        sa.CheckConstraint(
            "kind IN ('department', 'guest', 'reporter')", name=op.f("ck_invitations_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_invitations_department_code")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_invitations_meeting_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_invitations_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint(
            "meeting_id", "department_code", name=op.f("uq_invitations_meeting_id_department_code")
        ),
        sa.UniqueConstraint(
            "meeting_id", "kind", "number", name=op.f("uq_invitations_meeting_id_kind_number")
        ),
        sa.UniqueConstraint("meeting_id", "report_id", name=op.f("uq_invitations_meeting_id_report_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_department_code"), ["department_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitations_report_id"), ["report_id"], unique=False)

    op.create_table(
        "options",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("hand_count", sa.Integer(), nullable=True),
        sa.Column("hand_counted_by", sa.Integer(), nullable=True),
        sa.Column("hand_counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(hand_count IS NULL) = (hand_counted_by IS NULL) AND (hand_count IS NULL) = (hand_counted_at IS NULL)",
            name=op.f("ck_options_hand_count_has_counter"),
        ),
        sa.CheckConstraint("hand_count >= 0", name=op.f("ck_options_hand_count_positive")),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_options_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(["hand_counted_by"], ["users.id"], name=op.f("fk_options_hand_counted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_options")),
        sa.UniqueConstraint("agenda_item_id", "position", name=op.f("uq_options_agenda_item_id_position")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("department_code", sa.String(length=10), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("invitation_id IS NOT NULL OR name <> ''", name=op.f("ck_sign_ins_somebody")),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_sign_ins_department_code")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_sign_ins_invitation_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_sign_ins_meeting_id")),
        sa.ForeignKeyConstraint(["ticked_by"], ["users.id"], name=op.f("fk_sign_ins_ticked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("meeting_id", "invitation_id", name=op.f("uq_sign_ins_meeting_id_invitation_id")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sign_ins_device",
            ["meeting_id", "device_hash"],
            unique=True,
            sqlite_where=sa.text("device_hash <> ''"),
            postgresql_where=sa.text("device_hash <> ''"),
        )

    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.Column("voter_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_votes_agenda_item_id")
        ),
        sa.ForeignKeyConstraint(["option_id"], ["options.id"], name=op.f("fk_votes_option_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint(
            "agenda_item_id", "device_hash", name=op.f("uq_votes_agenda_item_id_device_hash")
        ),
        sa.UniqueConstraint("agenda_item_id", "voter_hash", name=op.f("uq_votes_agenda_item_id_voter_hash")),
    )
    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_votes_option_id"), ["option_id"], unique=False)
    op.create_table(
        "pack_notes",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("costs", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("invite", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_pack_notes_version_from_one")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_pack_notes_issue_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_pack_notes_meeting_id")),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_pack_notes_saved_by")),
        sa.PrimaryKeyConstraint("meeting_id", "issue_id", name=op.f("pk_pack_notes")),
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
    op.drop_table("votes")
    op.drop_table("sign_ins")
    op.drop_table("options")
    op.drop_table("invitations")
    op.drop_table("meeting_events")
    op.drop_table("agenda_items")
    op.drop_table("meetings")
