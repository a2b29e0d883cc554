"""Audit events have an origin and a seal, and the database refuses to change or remove them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

COLUMNS = {'origin': 45, 'key': 8, 'seal': 64}
WORDS = 'Audit events are never changed or removed.'
# With recursive_triggers off, INSERT OR REPLACE removes a row without asking the trigger for DELETE.
SQLITE = {
    'update': 'BEFORE UPDATE ON audit_events',
    'delete': 'BEFORE DELETE ON audit_events',
    'replace': 'BEFORE INSERT ON audit_events WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)',
}
POSTGRESQL = {
    'change': 'BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW',
    'truncate': 'BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT',
}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column('audit_events', sa.Column(name, sa.String(length), nullable=False, server_default=''))
    if op.get_bind().dialect.name == 'sqlite':
        for name, when in SQLITE.items():
            op.execute(
                f"CREATE TRIGGER audit_events_no_{name} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )
        return
    op.execute(
        'CREATE FUNCTION audit_events_stand() RETURNS trigger LANGUAGE plpgsql AS'
        f" $$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, when in POSTGRESQL.items():
        op.execute(f'CREATE TRIGGER audit_events_no_{name} {when} EXECUTE FUNCTION audit_events_stand()')


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == 'sqlite'
    for name in SQLITE if sqlite else POSTGRESQL:
        op.execute(f'DROP TRIGGER audit_events_no_{name}' + ('' if sqlite else ' ON audit_events'))
    if not sqlite:
        op.execute('DROP FUNCTION audit_events_stand()')
    for name in COLUMNS:
        op.drop_column('audit_events', name)
