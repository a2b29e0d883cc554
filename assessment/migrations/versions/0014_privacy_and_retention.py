"""Which centers an event of the audit trail concerns; cycles past their period"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Each with the moment, as the pages list the newest first.
INDEXED = (("at", "id"), ("person_id", "at"), ("action", "at"), ("subject", "at"))


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("centers", sa.Text(), nullable=False, server_default=""))
    for column in ("at", "person_id"):
        op.drop_index(op.f(f"ix_audit_events_{column}"), table_name="audit_events")
    for columns in INDEXED:
        op.create_index(op.f("ix_audit_events_" + "_".join(columns)), "audit_events", list(columns))
    op.create_table(
        "audit_centers",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["centers.id"], name=op.f("fk_audit_centers_center_id")),
        sa.PrimaryKeyConstraint("center_id", "at", "event_id", name=op.f("pk_audit_centers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_audit_centers_event_id"), "audit_centers", ["event_id"])
    op.add_column("cycles", sa.Column("reduced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cycles", sa.Column("reduction_begun_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cycles", "reduction_begun_at")
    op.drop_column("cycles", "reduced_at")
    op.drop_table("audit_centers")
    for columns in INDEXED:
        op.drop_index(op.f("ix_audit_events_" + "_".join(columns)), table_name="audit_events")
    for column in ("at", "person_id"):
        op.create_index(op.f(f"ix_audit_events_{column}"), "audit_events", [column])
    op.drop_column("audit_events", "centers")
