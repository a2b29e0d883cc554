"""Databases of these tests' own, so that nobody else's tests meet what is in them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from assessment import schema
from assessment.database import Database
from tests.conftest import Network


@dataclass
class Databases:
    """Databases for these tests: a migrated, empty one, and copies of what another holds."""

    folder: Path
    template: Path
    server: str = ""  # of PostgreSQL; else SQLite
    made: list[str] = field(default_factory=list)

    def empty(self, name: str) -> str:
        if not self.server:
            return self._copied(self.template, name)
        template = f"empty_{id(self)}"
        if template not in self.made:
            fresh = Database(self._create(template, "template0"))
            schema.upgrade(fresh)
            fresh.engine.dispose()
        return self._create(name, template)

    def copy(self, source: str, name: str) -> str:
        """Nobody may be using the source."""
        if not self.server:
            return self._copied(self.folder / source, name)
        return self._create(name, source)

    def url(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}"
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _create(self, name: str, source: str) -> str:
        self._run(f"CREATE DATABASE {name} TEMPLATE {source}")
        self.made.append(name)
        return self.url(name)

    def _copied(self, source: Path, name: str) -> str:
        shutil.copy(source, self.folder / name)
        self.made.append(name)
        return self.url(name)

    def drop(self) -> None:
        for name in self.made if self.server else ():
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def finish(network: Network) -> None:
    """Let go of a network's database, so that it can be copied."""
    engine = network.database.engine
    if network.database.is_sqlite:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
