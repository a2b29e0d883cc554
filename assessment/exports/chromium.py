"""Printing a page to PDF with the Chromium of this machine, where there is one."""

from __future__ import annotations

import html
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from assessment.errors import Refused
from assessment.exports.one_page import MEANWHILE

log = logging.getLogger(__name__)

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the lightest first
LONGEST_SECONDS = 120.0
DRAWING_MILLISECONDS = 30_000  # of the page's own time, which passes faster: its charts are drawn by then
LOOKED_AT_EVERY_SECONDS = 0.2
TRIES = 2  # on a busy machine it ends now and then without a word and without a page
MISSING = "There is no Chromium on the server, so no PDF can be made there. Print the page from your browser."
TOO_LONG = f"Chromium took longer than {LONGEST_SECONDS:.0f} seconds to print the page. Try a smaller scope."
FAILED = "Chromium could not print the page. Print it from your browser, and tell your administrator."
START = '<a href="{}"></a><script>location.replace(document.links[0].href)</script><img src="{}">'
# Nothing but the page: no first-run pages, no updates, no name looked up, nobody's settings.
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--no-pdf-header-footer",
    f"--virtual-time-budget={DRAWING_MILLISECONDS}",
)


def find_chromium() -> str | None:
    """The first program of these names on the path."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_page(address: str, go_on: Callable[[], object]) -> bytes:
    """The page as PDF; Refused with a sentence where that fails. ``go_on`` is called often, and may raise."""
    program = find_chromium()
    if program is None:
        raise Refused(MISSING)
    for _ in range(TRIES):
        content = _printed(program, address, go_on)
        if content.startswith(b"%PDF-"):
            return content
    raise Refused(FAILED)


def _printed(program: str, address: str, go_on: Callable[[], object]) -> bytes:
    """What one start of the program has written; nothing where it ended without."""
    with tempfile.TemporaryDirectory(prefix="tandem-print-", ignore_cleanup_errors=True) as folder:
        start, target = Path(folder) / "start.html", Path(folder) / "page.pdf"
        # Everybody on this machine can read a program's arguments, so the address is no argument.
        start.write_text(start_of(address))
        command = [program, *_options(folder), only_from(address), f"--print-to-pdf={target}", start.as_uri()]
        with (Path(folder) / "said").open("w+b") as said:
            with _running(command, folder, said) as process:
                _wait(process, go_on)
            content = target.read_bytes() if target.is_file() else b""
            if not content.startswith(b"%PDF-"):
                said.seek(0)
                log.error("Chromium printed nothing: %s", said.read()[-2000:].decode(errors="replace"))
    return content


def start_of(address: str) -> str:
    """A leaf that leads to the page, and waits for it.

    Chromium lets the time of a page pass as fast as it can, and prints when it is over; on a busy machine
    that was before the page had come. While a picture is awaited that time stands still.
    """
    return START.format(html.escape(address), html.escape(address + MEANWHILE))


def only_from(address: str) -> str:
    """The option by which no other machine is found, and no other service of this one."""
    place = urlsplit(address).netloc
    return f"--host-resolver-rules=MAP {place} {place}, MAP * ~NOTFOUND"


def _options(folder: str) -> list[str]:
    found = [*OPTIONS, f"--user-data-dir={folder}/profile"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        found.append("--no-sandbox")  # as root it refuses to start otherwise
    return found


@contextmanager
def _running(command: list[str], folder: str, said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """In a group of its own, all of which ends with the block; nothing of our environment but the path."""
    process = subprocess.Popen(  # noqa: S603  (a program of the system, with arguments of ours)
        command,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], go_on: Callable[[], object]) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    while process.poll() is None:
        go_on()
        if time.monotonic() > ends:
            raise Refused(TOO_LONG)
        time.sleep(LOOKED_AT_EVERY_SECONDS)
