"""Bringing a database to the newest migration."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from assessment.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
TRIGGERS = {  # migration 7
    "sqlite": {f"audit_events_no_{what}" for what in ("update", "delete", "replace")},
    "postgresql": {f"audit_events_no_{what}" for what in ("change", "truncate")},
}


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run what is missing, in one transaction, one process at a time."""
    with database.writing_connection() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5022010)")
        command.upgrade(configuration(connection), revision)


def is_current(database: Database) -> bool:
    """Whether the newest migration has run."""
    with database.engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return set(heads) == set(ScriptDirectory.from_config(config).get_heads())


def missing_triggers(connection: Connection) -> list[str]:
    """Names of triggers that keep the audit trail as it is and are not there, or are switched off."""
    dialect = connection.dialect.name
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE pg_table_is_visible(c.oid) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    )
    found = set(connection.exec_driver_sql(query).scalars())
    return sorted(TRIGGERS[dialect] - found)
