"""What the workers have done lately"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_tasks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("well_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_tasks")),
    )


def downgrade() -> None:
    op.drop_table("worker_tasks")
