"""Whether this process can do its work: the database answers, and has the tables that the program knows."""

from __future__ import annotations

from functools import lru_cache

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assessment.database import Database
from assessment.schema import SCRIPTS

NO_DATABASE = "The database does not answer."
EMPTY = "The database has no tables yet. Run `flask db upgrade`."
BEHIND = "The database is at migration {}, this program needs {}. Run `flask db upgrade`."


def answers(database: Database) -> bool:
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def why_not_ready(database: Database) -> str:
    """A sentence for whoever runs it; "" where it is ready.

    A database ahead of this program is no reason: while a newer one is brought in, the older serves on.
    """
    try:
        with database.engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return NO_DATABASE
    if not present:
        return EMPTY
    known, newest = _migrations()
    if present == newest or not present <= known:
        return ""
    return BEHIND.format(", ".join(sorted(present)), ", ".join(sorted(newest)))


@lru_cache(maxsize=1)
def _migrations() -> tuple[frozenset[str], frozenset[str]]:
    """All that this program knows, and the newest."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    return frozenset(each.revision for each in scripts.walk_revisions()), frozenset(scripts.get_heads())
