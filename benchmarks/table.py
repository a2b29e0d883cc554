"""The table of ``make bench`` and the conditions above it."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Result

HEADER = "measure | ours | floor | ratio | limit | ok"
PACKAGES = ("Flask", "SQLAlchemy", "gunicorn", "psycopg", "numpy", "pandas", "pyarrow", "xlsxwriter")


def conditions(folder: Path) -> Iterator[str]:
    """Lines that say where and with what the figures were taken."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield f"date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    yield f"machine: {os.cpu_count()} x {_processor()}, {_memory()}, {platform.system()} {platform.release()}"
    yield f"load before: {', '.join(f'{load:.1f}' for load in os.getloadavg())} (1, 5, 15 minutes)"
    yield f"Python {platform.python_version()}, {packages}, SQLite {sqlite3.sqlite_version}"
    yield f"databases: SQLite, WAL, synchronous FULL, on {_file_system(folder)}"
    yield "figures: median of at least five runs, each taken in turn with its floor"


def row(result: Result) -> str:
    """One line of the table."""
    measure = result.measure
    cells = (
        measure.name,
        shown(result.ours, measure.unit),
        shown(result.floor, measure.unit),
        f"{result.ratio:.2f}",
        f"{measure.limit:g}",
        "ok" if result.ok else "NOT OK",
    )
    return " | ".join(cells)


def shown(figure: float, unit: str) -> str:
    """A figure as people read it: milliseconds, kilobytes of 1,024, whole statements."""
    if unit == "s":
        return f"{figure:.2f} s" if figure >= 1 else f"{figure * 1000:.2f} ms"
    if unit == "bytes":
        return f"{figure / 1024:.1f} KB"
    return f"{figure:g} {unit}"


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GB"


def _file_system(folder: Path) -> str:
    """The kind of file system below a folder; a disk in memory would make every sync free."""
    mounts = [line.split()[1:3] for line in _lines("/proc/mounts")]
    around = [(len(point), kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(around)[1] if around else "an unknown file system"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
