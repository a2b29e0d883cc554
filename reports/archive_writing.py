"""From the database to an archive of released answers, a part at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from assessment import frames
from assessment.answer_rows import all_cycles, members, surveys_to_export
from assessment.cycles.removed import require_answers
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.surveys import Survey
from assessment.network import frames as network_frames
from assessment.network import stored
from reports.archived_network import released_at
from reports.archives import Held, Part, write_manifest, write_part
from reports.network_parts import COLUMNS as NETWORK
from reports.survey_parts import COLUMNS as SHEETS

Watch = Callable[[int], None]  # is told how many pairs or sheets more are written


@dataclass(frozen=True)
class Sizes:
    """How many ids of pairs, and how many sheets, go into one file."""

    pairs: int
    sheets: int


@dataclass(frozen=True)
class Written:
    cycles: Sequence[str]
    answers: int
    files: int


def write_archive(
    session: Session,
    folder: Path,
    codes: Sequence[str],
    now: datetime,
    marking: str,
    sizes: Sizes,
    watched: Callable[[int], AbstractContextManager[Watch]],
) -> Written:
    """Write the released answers of these cycles, or of all that have any, into a new folder, whole or not.

    Refused where the folder is there already, or a cycle that was asked for has nothing released.
    ``watched`` is told how many pairs and sheets there are, and gives what is told how far one is.
    """
    if folder.exists():
        raise Refused(f"{folder} is there already. An archive is never changed: name a new folder.")
    cycles = [find_cycle(session, code) for code in codes] or all_cycles(session)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    try:
        with watched(sum(members(session, cycle) for cycle in cycles)) as watch:
            held = list(_all_held(session, cycles, bool(codes), part, sizes, watch))
        if not held:
            raise Refused("No cycle is released yet, so there is nothing to write.")
        write_manifest(part, sizes.pairs, held, {"written": now.isoformat(), "marking": marking})
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    parts = [each for one in held for each in one.parts]
    return Written(sorted({one.cycle for one in held}), sum(each.rows for each in parts), len(parts))


def _all_held(
    session: Session, cycles: Sequence[Cycle], asked: bool, folder: Path, sizes: Sizes, watch: Watch
) -> Iterator[Held]:
    """Of cycles that were asked for each must have something; of all cycles those that have."""
    for cycle in cycles:
        try:
            yield from _hold(session, cycle, folder, sizes, watch)
        except Refused:
            if asked:
                raise


def _hold(session: Session, cycle: Cycle, folder: Path, sizes: Sizes, watch: Watch) -> Iterator[Held]:
    require_answers(cycle)
    if stored.asks_pairs(session, cycle):
        yield _network(session, cycle, folder, sizes.pairs, watch)
        return
    for survey in surveys_to_export(session, cycle):
        yield _survey(session, survey, folder, sizes.sheets, watch)


def _network(session: Session, cycle: Cycle, folder: Path, size: int, watch: Watch) -> Held:
    released = network_frames.released_pairs(session, cycle.id)
    if released.empty:
        raise Refused(f"Cycle {cycle.code} is not closed yet; leave it out.")
    complete = released.loc[released["status"] == "complete", "pair"]
    parts: list[Part] = []
    for place in sorted(set(complete // size)):
        first = int(place) * size
        frame = network_frames.network_frame(session, cycle.id, range(first, first + size))
        file = f"network/{cycle.code}/pairs-{first:08}.parquet"
        parts.append(write_part(folder, file, first, _sorted(frame, NETWORK)))
        watch(int((complete // size == place).sum()))
    return Held(cycle.code, "", released_at(session, cycle), len(complete), tuple(parts))


def _survey(session: Session, survey: Survey, folder: Path, size: int, watch: Watch) -> Held:
    cycle, center = survey.cycle.code, survey.fusion_center.code
    parts: list[Part] = []
    first = 0
    for among, count in frames.sheets_in_parts(session, survey, size):
        frame = frames.survey_frame(session, survey, among)
        frame["respondent"] += first
        file = f"surveys/{cycle}/{center}/sheets-{first:08}.parquet"
        parts.append(write_part(folder, file, first, _sorted(frame, SHEETS)))
        watch(count)
        first += count
    return Held(cycle, center, str(survey.released_on), first, tuple(parts))


def _sorted(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Pair by pair or sheet by sheet: equal values lie side by side and take little room."""
    return frame.sort_values(columns[0], kind="stable")[[*columns]]
