"""Finds Chromium for the browser tests, and installs Debian's where it may; ``make test`` calls it first.

Only the standard library: it runs before anything else is known to work. Nothing here waits for ever.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

SHELL = "chromium-headless-shell"  # the same without windows: half the processor time of these tests
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome")
VARIABLE = "TANDEM_CHROMIUM"
ASK_SECONDS = 60  # for --version: a first start on a slow disk
UPDATE_SECONDS = 180
INSTALL_SECONDS = 900
APT = (
    "apt-get",
    "-qq",
    "-o",
    "DPkg::Lock::Timeout=60",
    "-o",
    "Acquire::http::Timeout=30",
    "-o",
    "Acquire::Retries=1",
)

HOW = f"""\
  To get it: apt-get install chromium-headless-shell (Debian), dnf install chromium (Fedora),
  brew install chromium (macOS),
  or set {VARIABLE} to the program of a Chromium or Chrome that is here already."""


def find_chromium() -> str | None:
    """The path of a Chromium that starts, or None. A path in TANDEM_CHROMIUM goes before all others."""
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [shutil.which(name) for name in NAMES]
    return next((path for path in candidates if path and starts(path)), None)


def starts(path: str) -> bool:
    """Whether the program says its version; some systems have a stub of this name that asks to install."""
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    """Debian's package, quietly; what went wrong is shown, and the search afterwards decides."""
    say("Installing Chromium with apt-get for the browser tests (it takes some minutes).")
    run_apt(["update"], UPDATE_SECONDS)
    for package in (SHELL, "chromium"):
        if find_chromium() is None or package == SHELL:
            run_apt(["install", "-y", "--no-install-recommends", package], INSTALL_SECONDS)


def run_apt(arguments: Sequence[str], seconds: int) -> None:
    command = [*APT, *arguments]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        say(f"apt-get {arguments[0]} took longer than {seconds} seconds and was stopped.")
        return
    if done.returncode:
        say(f"apt-get {arguments[0]} failed:\n{done.stdout[-2000:]}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def main() -> int:
    named, in_ci = os.environ.get(VARIABLE), os.environ.get("CI") == "true"
    found = find_chromium()
    # Where somebody sits and waits, the Chromium that is here will do.
    quickest = found is not None and (bool(named) or not in_ci or found.endswith(SHELL))
    if not quickest and not named and may_install():
        install()
        found = find_chromium()
    if found:
        return 0
    missing = f"{VARIABLE} is {named}, which does not start." if named else "There is no Chromium here."
    if in_ci:
        say(f"{missing} In CI the browser tests must run.\n{HOW}")
        return 1
    line = "*" * 78
    say(f"{line}\n* {missing}\n* THE BROWSER TESTS WILL BE SKIPPED.\n{HOW}\n{line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
