"""A draft is found by person, and those that wait to be moved are found, however many drafts there are"""

from __future__ import annotations

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('survey_drafts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_drafts_survey_id'))
        batch_op.create_index(batch_op.f('ix_survey_drafts_survey_id_partner_id'), ['survey_id', 'partner_id'])
        batch_op.create_index(batch_op.f('ix_survey_drafts_survey_id_finished'), ['survey_id', 'finished'])


def downgrade() -> None:
    with op.batch_alter_table('survey_drafts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_drafts_survey_id_finished'))
        batch_op.drop_index(batch_op.f('ix_survey_drafts_survey_id_partner_id'))
        batch_op.create_index(batch_op.f('ix_survey_drafts_survey_id'), ['survey_id'])
