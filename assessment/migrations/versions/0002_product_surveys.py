"""Product surveys"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partners',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('fusion_center_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('organization', sa.String(length=200), nullable=False),
    sa.Column('sector', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=2), nullable=False),
    sa.Column('opted_out_on', sa.Date(), nullable=True),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_partners_email_lower')),
    sa.ForeignKeyConstraint(['fusion_center_id'], ['centers.id'], name=op.f('fk_partners_fusion_center_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partners')),
    sa.UniqueConstraint('fusion_center_id', 'email', name=op.f('uq_partners_fusion_center_id_email')),
    sa.UniqueConstraint('public_id', name=op.f('uq_partners_public_id'))
    )
    op.create_table('surveys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('cycle_id', sa.Integer(), nullable=False),
    sa.Column('fusion_center_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=15), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=True),
    sa.Column('period_to', sa.Date(), nullable=True),
    sa.Column('introduction', sa.Text(), nullable=False),
    sa.Column('own_questions', sa.Text(), nullable=False),
    sa.Column('sponsor', sa.String(length=200), nullable=False),
    sa.Column('federal_sponsor', sa.Boolean(), nullable=False),
    sa.Column('omb_control_number', sa.String(length=20), nullable=False),
    sa.Column('omb_expires', sa.Date(), nullable=True),
    sa.Column('burden_minutes', sa.Integer(), nullable=True),
    sa.Column('recurrence', sa.String(length=12), nullable=False),
    sa.Column('open_link_hash', sa.String(length=64), nullable=True),
    sa.Column('open_link_cap', sa.Integer(), nullable=True),
    sa.Column('open_link_started', sa.Integer(), nullable=False),
    sa.Column('copied_from_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_on', sa.Date(), nullable=True),
    sa.Column('shared_on', sa.Date(), nullable=True),
    sa.Column('shared_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("mode IN ('anonymous', 'confidential')", name=op.f('ck_surveys_mode')),
    sa.CheckConstraint("recurrence IN ('none', 'yearly', 'half_yearly')", name=op.f('ck_surveys_recurrence')),
    sa.CheckConstraint('burden_minutes IS NULL OR burden_minutes BETWEEN 1 AND 999', name=op.f('ck_surveys_burden_minutes')),
    sa.CheckConstraint('floor >= 5', name=op.f('ck_surveys_floor')),
    sa.CheckConstraint('open_link_cap IS NULL OR open_link_cap > 0', name=op.f('ck_surveys_open_link_cap')),
    sa.ForeignKeyConstraint(['copied_from_id'], ['surveys.id'], name=op.f('fk_surveys_copied_from_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['people.id'], name=op.f('fk_surveys_created_by_id')),
    sa.ForeignKeyConstraint(['cycle_id'], ['cycles.id'], name=op.f('fk_surveys_cycle_id')),
    sa.ForeignKeyConstraint(['fusion_center_id'], ['centers.id'], name=op.f('fk_surveys_fusion_center_id')),
    sa.ForeignKeyConstraint(['shared_by_id'], ['people.id'], name=op.f('fk_surveys_shared_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surveys')),
    sa.UniqueConstraint('cycle_id', 'fusion_center_id', name=op.f('uq_surveys_cycle_id_fusion_center_id')),
    sa.UniqueConstraint('open_link_hash', name=op.f('uq_surveys_open_link_hash')),
    sa.UniqueConstraint('public_id', name=op.f('uq_surveys_public_id'))
    )
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_surveys_fusion_center_id'), ['fusion_center_id'], unique=False)

    op.create_table('invitations',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('revoked', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_invitations_partner_id')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_invitations_survey_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_invitations'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitations_partner_id'), ['partner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitations_survey_id'), ['survey_id'], unique=False)

    op.create_table('message_templates',
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('invitation', 'reminder')", name=op.f('ck_message_templates_kind')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_message_templates_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('survey_id', 'kind', name=op.f('pk_message_templates'))
    )
    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('claimed_by', sa.String(length=40), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", name=op.f('ck_messages_claimed_while_sending')),
    sa.CheckConstraint("kind IN ('invitation', 'reminder')", name=op.f('ck_messages_kind')),
    sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'bounced', 'uncertain', 'withdrawn')", name=op.f('ck_messages_state')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_messages_partner_id')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_messages_survey_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('public_id', name=op.f('uq_messages_public_id'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_partner_id'), ['partner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_messages_survey_id'), ['survey_id'], unique=False)

    op.create_table('reminder_days',
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_reminder_days_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('survey_id', 'day', name=op.f('pk_reminder_days'))
    )
    op.create_table('survey_drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('draft_hash', sa.String(length=64), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=True),
    sa.Column('last_question', sa.String(length=40), nullable=True),
    sa.Column('finished', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_survey_drafts_partner_id')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_survey_drafts_survey_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_drafts')),
    sa.UniqueConstraint('draft_hash', name=op.f('uq_survey_drafts_draft_hash'))
    )
    with op.batch_alter_table('survey_drafts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_drafts_survey_id'), ['survey_id'], unique=False)

    op.create_table('survey_partners',
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.Column('started_on', sa.Date(), nullable=True),
    sa.Column('finished_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_survey_partners_partner_id')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_survey_partners_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('survey_id', 'partner_id', name=op.f('pk_survey_partners'))
    )
    with op.batch_alter_table('survey_partners', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_partners_partner_id'), ['partner_id'], unique=False)

    op.create_table('survey_responses',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('partner_id', sa.Integer(), nullable=True),
    sa.Column('completion', sa.String(length=10), nullable=False),
    sa.Column('released', sa.Boolean(), nullable=False),
    sa.CheckConstraint("completion IN ('complete', 'partial')", name=op.f('ck_survey_responses_completion')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_survey_responses_partner_id')),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_survey_responses_survey_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_responses'))
    )
    with op.batch_alter_table('survey_responses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_responses_survey_id'), ['survey_id'], unique=False)

    op.create_table('survey_topics',
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_survey_topics_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('survey_id', 'question', name=op.f('pk_survey_topics'))
    )
    op.create_table('comment_reviews',
    sa.Column('response_id', sa.String(length=24), nullable=False),
    sa.Column('question', sa.String(length=40), nullable=False),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.Column('reviewed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['response_id'], ['survey_responses.id'], name=op.f('fk_comment_reviews_response_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reviewed_by_id'], ['people.id'], name=op.f('fk_comment_reviews_reviewed_by_id')),
    sa.PrimaryKeyConstraint('response_id', 'question', name=op.f('pk_comment_reviews'))
    )
    op.create_table('survey_answers',
    sa.Column('response_id', sa.String(length=24), nullable=False),
    sa.Column('question', sa.String(length=40), nullable=False),
    sa.Column('part', sa.String(length=40), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('option', sa.String(length=40), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.CheckConstraint("(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> '')) OR (status <> 'answered' AND number IS NULL AND option IS NULL)", name=op.f('ck_survey_answers_value_exactly_when_answered')),
    sa.CheckConstraint("status IN ('answered', 'not_applicable', 'do_not_know', 'unanswered')", name=op.f('ck_survey_answers_status')),
    sa.ForeignKeyConstraint(['response_id'], ['survey_responses.id'], name=op.f('fk_survey_answers_response_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('response_id', 'question', 'part', name=op.f('pk_survey_answers')),
    sqlite_with_rowid=False
    )
    op.create_table('survey_draft_answers',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=40), nullable=False),
    sa.Column('part', sa.String(length=40), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('option', sa.String(length=40), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('changed_on_page', sa.String(length=32), nullable=False),
    sa.CheckConstraint("(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> '')) OR (status <> 'answered' AND number IS NULL AND option IS NULL)", name=op.f('ck_survey_draft_answers_value_exactly_when_answered')),
    sa.CheckConstraint("status IN ('answered', 'not_applicable', 'do_not_know', 'unanswered')", name=op.f('ck_survey_draft_answers_status')),
    sa.ForeignKeyConstraint(['draft_id'], ['survey_drafts.id'], name=op.f('fk_survey_draft_answers_draft_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'question', 'part', name=op.f('pk_survey_draft_answers')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('survey_draft_answers')
    op.drop_table('survey_answers')
    op.drop_table('comment_reviews')
    op.drop_table('survey_topics')
    with op.batch_alter_table('survey_responses', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_responses_survey_id'))

    op.drop_table('survey_responses')
    with op.batch_alter_table('survey_partners', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_partners_partner_id'))

    op.drop_table('survey_partners')
    with op.batch_alter_table('survey_drafts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_drafts_survey_id'))

    op.drop_table('survey_drafts')
    op.drop_table('reminder_days')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_messages_survey_id'))
        batch_op.drop_index(batch_op.f('ix_messages_state'))
        batch_op.drop_index(batch_op.f('ix_messages_partner_id'))

    op.drop_table('messages')
    op.drop_table('message_templates')
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitations_survey_id'))
        batch_op.drop_index(batch_op.f('ix_invitations_partner_id'))

    op.drop_table('invitations')
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_surveys_fusion_center_id'))

    op.drop_table('surveys')
    op.drop_table('partners')
