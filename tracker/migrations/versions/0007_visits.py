"""Visits."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

REFUSAL = "what was written down on a visit is never changed"
KEPT = {"visits": "", "visit_events": "", "visit_lines": " OF text, position, visit_id, key"}
"""Table → columns that stay as they were written; all of them where none is named."""


def keep_words() -> None:
    """Let the database itself refuse to change or remove what was said and what was done about it."""
    if op.get_bind().dialect.name == "sqlite":
        for table, columns in KEPT.items():
            for event in (f"UPDATE{columns}", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event[:6].lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_visit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table, columns in KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE{columns} OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_visit_change()"
        )


WHERE = {"ix_cases_open": "closed_at IS NULL", "ix_cases_disputed": "closed_at IS NULL AND disputes > 0"}
"""What a route is made of: of all cases those that are open, and of these the ones somebody disputes."""


def index_open_cases() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name, column in (("ix_cases_open", "opened_at"), ("ix_cases_disputed", "moved_at")):
            where = sa.text(WHERE[name])
            batch_op.create_index(
                name, [column, "id"], unique=False, sqlite_where=where, postgresql_where=where
            )


def upgrade() -> None:
    index_open_cases()
    op.create_table(
        "visit_skips",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("skipped_on", sa.Date(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_visit_skips_place_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visit_skips_user_id")),
        sa.PrimaryKeyConstraint("user_id", "skipped_on", "place_id", name=op.f("pk_visit_skips")),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met", sa.String(length=60), nullable=False),
        sa.Column("return_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_visits_place_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visits_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("key", name=op.f("uq_visits_key")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_place_visited", ["place_id", "visited_at", "id"], unique=False)
        batch_op.create_index("ix_visits_user_visited", ["user_id", "visited_at", "id"], unique=False)

    op.create_table(
        "visited_places",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("return_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_visited_places_place_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visited_places_visit_id")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_visited_places")),
    )
    with op.batch_alter_table("visited_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visited_places_return_on"), ["return_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_visited_places_visited_at"), ["visited_at"], unique=False)

    op.create_table(
        "visit_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('case', 'joined')) = (case_id IS NOT NULL)",
            name=op.f("ck_visit_lines_taken_up_has_case"),
        ),
        sa.CheckConstraint(
            "state IN ('noted', 'case', 'joined', 'answered')", name=op.f("ck_visit_lines_state_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_visit_lines_case_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_visit_lines_report_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_lines_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_lines")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_lines_key")),
        sa.UniqueConstraint("visit_id", "position", name=op.f("uq_visit_lines_visit_id_position")),
    )
    with op.batch_alter_table("visit_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_lines_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_lines_report_id"), ["report_id"], unique=False)

    op.create_table(
        "visit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('case', 'joined')) = (case_id IS NOT NULL)",
            name=op.f("ck_visit_events_taken_up_has_case"),
        ),
        sa.CheckConstraint(
            "kind IN ('correction', 'answered', 'case', 'joined', 'shown')",
            name=op.f("ck_visit_events_kind_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_visit_events_case_id")),
        sa.ForeignKeyConstraint(["line_id"], ["visit_lines.id"], name=op.f("fk_visit_events_line_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visit_events_user_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_events_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_events")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_events_key")),
    )
    with op.batch_alter_table("visit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_events_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_visit_photos_has_size")),
        sa.ForeignKeyConstraint(["line_id"], ["visit_lines.id"], name=op.f("fk_visit_photos_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photos")),
    )
    with op.batch_alter_table("visit_photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_photos_line_id"), ["line_id"], unique=False)
    keep_words()


def downgrade() -> None:
    with op.batch_alter_table("visit_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_photos_line_id"))

    op.drop_table("visit_photos")
    with op.batch_alter_table("visit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_events_visit_id"))

    op.drop_table("visit_events")
    with op.batch_alter_table("visit_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_lines_report_id"))
        batch_op.drop_index(batch_op.f("ix_visit_lines_case_id"))

    op.drop_table("visit_lines")
    with op.batch_alter_table("visited_places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visited_places_visited_at"))
        batch_op.drop_index(batch_op.f("ix_visited_places_return_on"))

    op.drop_table("visited_places")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_user_visited")
        batch_op.drop_index("ix_visits_place_visited")

    op.drop_table("visits")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name, where in WHERE.items():
            batch_op.drop_index(name, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.drop_table("visit_skips")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_visit_change()")
