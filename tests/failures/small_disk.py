"""A disk of a few megabytes that a test may fill up: a tmpfs, where the machine lets one be mounted."""

from __future__ import annotations

import errno
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = "12m"
CHUNK = 64 * 1024


class SmallDisk:
    """``folder`` is on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Until not one more page goes onto it."""
        for size in (CHUNK, 4096, 1):
            try:
                with self._filler.open("ab", buffering=0) as file:
                    while True:
                        file.write(b"x" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        self._filler.unlink()

    def read_only(self) -> None:
        """Whoever has a file open for writing has closed it by now."""
        _mount("-o", "remount,ro", str(self.folder))

    def writable(self) -> None:
        _mount("-o", "remount,rw", str(self.folder))


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    above = Path(tempfile.mkdtemp(prefix="tandem-disk-"))
    above.chmod(0o755)  # PostgreSQL has a user of its own
    folder = above / "disk"
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(above)
        pytest.skip("a small disk can be mounted here by root only")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(above, ignore_errors=True)
