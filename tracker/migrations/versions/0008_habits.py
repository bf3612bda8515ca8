"""What is reported where, counted for the order of the form's buttons."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "category_habits",
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.CheckConstraint("scope IN ('kind', 'street')", name=op.f("ck_category_habits_scope_known")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_category_habits_weight_positive")),
        sa.PrimaryKeyConstraint("scope", "name", "category", name=op.f("pk_category_habits")),
    )


def downgrade() -> None:
    op.drop_table("category_habits")
