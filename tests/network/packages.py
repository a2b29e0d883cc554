"""Packages of the network's tables, read back as a person's own program reads them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
from openpyxl import load_workbook

KINDS = ["csv", "xlsx", "sav", "parquet"]
ABOUT = ["marking", "synthetic", "cycle", "scope", "released", "period", "questionnaire", "version", "n"]
TABLES = ["completeness", "index", "levels", "trend", "changes", "domains", "domains_by_region", "items"]
TABLES += ["common_gaps", "guidance", "groups", "pairs"]


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_back(content: bytes, kind: str, folder: Path) -> dict[str, pd.DataFrame]:
    """Table -> frame, as a person's own program reads it; the columns that say what it is of come first."""
    files = files_of(content)
    if kind == "xlsx":
        book = load_workbook(io.BytesIO(files["network.xlsx"]))
        sheets = {name: list(book[name].values) for name in TABLES}
        return {name: pd.DataFrame(lines[2:], columns=lines[1]) for name, lines in sheets.items()}
    if kind == "sav":
        return {name: spss(files[f"{name}.sav"], folder / f"{name}.sav")[0] for name in TABLES}
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}[kind]
    return {name: read(io.BytesIO(files[f"{name}.{kind}"])) for name in TABLES}


def spss(content: bytes, file: Path, **how: Any) -> Any:
    file.write_bytes(content)
    return pyreadstat.read_sav(str(file), **how)


def digits(found: Any) -> Any:
    """With twelve digits of each number: a spreadsheet keeps fifteen."""
    if isinstance(found, dict):
        return {name: digits(value) for name, value in found.items()}
    if isinstance(found, list):
        return [digits(value) for value in found]
    return float(f"{found:.12g}") if isinstance(found, float) else found
