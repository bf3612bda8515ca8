"""What strangers see on the front page, and two more actions in the history."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ACTIONS = ("publish_photos", "withdraw_photos")
CLOSED = sa.text("state = 'closed'")


def upgrade() -> None:
    _let_history_know(ACTIONS)
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["closed_at", "id"],
        unique=False,
        sqlite_where=CLOSED,
        postgresql_where=CLOSED,
    )
    _make_what_is_cleared()
    _make_figures()


def downgrade() -> None:
    """The wider list of actions stays: rows that need it may be there, and the history is never changed."""
    for table in ("public_figures", "figures_progress", "case_figures", "public_photos", "public_cases"):
        op.drop_table(table)
    op.drop_index("ix_cases_closed", table_name="cases")


def _let_history_know(actions: tuple[str, ...]) -> None:
    """Let further actions into the history, whatever is let in already; what stands there stays as it is."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        known = bind.execute(
            sa.text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_history_action_known'"
            )
        ).scalar_one()
        names = re.findall(r"'([a-z_]+)'", known)
        wider = ", ".join(f"'{name}'" for name in dict.fromkeys((*names, *actions)))
        op.drop_constraint(op.f("ck_history_action_known"), "history", type_="check")
        op.create_check_constraint(op.f("ck_history_action_known"), "history", f"action IN ({wider})")
        return
    table, *protection = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = 'history' AND sql IS NOT NULL ORDER BY type")
    ).scalars()
    missing = [name for name in actions if f"'{name}'" not in table]
    if not missing:
        return
    wider, count = re.subn(
        r"action IN \(([^)]*)\)",
        lambda found: f"action IN ({found[1]}, {', '.join(map(repr, missing))})",
        table,
    )
    if count != 1:
        raise RuntimeError("the history's table does not say which actions it knows")
    op.execute(re.sub(r'(CREATE TABLE "?)history\b', r"\1history_anew", wider, count=1))
    op.execute("INSERT INTO history_anew SELECT * FROM history ORDER BY position")
    op.execute("DROP TABLE history")
    op.execute("ALTER TABLE history_anew RENAME TO history")
    for statement in protection:
        op.execute(statement)


def _make_what_is_cleared() -> None:
    op.create_table(
        "public_cases",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_public_cases_case_id")),
        sa.ForeignKeyConstraint(["cleared_by"], ["users.id"], name=op.f("fk_public_cases_cleared_by")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_public_cases")),
    )
    op.create_index("ix_public_cases_closed", "public_cases", ["closed_at", "case_id"], unique=False)
    op.create_table(
        "public_photos",
        sa.Column("photo_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["public_cases.case_id"], name=op.f("fk_public_photos_case_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_public_photos_photo_id")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_public_photos")),
        sa.UniqueConstraint("name", name=op.f("uq_public_photos_name")),
    )
    op.create_index("ix_public_photos_case_id", "public_photos", ["case_id"], unique=False)


def _make_figures() -> None:
    op.create_table(
        "case_figures",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ending", sa.String(length=12), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("filed_s", sa.Integer(), nullable=True),
        sa.Column("filed_by_clock", sa.Boolean(), nullable=False),
        sa.Column("answered_s", sa.Integer(), nullable=True),
        sa.Column("answered_by_clock", sa.Boolean(), nullable=False),
        sa.Column("fixed_s", sa.Integer(), nullable=True),
        sa.Column("fixed_by_clock", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ending IN ('fixed', 'answered', 'unanswered', 'declined', 'open', 'waiting', 'merged', 'withdrawn', 'voided')",
            name=op.f("ck_case_figures_ending_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_figures_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_figures")),
    )
    op.create_index("ix_case_figures_opened", "case_figures", ["opened_at", "ending"], unique=False)
    op.create_table(
        "figures_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_figures_progress_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_progress")),
    )
    op.execute("INSERT INTO figures_progress (id, position) VALUES (1, 0)")
    op.create_table(
        "public_figures",
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("days", name=op.f("pk_public_figures")),
    )
