"""How often somebody has tried to sign in to one account from one place"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sign_in_tries',
        sa.Column('account', sa.String(length=64), nullable=False),
        sa.Column('place', sa.String(length=64), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('succeeded_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('account', 'place', name=op.f('pk_sign_in_tries')),
    )
    op.create_index(op.f('ix_sign_in_tries_last_at'), 'sign_in_tries', ['last_at'])


def downgrade() -> None:
    op.drop_index(op.f('ix_sign_in_tries_last_at'), table_name='sign_in_tries')
    op.drop_table('sign_in_tries')
