"""The pair of the demonstration accounts: its answers are written out, so that its report has much to show.

Earlier cycles step back from the written ones, so that there is a trend.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

from assessment.demonstration.answers import SideAnswers
from assessment.demonstration.chance import chance
from questionnaires import answers
from questionnaires.answers import AnswerValue
from questionnaires.definition import Questionnaire, Side

FILE = Path(__file__).with_name("colorado.csv")
STEP_BACK = 0.22  # chance of a rating to have been one lower, for each cycle back


def written_answers(questionnaire: Questionnaire, side: Side, until: date) -> SideAnswers:
    """What the file says for this side of the questions that this version asks."""
    month = (until - timedelta(days=75)).strftime("%B %Y")
    found = {}
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            question = questionnaire.by_id.get(row["question"])
            if question is not None and question.asked_of(side) and row[side.value]:
                note = row[f"{side.value}_note"].format(month=month)
                found[question.id] = answers.parse(question, row[side.value], note)
    return found


def answers_at(
    questionnaire: Questionnaire, side: Side, age: int, until: date, made: SideAnswers, seed: int
) -> SideAnswers:
    """The side's answers ``age`` cycles ago; ``made`` stands in for questions that the file does not have."""
    rng = chance(seed, "own pair", side.value)
    written = written_answers(questionnaire, side, until)
    back = {question: _step_back(value, age - 1, rng) for question, value in written.items()}
    return made | back


def _step_back(value: AnswerValue, cycles: int, rng: Random) -> AnswerValue:
    """An earlier rating; its note goes with a rating that changes."""
    luck = [rng.random() for _ in range(cycles)]
    lower = sum(1 for chance in luck if chance < STEP_BACK)
    if value.number is None or not lower:
        return value
    return AnswerValue(value.status, number=max(0.0, value.number - lower))
