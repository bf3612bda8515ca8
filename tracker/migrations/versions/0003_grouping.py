"""Reports grouped by trouble; and people who say that they met it too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ACTIONS = "'report', 'file', 'ask_info', 'add_info', 'check', 'found', 'not_found', 'fix_on_spot', 'decline', 'appeal', 'merge', 'split', 'withdraw', 'void', 'dispatch', 'sign', 'request_return', 'grant_return', 'refuse_return', 'contact', 'finish_stage', 'request_extension', 'grant_extension', 'refuse_extension', 'hold', 'resume', 'resolve', 'pass', 'fail', 'confirm', 'lapse', 'dispute', 'reopen', 'note', 'look', 'reveal_phone'"
WIDER = ACTIONS.replace("'note', ", "'note', 'join', ")


def upgrade() -> None:
    _let_history_know("join")
    _count_voices()
    _know_what_was_reported()
    _make_groups()
    op.create_index(
        "ix_cases_open_at_place",
        "cases",
        ["place_id", "opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    """The wider list of actions stays: rows that need it may be there, and the history is never changed."""
    op.drop_index("ix_cases_open_at_place", table_name="cases")
    for table in ("cluster_reports", "clusters", "grouping_state", "grouping_lessons", "grouping_nights"):
        op.drop_table(table)
    op.drop_index("ix_reports_ungrouped", table_name="reports")
    for column in ("is_grouped", "category"):
        op.execute(f"ALTER TABLE reports DROP COLUMN {column}")
    op.execute("ALTER TABLE cases DROP COLUMN voices")


def _let_history_know(action: str) -> None:
    """Let one more action into the history; what stands there stays as it is, and so does what protects it."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_history_action_known"), "history", type_="check")
        op.create_check_constraint(op.f("ck_history_action_known"), "history", f"action IN ({WIDER})")
        return
    bind = op.get_bind()
    table, *protection = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = 'history' AND sql IS NOT NULL ORDER BY type")
    ).scalars()
    if f"'{action}'" in table:
        return
    if ACTIONS not in table:
        raise RuntimeError("the history's table is not the one that was made in 0001")
    wider = table.replace(ACTIONS, WIDER).replace("history", "history_anew", 1)
    op.execute(wider)
    op.execute("INSERT INTO history_anew SELECT * FROM history ORDER BY position")
    op.execute("DROP TABLE history")
    op.execute("ALTER TABLE history_anew RENAME TO history")
    for statement in protection:
        op.execute(statement)


def _count_voices() -> None:
    """Every case gets the number of devices that reported it; from now on the program counts, and exactly."""
    op.execute(
        "ALTER TABLE cases ADD COLUMN voices INTEGER DEFAULT 1 NOT NULL "
        "CONSTRAINT ck_cases_voices_from_one CHECK (voices >= 1)"
    )
    op.execute(
        "UPDATE cases SET voices = (SELECT count(DISTINCT r.device_hash) FROM reports r JOIN cases c ON c.id = r.case_id "
        "WHERE c.id = cases.id OR c.main_case = cases.number) "
        "WHERE number IN (SELECT main_case FROM cases WHERE main_case <> '')"
    )


def _know_what_was_reported() -> None:
    """Until now only the history told what a sender chose; there is one report a case."""
    op.add_column("reports", sa.Column("category", sa.String(length=10), server_default="", nullable=False))
    op.add_column("reports", sa.Column("is_grouped", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE reports SET category = (SELECT category FROM cases WHERE cases.id = reports.case_id)")
    op.create_index(
        "ix_reports_ungrouped",
        "reports",
        ["sent_at", "link_hash"],
        unique=False,
        sqlite_where=sa.text("NOT is_grouped"),
        postgresql_where=sa.text("NOT is_grouped"),
    )


def _make_groups() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("anchor", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.Column("cell_row", sa.Integer(), nullable=True),
        sa.Column("cell_column", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("located", sa.Integer(), nullable=False),
        sa.Column("scatter", sa.Double(), nullable=False),
        sa.Column("street", sa.String(length=160), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_clusters_has_members")),
        sa.CheckConstraint("(cell_row IS NULL) = (lat IS NULL)", name=op.f("ck_clusters_cell_with_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sa.UniqueConstraint("key", name=op.f("uq_clusters_key")),
    )
    op.create_index("ix_clusters_cell", "clusters", ["cell_row", "cell_column", "last_s"])
    op.create_index("ix_clusters_street", "clusters", ["street", "last_s"])
    op.create_index("ix_clusters_last", "clusters", ["last_s"])
    op.create_index(
        "uq_clusters_anchor",
        "clusters",
        ["anchor"],
        unique=True,
        sqlite_where=sa.text("anchor <> ''"),
        postgresql_where=sa.text("anchor <> ''"),
    )
    op.create_index(
        "ix_clusters_news",
        "clusters",
        ["id"],
        sqlite_where=sa.text("news > 0"),
        postgresql_where=sa.text("news > 0"),
    )
    op.create_table(
        "cluster_reports",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_reports_cluster_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_cluster_reports_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_cluster_reports")),
        sa.UniqueConstraint("name", name=op.f("uq_cluster_reports_name")),
    )
    op.create_index("ix_cluster_reports_members", "cluster_reports", ["cluster_id", "at_s", "name"])
    op.create_index("ix_cluster_reports_order", "cluster_reports", ["at_s", "name"])
    op.create_table(
        "grouping_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("lesson", sa.String(length=64), nullable=False),
        sa.Column("night_lesson", sa.String(length=64), nullable=False),
        sa.Column("nights", sa.Integer(), nullable=False),
        sa.Column("leased_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_rebuilding", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_grouping_state_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grouping_state")),
    )
    op.create_table(
        "grouping_lessons",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_grouping_lessons")),
    )
    op.create_table(
        "grouping_nights",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_grouping_nights")),
    )
    op.execute(
        "INSERT INTO grouping_state (id, version, placed, lesson, night_lesson, nights, is_rebuilding) "
        f"VALUES (1, 0, 0, '', '', 0, {sa.false().compile(dialect=op.get_bind().dialect)})"
    )
