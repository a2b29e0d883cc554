"""The answers of a survey counted from parts of its sheets, each wherever it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from questionnaires.definition import Questionnaire
from reports.archives import Part, load_part
from reports.survey_tally import Tally, tally

COLUMNS = ("respondent", "question", "part", "status", "number", "option")


@dataclass(frozen=True, eq=False)
class SheetsWork:
    """Some sheets of one survey."""

    folder: Path
    questionnaire: Questionnaire
    part: Part


def count_part(work: SheetsWork) -> Tally:
    """The tally of these sheets. It needs no database and no other part: a cluster runs it as it stands."""
    return tally(work.questionnaire, load_part(work.folder, work.part))
