"""A center's own questions: a small definition, kept as text and checked like any other.

Pure. A form adds and removes single questions; whoever wants more may edit the text itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import yaml

from questionnaires.definition import AnswerType, Audience, Questionnaire, Section
from questionnaires.loader import DefinitionError, Problem, loads

MOST = 10
MOST_CHARACTERS = 20_000
SECTION = "OWN"
TITLE = "A few more questions"
FREE_TYPES = {  # what the form offers: type -> its words
    "agree": "How far they agree, from strongly disagree to strongly agree",
    AnswerType.YES_NO.value: "Yes or no",
    AnswerType.SINGLE_CHOICE.value: "One of several choices",
    AnswerType.MULTIPLE_CHOICE.value: "Any number of choices",
    AnswerType.SHORT_TEXT.value: "A few words",
    AnswerType.LONG_TEXT.value: "Some sentences",
}
WITH_CHOICES = (AnswerType.SINGLE_CHOICE.value, AnswerType.MULTIPLE_CHOICE.value)
AGREE = {
    "options": [
        {"number": number, "label": label}
        for number, label in enumerate(
            ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"), 1
        )
    ],
    "do_not_know": "No basis to judge",
}


@lru_cache(maxsize=256)
def section_of(text: str) -> Section | None:
    """The section of a definition that was checked; None for no text. Raises DefinitionError."""
    if not text.strip():
        return None
    return loads(text).sections[0]


def faults(text: str, main: Questionnaire) -> list[str]:
    """Everything that is wrong with the text beside this questionnaire, a sentence each."""
    if not text.strip():
        return []
    if len(text) > MOST_CHARACTERS:
        return [f"The own questions have {len(text):,} characters and the limit is {MOST_CHARACTERS:,}."]
    try:
        own = loads(text)
    except DefinitionError as error:
        return [_sentence(problem) for problem in error.problems]
    return _misfits(own, main)


def _sentence(problem: Problem) -> str:
    return f"{problem.element}: {problem.message}"


def _misfits(own: Questionnaire, main: Questionnaire) -> list[str]:
    found = []
    if own.audience is not Audience.RESPONDENTS:
        found.append('Own questions are for respondents: write "audience: respondents".')
    if len(own.sections) != 1:
        found.append(f"Own questions stand in one section; there are {len(own.sections)}.")
    if len(own.questions) > MOST:
        found.append(f"There are {len(own.questions)} own questions and the limit is {MOST}.")
    if own.scoring is not None:
        found.append("Own questions are not scored: take the scoring rules away.")
    sections = {section.id for section in main.sections}
    found += [
        f"{section.id}: this section is in the questionnaire already. Give yours another id."
        for section in own.sections
        if section.id in sections
    ]
    found += [
        f"{question.id}: this question is in the questionnaire already. Give yours another id."
        for question in own.questions
        if question.id in main.by_id
    ]
    return found


def with_own(main: Questionnaire, text: str) -> Questionnaire:
    """The questionnaire with the own questions as its last section."""
    own = section_of(text)
    return replace(main, sections=(*main.sections, own)) if own else main


def add_question(text: str, wording: str, kind: str, choices: Sequence[str] = ()) -> str:
    """The definition with one more question at its end."""
    document = _document(text)
    questions = document["sections"][0]["questions"]
    question: dict[str, Any] = {
        "id": _free_id({question["id"] for question in questions}),
        "type": AnswerType.RATING.value if kind == "agree" else kind,
        "wording": {"respondent": wording},
        "required": False,
    }
    if kind == "agree":
        document.setdefault("scales", {})["own-agree"] = AGREE
        question["scale"] = "own-agree"
    if kind in WITH_CHOICES:
        question["options"] = [
            {"code": f"choice-{place}", "label": label} for place, label in enumerate(choices, 1)
        ]
    questions.append(question)
    return _text(document)


def remove_question(text: str, question: str) -> str:
    """The definition without this question; without the last one it is empty."""
    document = _document(text)
    section = document["sections"][0]
    section["questions"] = [other for other in section["questions"] if other["id"] != question]
    if not any("scale" in other for other in section["questions"]):
        document.pop("scales", None)
    return _text(document) if section["questions"] else ""


def _document(text: str) -> dict[str, Any]:
    if text.strip():
        return dict(yaml.safe_load(text))
    return {
        "id": "own-questions",
        "version": "1.0",
        "title": "Own questions",
        "audience": Audience.RESPONDENTS.value,
        "sections": [{"id": SECTION, "title": TITLE, "questions": []}],
    }


def _text(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)


def _free_id(taken: set[str]) -> str:
    """The next id that none has; a question's id keeps its meaning when another is removed."""
    return next(name for number in range(1, 1000) if (name := f"{SECTION}-{number:02}") not in taken)
