"""Answers of tests as archives hold them: in files, some pairs or sheets in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from questionnaires.definition import Questionnaire
from reports.archives import write_part
from reports.network_parts import CyclePart, PartWork
from reports.survey_parts import SheetsWork
from tests.network.random_networks import Cycle


def network_parts(folder: Path, cycles: list[Cycle], size: int) -> list[PartWork]:
    """So many ids of pairs in each; nobody answered in some of them."""
    most = max(pair for cycle in cycles for pair in cycle.status)
    return [
        PartWork(folder, tuple(_cycle_part(folder, cycle, range(first, first + size)) for cycle in cycles))
        for first in range(0, most + 1, size)
    ]


def _cycle_part(folder: Path, cycle: Cycle, among: range) -> CyclePart:
    released = cycle.released[cycle.released["pair"].isin(among)]
    frame = cycle.frame[cycle.frame["pair"].isin(among)]
    complete = (released["status"] == "complete").any()
    file = f"{cycle.code}-{among.start}.parquet"
    part = write_part(folder, file, among.start, frame) if complete else None
    return CyclePart(cycle.questionnaire, released, part)


def survey_parts(folder: Path, asked: Questionnaire, frame: pd.DataFrame, size: int) -> list[SheetsWork]:
    """So many sheets in each."""
    names: Any = frame["respondent"].unique()
    found = []
    for first in range(0, len(names), size):
        rows = frame[frame["respondent"].isin(names[first : first + size])]
        part = write_part(folder, f"sheets-{first}.parquet", first, rows.drop(columns="text"))
        found.append(SheetsWork(folder, asked, part))
    return found
