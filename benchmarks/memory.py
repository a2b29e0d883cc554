"""The most memory above idle that an export takes: ``python -m benchmarks.memory 1000000``; 1 above 250 MB.

A process of its own each time, because the operating system keeps count of the most that one ever took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import results
from benchmarks.survey_answers import filled

LIMIT = 250  # MB above idle
WARM = 100  # sheets: loads what an export loads
EXPORTS = {"csv": results.export_csv, "parquet": results.export_parquet, "xlsx": results.export_xlsx}


def most_above_idle(kind: str, sheets: int, folder: Path) -> float:
    """MB, of a database with so many answer sheets."""
    warm, large = filled(folder, WARM), filled(folder, sheets)
    EXPORTS[kind](warm, folder / "warm")
    idle = _held("VmRSS")
    EXPORTS[kind](large, folder / "answers")
    return _held("VmHWM") - idle


def _held(name: str) -> float:
    """MB of this process, as Linux counts them: VmRSS now, VmHWM at most so far."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024 / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("sheets", type=int)
    parser.add_argument("--kind", choices=list(EXPORTS), default="csv")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-memory-") as folder:
        most = most_above_idle(wanted.kind, wanted.sheets, Path(folder))
    print(f"{wanted.kind}, {wanted.sheets:,} sheets: {most:.0f} MB above idle, limit {LIMIT}")
    return 0 if most <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
