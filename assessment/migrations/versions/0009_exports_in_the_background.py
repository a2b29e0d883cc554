"""Files that a worker makes and the person who asked fetches"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'exports',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=32), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('parameters', sa.Text(), nullable=False),
        sa.Column('title', sa.String(length=300), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('progress', sa.Float(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('claimed_by', sa.String(length=40), nullable=True),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('rights', sa.String(length=64), nullable=False),
        sa.Column('file_name', sa.String(length=200), nullable=False),
        sa.Column('media_type', sa.String(length=100), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'failed')", name=op.f('ck_exports_state')
        ),
        sa.CheckConstraint(
            "(state = 'working') = (claimed_by IS NOT NULL)", name=op.f('ck_exports_claimed_while_working')
        ),
        sa.CheckConstraint('progress >= 0 AND progress <= 1', name=op.f('ck_exports_progress')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_exports_person_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_exports')),
        sa.UniqueConstraint('public_id', name=op.f('uq_exports_public_id')),
    )
    op.create_index(op.f('ix_exports_person_id'), 'exports', ['person_id'])
    op.create_index(op.f('ix_exports_expires_at'), 'exports', ['expires_at'])
    op.create_index(op.f('ix_exports_state_asked_at_id'), 'exports', ['state', 'asked_at', 'id'])
    op.create_table(
        'export_pieces',
        sa.Column('export_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ['export_id'], ['exports.id'], name=op.f('fk_export_pieces_export_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('export_id', 'number', name=op.f('pk_export_pieces')),
    )


def downgrade() -> None:
    for table in ('export_pieces', 'exports'):
        op.drop_table(table)
