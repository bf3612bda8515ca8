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
