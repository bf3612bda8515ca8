"""The closed loop: places, codes, people, cases, reports, history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

REFUSAL = "the history is never changed or removed"


def _protect_history() -> None:
    """Let the database itself refuse to change the history, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER history_no_{event.lower()} BEFORE {event} ON history "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        # INSERT OR REPLACE removes the row it replaces without asking the trigger on DELETE.
        op.execute(
            "CREATE TRIGGER history_no_replace BEFORE INSERT ON history "
            "WHEN NEW.position <= (SELECT max(position) FROM history) "
            "OR EXISTS (SELECT 1 FROM history WHERE case_id = NEW.case_id AND version = NEW.version) "
            "OR EXISTS (SELECT 1 FROM history WHERE hash = NEW.hash) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON history "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change()"
    )


def upgrade() -> None:
    op.create_table(
        "areas",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["areas.code"], name=op.f("fk_areas_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_areas_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "departments",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departments")),
    )
    op.create_table(
        "history_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_history_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_head")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_failures_login_hash_at", ["login_hash", "at"], unique=False)

    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=10), nullable=False),
        sa.Column("group_zh", sa.String(length=60), nullable=False),
        sa.Column("group_en", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("icon", sa.String(length=20), nullable=False),
        sa.Column("lead_code", sa.String(length=10), nullable=False),
        sa.Column("co_codes", sa.JSON(), nullable=False),
        sa.Column("auto_file", sa.Boolean(), nullable=False),
        sa.Column("auto_dispatch", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("protect_reporter", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("allowances", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["lead_code"], ["departments.code"], name=op.f("fk_categories_lead_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_categories_code_version")),
    )
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.create_index(
            "uq_categories_current",
            ["code"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=160), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("keeper_name", sa.String(length=60), nullable=False),
        sa.Column("keeper_phone_sealed", sa.String(length=200), nullable=False),
        sa.Column("facilities", sa.String(length=200), nullable=False),
        sa.Column("opening_hours", sa.String(length=120), nullable=False),
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name=op.f("ck_places_lat_on_earth")),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name=op.f("ck_places_lon_on_earth")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_places_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint("code", name=op.f("uq_places_code")),
    )
    with op.batch_alter_table("places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_places_area_code"), ["area_code"], unique=False)

    op.create_table(
        "routing_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_code", sa.String(length=10), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("lead_code", sa.String(length=10), nullable=False),
        sa.Column("co_codes", sa.JSON(), nullable=False),
        sa.Column("auto_file", sa.Boolean(), nullable=False),
        sa.Column("auto_dispatch", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_routing_rules_area_code")),
        sa.ForeignKeyConstraint(["lead_code"], ["departments.code"], name=op.f("fk_routing_rules_lead_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
        sa.UniqueConstraint(
            "category_code", "area_code", name=op.f("uq_routing_rules_category_code_area_code")
        ),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("department_code", sa.String(length=10), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_users_department_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.String(length=120), nullable=False),
        sa.Column("thumb", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("lead", sa.String(length=10), nullable=False),
        sa.Column("co", sa.JSON(), nullable=False),
        sa.Column("handled_by", sa.JSON(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reworks", sa.Integer(), nullable=False),
        sa.Column("reopens", sa.Integer(), nullable=False),
        sa.Column("disputes", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("appeals", sa.Integer(), nullable=False),
        sa.Column("appeal_open", sa.Integer(), nullable=False),
        sa.Column("look_by", sa.String(length=20), nullable=False),
        sa.Column("return_to", sa.String(length=10), nullable=False),
        sa.Column("return_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("hold_until_on", sa.Date(), nullable=True),
        sa.Column("main_case", sa.String(length=20), nullable=False),
        sa.Column("decline_reason", sa.String(length=20), nullable=False),
        sa.Column("decline_channel", sa.String(length=20), nullable=False),
        sa.Column("hold_reason", sa.String(length=20), nullable=False),
        sa.Column("closing", sa.String(length=10), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closing <> '')", name=op.f("ck_cases_only_closed_has_closing")
        ),
        sa.CheckConstraint("(state = 'merged') = (main_case <> '')", name=op.f("ck_cases_merged_has_main")),
        sa.CheckConstraint(
            "(state = 'on_hold') = (hold_until_on IS NOT NULL)", name=op.f("ck_cases_hold_has_review_day")
        ),
        sa.CheckConstraint(
            "(state IN ('closed', 'declined', 'merged', 'voided', 'withdrawn')) = (closed_at IS NOT NULL)",
            name=op.f("ck_cases_ended_has_moment"),
        ),
        sa.CheckConstraint(
            "NOT state IN ('dispatched', 'return_requested', 'in_progress', 'on_hold', 'resolved') OR lead <> ''",
            name=op.f("ck_cases_work_has_department"),
        ),
        sa.CheckConstraint("closing IN ('', 'confirmed', 'lapsed')", name=op.f("ck_cases_closing_known")),
        sa.CheckConstraint(
            "outcome IN ('', 'fixed', 'partly_fixed', 'planned', 'explained', 'referred', 'not_found', 'fixed_on_spot')",
            name=op.f("ck_cases_outcome_known"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR (outcome <> '' AND closing <> '')", name=op.f("ck_cases_closed_has_outcome")
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'needs_info', 'checking', 'filed', 'dispatched', 'return_requested', 'in_progress', 'on_hold', 'resolved', 'verified', 'closed', 'declined', 'merged', 'withdrawn', 'voided')",
            name=op.f("ck_cases_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('resolved', 'verified') OR outcome <> ''",
            name=op.f("ck_cases_resolved_has_outcome"),
        ),
        sa.CheckConstraint("appeals BETWEEN 0 AND 1", name=op.f("ck_cases_one_appeal")),
        sa.CheckConstraint("main_case <> number", name=op.f("ck_cases_main_is_another")),
        sa.CheckConstraint("rating BETWEEN 0 AND 5", name=op.f("ck_cases_rating_in_range")),
        sa.CheckConstraint(
            "returns >= 0 AND reworks >= 0 AND reopens >= 0 AND disputes >= 0 AND extensions >= 0",
            name=op.f("ck_cases_counters_positive"),
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_cases_area_code")),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_cases_category_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_cases_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_area_opened", ["area_code", "opened_at", "id"], unique=False)
        batch_op.create_index("ix_cases_main_case", ["main_case"], unique=False)
        batch_op.create_index("ix_cases_opened", ["opened_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_place_id"), ["place_id"], unique=False)
        batch_op.create_index("ix_cases_state_opened", ["state", "opened_at", "id"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=True),
        sa.Column("department_code", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "(role = 'handler') = (department_code IS NOT NULL)",
            name=op.f("ck_grants_handler_has_department"),
        ),
        sa.CheckConstraint(
            "role IN ('admin', 'duty_lead', 'handler', 'operator', 'secretary', 'supervisor', 'verifier')",
            name=op.f("ck_grants_role_known"),
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_grants_area_code")),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_grants_department_code")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint(
            "user_id",
            "role",
            "area_code",
            "department_code",
            name=op.f("uq_grants_user_id_role_area_code_department_code"),
        ),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_user_id"), ["user_id"], unique=False)

    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=9), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'replaced') = (replaced_by_id IS NOT NULL)",
            name=op.f("ck_labels_replaced_has_successor"),
        ),
        sa.CheckConstraint(
            "state IN ('printed', 'posted', 'replaced', 'revoked')", name=op.f("ck_labels_state_known")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_labels_place_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["labels.id"], name=op.f("fk_labels_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("token", name=op.f("uq_labels_token")),
    )
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_labels_place_id"), ["place_id"], unique=False)

    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_staff_sessions_secret_hash")),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "case_departments",
        sa.Column("department_code", sa.String(length=10), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_departments_case_id")),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_case_departments_department_code")
        ),
        sa.PrimaryKeyConstraint("department_code", "case_id", name=op.f("pk_case_departments")),
    )
    with op.batch_alter_table("case_departments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_departments_case_id"), ["case_id"], unique=False)

    op.create_table(
        "photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('before', 'after', 'staff')", name=op.f("ck_photos_kind_known")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_photos_has_size")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_photos_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photos_case_id"), ["case_id"], unique=False)

    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_sealed", sa.String(length=200), nullable=False),
        sa.Column("phone_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("consent_version", sa.String(length=10), nullable=False),
        sa.Column("code_failures", sa.Integer(), nullable=False),
        sa.Column("code_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reports_case_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_reports_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("key", name=op.f("uq_reports_key")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_reports_link_hash")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reports_phone_fingerprint"), ["phone_fingerprint"], unique=False)

    op.create_table(
        "history",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "action IN ('report', 'file', 'ask_info', 'add_info', 'check', 'found', 'not_found', 'fix_on_spot', 'decline', 'appeal', 'merge', 'split', 'withdraw', 'void', 'dispatch', 'sign', 'request_return', 'grant_return', 'refuse_return', 'contact', 'finish_stage', 'request_extension', 'grant_extension', 'refuse_extension', 'hold', 'resume', 'resolve', 'pass', 'fail', 'confirm', 'lapse', 'dispute', 'reopen', 'note', 'look', 'reveal_phone')",
            name=op.f("ck_history_action_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('reported', 'needs_info', 'checking', 'filed', 'dispatched', 'return_requested', 'in_progress', 'on_hold', 'resolved', 'verified', 'closed', 'declined', 'merged', 'withdrawn', 'voided')",
            name=op.f("ck_history_to_state_known"),
        ),
        sa.CheckConstraint("position > 0 AND version > 0", name=op.f("ck_history_counted_from_one")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_history_case_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_history_report_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_history_user_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_history")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_history_case_id_version")),
        sa.UniqueConstraint("hash", name=op.f("uq_history_hash")),
    )
    op.create_table(
        "report_devices",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_devices_report_id")),
        sa.PrimaryKeyConstraint("report_id", "device_hash", name=op.f("pk_report_devices")),
    )

    _protect_history()
    op.execute(f"INSERT INTO history_head (id, count, hash, signature) VALUES (1, 0, '{'0' * 64}', '')")


def downgrade() -> None:
    op.drop_table("report_devices")
    op.drop_table("history")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_phone_fingerprint"))
        batch_op.drop_index(batch_op.f("ix_reports_case_id"))

    op.drop_table("reports")
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_photos_case_id"))

    op.drop_table("photos")
    with op.batch_alter_table("case_departments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_departments_case_id"))

    op.drop_table("case_departments")
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_sessions_user_id"))

    op.drop_table("staff_sessions")
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_labels_place_id"))

    op.drop_table("labels")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grants_user_id"))

    op.drop_table("grants")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_state_opened")
        batch_op.drop_index(batch_op.f("ix_cases_place_id"))
        batch_op.drop_index("ix_cases_opened")
        batch_op.drop_index("ix_cases_main_case")
        batch_op.drop_index("ix_cases_area_opened")

    op.drop_table("cases")
    op.drop_table("users")
    op.drop_table("routing_rules")
    with op.batch_alter_table("places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_places_area_code"))

    op.drop_table("places")
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_categories_current",
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.drop_table("categories")
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_failures_login_hash_at")

    op.drop_table("sign_in_failures")
    op.drop_table("history_head")
    op.drop_table("departments")
    op.drop_table("counters")
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_areas_parent_code"))

    op.drop_table("areas")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_history_change()")
