"""Who somebody is at a state's identity provider"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_provider_identities_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_identities")),
        sa.UniqueConstraint("issuer", "person_id", name=op.f("uq_provider_identities_issuer_person_id")),
    )
    op.create_index(op.f("ix_provider_identities_person_id"), "provider_identities", ["person_id"])
    op.create_table(
        "provider_journeys",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("kept_path", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_provider_journeys_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_provider_journeys")),
    )
    op.create_index(op.f("ix_provider_journeys_place"), "provider_journeys", ["place"])
    op.create_index(op.f("ix_provider_journeys_started_at"), "provider_journeys", ["started_at"])
    op.create_index(op.f("ix_provider_journeys_person_id"), "provider_journeys", ["person_id"])


def downgrade() -> None:
    op.drop_table("provider_journeys")
    op.drop_table("provider_identities")
