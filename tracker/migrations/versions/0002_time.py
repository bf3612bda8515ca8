"""Calendars, clocks, escalations, messages, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "job_processes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_processes")),
    )
    with op.batch_alter_table("job_processes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_processes_beat_at"), ["beat_at"], unique=False)

    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=30), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lag_s", sa.Double(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "job_slots",
        sa.Column("job", sa.String(length=30), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["job_processes.id"], name=op.f("fk_job_slots_process_id")),
        sa.PrimaryKeyConstraint("job", "slot_at", name=op.f("pk_job_slots")),
    )
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(length=10), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_calendars_department_code")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_calendars_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("department_code", "version", name=op.f("uq_calendars_department_code_version")),
    )
    with op.batch_alter_table("calendars", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendars_is_current"), ["is_current"], unique=False)
        batch_op.create_index(
            "uq_calendars_current",
            ["department_code"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )
        batch_op.create_index(
            "uq_calendars_current_of_all",
            ["is_current"],
            unique=True,
            sqlite_where=sa.text("is_current AND department_code IS NULL"),
            postgresql_where=sa.text("is_current AND department_code IS NULL"),
        )

    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address_sealed", sa.String(length=600), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_to", sa.String(length=5), nullable=False),
        sa.CheckConstraint(
            "channel IN ('bell', 'mail', 'webhook', 'chat')", name=op.f("ck_channels_channel_known")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_channels_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("user_id", "channel", name=op.f("uq_channels_user_id_channel")),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_user_id"), ["user_id"], unique=False)

    op.create_table(
        "clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("allowance", sa.String(length=10), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs_from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_rung", sa.Integer(), nullable=False),
        sa.Column("next_rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(state = 'stopped') = (stopped_at IS NOT NULL)", name=op.f("ck_clocks_stopped_has_moment")
        ),
        sa.CheckConstraint(
            "kind IN ('accept', 'info', 'dispatch', 'sign', 'contact', 'stage', 'done', 'redo', 'verify', 'confirm', 'review')",
            name=op.f("ck_clocks_kind_known"),
        ),
        sa.CheckConstraint("state IN ('running', 'paused', 'stopped')", name=op.f("ck_clocks_state_known")),
        sa.CheckConstraint("next_rung >= 1", name=op.f("ck_clocks_rungs_from_one")),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_clocks_calendar_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_clocks_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
    )
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clocks_calendar_id"), ["calendar_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clocks_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_clocks_next_rung",
            ["next_rung_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'running' AND next_rung_at IS NOT NULL"),
            postgresql_where=sa.text("state = 'running' AND next_rung_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_clocks_without_end",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'running' AND next_rung_at IS NULL"),
            postgresql_where=sa.text("state = 'running' AND next_rung_at IS NULL"),
        )

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_notices_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("gathered", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_deliveries_sent_has_moment")
        ),
        sa.CheckConstraint(
            "channel IN ('bell', 'mail', 'webhook', 'chat')", name=op.f("ck_deliveries_channel_known")
        ),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'stuck')", name=op.f("ck_deliveries_state_known")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "notice_id", "recipient", "channel", name=op.f("uq_deliveries_notice_id_recipient_channel")
        ),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_batch"), ["batch"], unique=False)
        batch_op.create_index(
            "ix_deliveries_unseen",
            ["recipient", "id"],
            unique=False,
            sqlite_where=sa.text("channel = 'bell' AND seen_at IS NULL"),
            postgresql_where=sa.text("channel = 'bell' AND seen_at IS NULL"),
        )
        batch_op.create_index(
            "ix_deliveries_waiting",
            ["not_before_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_escalations_case_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"], name=op.f("fk_escalations_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("clock_id", "rung", name=op.f("uq_escalations_clock_id_rung")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalations_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalations_fired_at"), ["fired_at"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_cases_due_at"), ["due_at"], unique=False)

    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lead_user_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            "fk_departments_lead_user_id", "users", ["lead_user_id"], ["id"], use_alter=True
        )


def downgrade() -> None:
    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.drop_constraint("fk_departments_lead_user_id", type_="foreignkey")
        batch_op.drop_column("lead_user_id")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_due_at"))
        batch_op.drop_column("due_at")

    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_escalations_fired_at"))
        batch_op.drop_index(batch_op.f("ix_escalations_case_id"))

    op.drop_table("escalations")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_deliveries_unseen",
            sqlite_where=sa.text("channel = 'bell' AND seen_at IS NULL"),
            postgresql_where=sa.text("channel = 'bell' AND seen_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_deliveries_batch"))

    op.drop_table("deliveries")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notices_open",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_notices_case_id"))

    op.drop_table("notices")
    with op.batch_alter_table("clocks", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_clocks_without_end",
            sqlite_where=sa.text("state = 'running' AND next_rung_at IS NULL"),
            postgresql_where=sa.text("state = 'running' AND next_rung_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_clocks_next_rung",
            sqlite_where=sa.text("state = 'running' AND next_rung_at IS NOT NULL"),
            postgresql_where=sa.text("state = 'running' AND next_rung_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_clocks_case_id"))
        batch_op.drop_index(batch_op.f("ix_clocks_calendar_id"))

    op.drop_table("clocks")
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channels_user_id"))

    op.drop_table("channels")
    with op.batch_alter_table("calendars", schema=None) as batch_op:
        batch_op.drop_index("uq_calendars_current_of_all")
        batch_op.drop_index("uq_calendars_current")
        batch_op.drop_index(batch_op.f("ix_calendars_is_current"))

    op.drop_table("calendars")
    op.drop_table("job_slots")
    op.drop_table("job_runs")
    with op.batch_alter_table("job_processes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_processes_beat_at"))

    op.drop_table("job_processes")
