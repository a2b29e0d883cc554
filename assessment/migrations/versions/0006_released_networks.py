"""What is released of a cycle's network, and which pairs are shared by name"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'pair_shares',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('pair_id', sa.Integer(), nullable=False),
        sa.Column('center_id', sa.Integer(), nullable=False),
        sa.Column('shared_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('shared_by_id', sa.Integer(), nullable=False),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['pair_id'], ['pairs.id'], name=op.f('fk_pair_shares_pair_id')),
        sa.ForeignKeyConstraint(['center_id'], ['centers.id'], name=op.f('fk_pair_shares_center_id')),
        sa.ForeignKeyConstraint(['shared_by_id'], ['people.id'], name=op.f('fk_pair_shares_shared_by_id')),
        sa.ForeignKeyConstraint(['withdrawn_by_id'], ['people.id'], name=op.f('fk_pair_shares_withdrawn_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pair_shares')),
    )
    op.create_index(
        'uq_pair_shares_current',
        'pair_shares',
        ['pair_id', 'center_id'],
        unique=True,
        sqlite_where=sa.text('withdrawn_at IS NULL'),
        postgresql_where=sa.text('withdrawn_at IS NULL'),
    )
    op.create_table(
        'network_releases',
        sa.Column('cycle_id', sa.Integer(), nullable=False),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('released_on', sa.Date(), nullable=False),
        sa.Column('previous_cycle_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['cycle_id'], ['cycles.id'], name=op.f('fk_network_releases_cycle_id')),
        sa.ForeignKeyConstraint(
            ['previous_cycle_id'], ['cycles.id'], name=op.f('fk_network_releases_previous_cycle_id')
        ),
        sa.PrimaryKeyConstraint('cycle_id', name=op.f('pk_network_releases')),
    )
    op.create_table(
        'released_pairs',
        sa.Column('cycle_id', sa.Integer(), nullable=False),
        sa.Column('pair_id', sa.Integer(), nullable=False),
        sa.Column('fusion_center', sa.String(length=40), nullable=False),
        sa.Column('eoc', sa.String(length=40), nullable=False),
        sa.Column('fusion_center_name', sa.String(length=200), nullable=False),
        sa.Column('eoc_name', sa.String(length=200), nullable=False),
        sa.Column('region', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=2), nullable=False),
        sa.Column('eoc_level', sa.String(length=20), nullable=False),
        sa.Column('status', sa.String(length=12), nullable=False),
        sa.Column('shared', sa.Boolean(), nullable=False),
        sa.Column('fusion_center_response_id', sa.Integer(), nullable=True),
        sa.Column('eoc_response_id', sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('complete', 'one_sided', 'not_started')", name=op.f('ck_released_pairs_status')
        ),
        sa.ForeignKeyConstraint(
            ['cycle_id'], ['network_releases.cycle_id'], name=op.f('fk_released_pairs_cycle_id')
        ),
        sa.ForeignKeyConstraint(['pair_id'], ['pairs.id'], name=op.f('fk_released_pairs_pair_id')),
        sa.ForeignKeyConstraint(
            ['fusion_center_response_id'],
            ['responses.id'],
            name=op.f('fk_released_pairs_fusion_center_response_id'),
        ),
        sa.ForeignKeyConstraint(
            ['eoc_response_id'], ['responses.id'], name=op.f('fk_released_pairs_eoc_response_id')
        ),
        sa.PrimaryKeyConstraint('cycle_id', 'pair_id', name=op.f('pk_released_pairs')),
    )
    op.create_table(
        'network_numbers',
        sa.Column('cycle_id', sa.Integer(), nullable=False),
        sa.Column('scope', sa.String(length=40), nullable=False),
        sa.Column('calculation', sa.String(length=20), nullable=False),
        sa.Column('numbers', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['cycle_id'], ['network_releases.cycle_id'], name=op.f('fk_network_numbers_cycle_id')
        ),
        sa.PrimaryKeyConstraint('cycle_id', 'scope', 'calculation', name=op.f('pk_network_numbers')),
    )


def downgrade() -> None:
    for table in ('network_numbers', 'released_pairs', 'network_releases', 'pair_shares'):
        op.drop_table(table)
