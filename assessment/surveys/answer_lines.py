"""Reading a file of survey answers, line by line and small in memory.

Of each respondent one number is held for each part of each question: which of the answers met so far to it
this is. So an answer is checked once, however often it stands in the file.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from assessment.errors import BadLines
from questionnaires import answers, routing
from questionnaires.answers import AnswerError, AnswerRow, AnswerStatus, AnswerValue
from questionnaires.definition import RESPONDENT, Question, Questionnaire

COLUMNS = ("fusion_center", "respondent", "question", "part", "value")
LONGEST_NAME = 100
ABSENT = 0  # no line for this part of this question

Open = Callable[[], AbstractContextManager[Iterable[str]]]  # the file's lines; it may be read twice
Key = tuple[str, str]  # fusion center, respondent
Line = tuple[int, list[str] | str]  # its number, and its fields in the order of COLUMNS or what is wrong


def lines(open_file: Open) -> Iterator[Line]:
    """The lines below the first one. BadLines where the file or its first line is no good."""
    with open_file() as file:
        reader = csv.reader(file)
        try:
            order = _order(next(reader, []))
            for fields in reader:
                if not any(field.strip() for field in fields):
                    continue
                if len(fields) != len(order):
                    yield reader.line_num, f"{len(fields)} columns where the first line has {len(order)}."
                else:
                    yield reader.line_num, [fields[place].strip() for place in order]
        except csv.Error as error:
            raise BadLines([f"line {reader.line_num}: the file cannot be read here ({error})."]) from error
        except UnicodeDecodeError as error:
            raise BadLines(
                [f"After line {reader.line_num}: this is not UTF-8 text. Save it as UTF-8."]
            ) from error


def _order(header: list[str]) -> list[int]:
    names = [name.strip().lower() for name in header]
    if sorted(names) != sorted(COLUMNS):
        found = ", ".join(names)[:200] or "nothing"
        raise BadLines([f"line 1: the columns must be {', '.join(COLUMNS)}; found {found}."])
    return [names.index(column) for column in COLUMNS]


@dataclass
class Slot:
    """One part of one question, and the answers to it met so far: place 0 is none, 1 a blank."""

    question: Question
    part: str
    codes: list[str] = field(default_factory=lambda: ["", ""])
    places: dict[str, int] = field(default_factory=lambda: {"": 1})
    faults: dict[str, str] = field(default_factory=dict)

    def place(self, code: str) -> int:
        """Where this answer is held. AnswerError, the same one each time, where it is none."""
        found = self.places.get(code)
        if found is not None:
            return found
        if code in self.faults:
            raise AnswerError(self.faults[code])
        try:
            answers.from_file(self.question, {self.part: code})
        except AnswerError as error:
            self.faults[code] = error.message
            raise
        self.codes.append(code)
        self.places[code] = len(self.codes) - 1
        return self.places[code]


class AnswerTable:
    """All answers of a file to one questionnaire, by respondent."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.slots: list[Slot] = []
        self.places: dict[tuple[str, str], int] = {}
        self.of_question: dict[str, list[int]] = {}
        for question in questionnaire.questions:
            for part in [part.id for part in question.parts] or [""]:
                self.places[question.id, part] = len(self.slots)
                self.of_question.setdefault(question.id, []).append(len(self.slots))
                self.slots.append(Slot(question, part))
        self.respondents: dict[str, array[int]] = {}
        self._deciding = sorted(_deciding(questionnaire))
        self._asked: dict[tuple[str, ...], frozenset[str]] = {}
        self._rows: dict[tuple[int, ...], tuple[AnswerRow, ...] | str] = {}

    def add(self, respondent: str, question: str, part: str, code: str) -> str:
        """Take one line; what is wrong with it, after the word column, or nothing."""
        place = self.places.get((question, part))
        if place is None:
            return self._wrong_place(question, part)
        held = self.respondents.get(respondent)
        if held is None:
            held = self.respondents[respondent] = array("I", bytes(4 * len(self.slots)))
        if held[place] != ABSENT:
            return (
                f"question: {question}{f', part {part},' if part else ''} stands in an earlier line already."
            )
        try:
            held[place] = self.slots[place].place(code)
        except AnswerError as error:
            return f"value: {error.message}"
        return ""

    def _wrong_place(self, question: str, part: str) -> str:
        known = self.questionnaire.by_id.get(question)
        if known is None:
            return f'question: there is no question "{question[:40]}" in this survey.'
        try:
            answers.from_file(known, {part: ""})
        except AnswerError as error:
            return f"part: {error.message}"
        raise AssertionError(f"{question} has the part {part}")

    def problems(self, respondent: str) -> dict[str, str]:
        """What no single line shows, by question: parts that do not go together, and skipped questions."""
        found = {}
        asked = self._asked_of(respondent)
        for question, places in self.of_question.items():
            rows = self._question_rows(respondent, places)
            if isinstance(rows, str):
                found[question] = rows
            elif question not in asked and any(row.status is not AnswerStatus.UNANSWERED for row in rows):
                found[question] = f"{question} is not asked after the other answers. Leave it out."
        return found

    def rows(self, respondent: str) -> Iterator[tuple[str, AnswerRow]]:
        """The answers as tables hold them; a blank has no row of its own."""
        for question, places in self.of_question.items():
            for row in self._question_rows(respondent, places):
                if not isinstance(row, str):
                    yield question, row

    def values(self, respondent: str) -> dict[str, AnswerValue]:
        """The same, question by question."""
        found: dict[str, list[AnswerRow]] = {}
        for question, row in self.rows(respondent):
            found.setdefault(question, []).append(row)
        return {question: answers.compose(rows) for question, rows in found.items()}

    def _question_rows(self, respondent: str, places: list[int]) -> tuple[AnswerRow, ...] | str:
        held = self.respondents[respondent]
        key = (places[0], *[held[place] for place in places])
        if not any(key[1:]):
            return ()
        if key not in self._rows:
            self._rows[key] = self._parse(places, key[1:])
        return self._rows[key]

    def _parse(self, places: list[int], chosen: tuple[int, ...]) -> tuple[AnswerRow, ...] | str:
        slots = [self.slots[place] for place in places]
        codes = {slot.part: slot.codes[n] for slot, n in zip(slots, chosen, strict=True) if slot.codes[n]}
        if not codes:
            return ()
        try:
            return answers.rows(answers.from_file(slots[0].question, codes))
        except AnswerError as error:
            return error.message

    def _asked_of(self, respondent: str) -> frozenset[str]:
        """The questions put to whoever gave these answers, worked out once for all who gave the same."""
        held = self.respondents[respondent]
        places = [place for question in self._deciding for place in self.of_question[question]]
        key = tuple(self.slots[place].codes[held[place]] for place in places)
        if key not in self._asked:
            values = self._deciding_values(respondent)
            asked = routing.applicable_questions(self.questionnaire, RESPONDENT, values)
            self._asked[key] = frozenset(question.id for question in asked)
        return self._asked[key]

    def _deciding_values(self, respondent: str) -> Mapping[str, AnswerValue]:
        found = {}
        for question in self._deciding:
            rows = self._question_rows(respondent, self.of_question[question])
            if rows and not isinstance(rows, str):
                found[question] = answers.compose(rows)
        return found


def _deciding(questionnaire: Questionnaire) -> set[str]:
    """The questions whose answers decide whether others are asked."""
    conditions = [question.applies_when for question in questionnaire.questions]
    return {question for condition in conditions if condition for question in condition.questions()}
