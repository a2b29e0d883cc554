"""Sections of a form that were given to somebody"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'delegations',
        sa.Column('cycle_pair_id', sa.Integer(), nullable=False),
        sa.Column('side', sa.String(length=20), nullable=False),
        sa.Column('section', sa.String(length=40), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('given_by_id', sa.Integer(), nullable=False),
        sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('fusion_center', 'eoc')", name=op.f('ck_delegations_side')),
        sa.ForeignKeyConstraint(
            ['cycle_pair_id'], ['cycle_pairs.id'], name=op.f('fk_delegations_cycle_pair_id')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_delegations_person_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['given_by_id'], ['people.id'], name=op.f('fk_delegations_given_by_id')),
        sa.PrimaryKeyConstraint('cycle_pair_id', 'side', 'section', name=op.f('pk_delegations')),
    )
    op.create_index(op.f('ix_delegations_person_id'), 'delegations', ['person_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_delegations_person_id'), table_name='delegations')
    op.drop_table('delegations')
