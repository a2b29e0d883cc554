"""One message a partner and round; the next message to send is found by an index"""

from __future__ import annotations

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_messages_state'))
        batch_op.create_index(batch_op.f('ix_messages_state_not_before_id'), ['state', 'not_before', 'id'])
        batch_op.create_unique_constraint(
            batch_op.f('uq_messages_survey_id_partner_id_round'), ['survey_id', 'partner_id', 'round']
        )


def downgrade() -> None:
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_messages_survey_id_partner_id_round'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_messages_state_not_before_id'))
        batch_op.create_index(batch_op.f('ix_messages_state'), ['state'])
