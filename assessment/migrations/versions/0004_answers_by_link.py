"""Failed links of the last day, and the respondents that a file names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

TABLES = ('survey_drafts', 'survey_responses')


def upgrade() -> None:
    op.create_table(
        'link_failures',
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'hour', name=op.f('pk_link_failures')),
    )
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('respondent', sa.String(length=100), nullable=True))
            batch_op.create_unique_constraint(
                batch_op.f(f'uq_{table}_survey_id_respondent'), ['survey_id', 'respondent']
            )


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f'uq_{table}_survey_id_respondent'), type_='unique')
            batch_op.drop_column('respondent')
    op.drop_table('link_failures')
