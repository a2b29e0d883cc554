"""The arrows between the packages, and what a cold start loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_starting_the_application_loads_neither_pandas_nor_plotly() -> None:
    """Commands and answering pages do without them; they take longer to load than all the rest."""
    heavy = {"pandas", "numpy", "plotly", "scipy", "statsmodels", "pyarrow", "pyreadstat", "xlsxwriter"}
    program = (
        "import sys, app, reports.cli, assessment.cli;"
        f"print(sorted(set({sorted(heavy)!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_package_files_hold_a_docstring_and_nothing_else() -> None:
    for package in ("questionnaires", "assessment", "reports"):
        for file in (ROOT / package).rglob("__init__.py"):
            text = file.read_text().strip()
            assert text.startswith('"""'), file
            assert text.endswith('"""'), file
            assert text.count('"""') == 2, file
