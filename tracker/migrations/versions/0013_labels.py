"""Labels for life: batches, what happens to each label, scans by day, troubles; who took the register out."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


REFUSAL = "what was noted about labels and the register is never changed"
KEPT = ("label_notes", "register_events")


def keep_notes() -> None:
    """Let the database itself refuse to change or remove them."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_note_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_note_change()"
        )


def upgrade() -> None:
    op.create_table(
        "label_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("paper", sa.String(length=30), nullable=False),
        sa.Column("logo_sha256", sa.String(length=64), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_batches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_batches")),
        sa.UniqueConstraint("key", name=op.f("uq_label_batches_key")),
    )
    op.create_table(
        "label_logos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_label_logos_has_size")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_logos_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_logos")),
    )
    op.create_table(
        "register_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('import', 'export')", name=op.f("ck_register_events_kind_known")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_register_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_events")),
    )
    op.create_table(
        "label_batch_files",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["label_batches.id"], name=op.f("fk_label_batch_files_batch_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "name", name=op.f("pk_label_batch_files")),
    )
    op.create_table(
        "label_batch_items",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("shows", sa.JSON(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["label_batches.id"], name=op.f("fk_label_batch_items_batch_id")
        ),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_batch_items_label_id")),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_label_batch_items")),
        sa.UniqueConstraint("batch_id", "label_id", name=op.f("uq_label_batch_items_batch_id_label_id")),
    )
    with op.batch_alter_table("label_batch_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_batch_items_label_id"), ["label_id"], unique=False)

    op.create_table(
        "label_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('printed', 'posted', 'taken_down', 'replaced', 'revoked', 'reprint_asked', 'reprinted', 'settled')",
            name=op.f("ck_label_notes_kind_known"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["label_batches.id"], name=op.f("fk_label_notes_batch_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_notes_label_id")),
        sa.ForeignKeyConstraint(["other_id"], ["labels.id"], name=op.f("fk_label_notes_other_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_notes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_notes")),
    )
    with op.batch_alter_table("label_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_notes_label_id"), ["label_id"], unique=False)

    op.create_table(
        "label_scan_devices",
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_scan_devices_label_id")),
        sa.PrimaryKeyConstraint("label_id", "day", "device_hash", name=op.f("pk_label_scan_devices")),
    )
    op.create_table(
        "label_scans",
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.CheckConstraint("scans > 0", name=op.f("ck_label_scans_counted")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_scans_label_id")),
        sa.PrimaryKeyConstraint("label_id", "day", name=op.f("pk_label_scans")),
    )
    op.create_table(
        "label_troubles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("teller_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("far_m", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('damaged', 'misplaced', 'reprint')", name=op.f("ck_label_troubles_kind_known")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["label_batches.id"], name=op.f("fk_label_troubles_batch_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_troubles_label_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_label_troubles_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_troubles")),
    )
    with op.batch_alter_table("label_troubles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_troubles_label_id"), ["label_id"], unique=False)
        batch_op.create_index(
            "uq_label_troubles_open",
            ["label_id", "kind", "teller_hash"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )

    keep_notes()


def downgrade() -> None:
    with op.batch_alter_table("label_troubles", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_label_troubles_open",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_label_troubles_label_id"))

    op.drop_table("label_troubles")
    op.drop_table("label_scans")
    op.drop_table("label_scan_devices")
    with op.batch_alter_table("label_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_label_notes_label_id"))

    op.drop_table("label_notes")
    with op.batch_alter_table("label_batch_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_label_batch_items_label_id"))

    op.drop_table("label_batch_items")
    op.drop_table("label_batch_files")
    op.drop_table("register_events")
    op.drop_table("label_logos")
    op.drop_table("label_batches")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_note_change()")
