"""Personal access tokens for the API"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'access_tokens',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=32), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('secret_hash', sa.String(length=64), nullable=False),
        sa.Column('ending', sa.String(length=4), nullable=False),
        sa.Column('scopes', sa.String(length=200), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_on', sa.Date(), nullable=True),
        sa.CheckConstraint('made_at < expires_at', name=op.f('ck_access_tokens_days')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_access_tokens_person_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_access_tokens')),
        sa.UniqueConstraint('public_id', name=op.f('uq_access_tokens_public_id')),
        sa.UniqueConstraint('secret_hash', name=op.f('uq_access_tokens_secret_hash')),
    )
    op.create_index(op.f('ix_access_tokens_person_id'), 'access_tokens', ['person_id'])
    op.create_index(op.f('ix_access_tokens_expires_at'), 'access_tokens', ['expires_at'])
    op.create_table(
        'api_requests',
        sa.Column('source', sa.String(length=80), nullable=False),
        sa.Column('minute', sa.Integer(), nullable=False),
        sa.Column('requests', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'minute', name=op.f('pk_api_requests')),
    )
    op.create_index(op.f('ix_api_requests_minute'), 'api_requests', ['minute'])


def downgrade() -> None:
    for table in ('api_requests', 'access_tokens'):
        op.drop_table(table)
