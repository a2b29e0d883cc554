"""Links by mail that set a password, once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'account_invitations',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('invited_by_id', sa.Integer(), nullable=True),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_account_invitations_person_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['invited_by_id'], ['people.id'], name=op.f('fk_account_invitations_invited_by_id')
        ),
        sa.PrimaryKeyConstraint('person_id', name=op.f('pk_account_invitations')),
    )
    op.create_table(
        'account_links',
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('purpose', sa.String(length=10), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f('ck_account_links_purpose')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_account_links_person_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_account_links')),
    )
    op.create_index(op.f('ix_account_links_person_id'), 'account_links', ['person_id'])
    op.create_index(op.f('ix_account_links_expires_at'), 'account_links', ['expires_at'])
    op.create_table(
        'account_letters',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=32), nullable=False),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('address', sa.String(length=254), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('state', sa.String(length=10), nullable=False),
        sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('claimed_by', sa.String(length=40), nullable=True),
        sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.CheckConstraint("kind IN ('invitation', 'reset', 'changed', 'factors', 'linked', 'sections')", name=op.f('ck_account_letters_kind')),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain')",
            name=op.f('ck_account_letters_state'),
        ),
        sa.CheckConstraint(
            "(state = 'sending') = (claimed_by IS NOT NULL)",
            name=op.f('ck_account_letters_claimed_while_sending'),
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) = (address <> '')", name=op.f('ck_account_letters_person_or_address')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name=op.f('fk_account_letters_person_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_account_letters')),
        sa.UniqueConstraint('public_id', name=op.f('uq_account_letters_public_id')),
    )
    op.create_index(op.f('ix_account_letters_person_id'), 'account_letters', ['person_id'])
    op.create_index(
        op.f('ix_account_letters_state_not_before_id'), 'account_letters', ['state', 'not_before', 'id']
    )


def downgrade() -> None:
    for table in ('account_letters', 'account_links', 'account_invitations'):
        op.drop_table(table)
