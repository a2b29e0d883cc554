"""Answers to the product survey as plain dictionaries, and the frame that holds them.

A respondent is a dictionary (question, part) -> code: "4", "DK", "NA", an option's code; of a multiple choice
a tuple of codes under part "".
"""

from __future__ import annotations

import random

import pandas as pd

from questionnaires.definition import AnswerType
from questionnaires.library import BUILT_IN, Library

SURVEY = Library([BUILT_IN]).get("product-usefulness", "1.0")
ATTRIBUTES = [f"A-{n:02}" for n in range(1, 13)]
MARKS = {"DK": "do_not_know", "NA": "not_applicable", "": "unanswered"}
COLUMNS = ["respondent", "question", "part", "status", "number", "option", "text"]


def frame(people, rng=None):
    rows = []
    for name, answers in enumerate(people):
        for (question, part), code in answers.items():
            rows += [(f"R{name}", question, *row) for row in rows_of(part, code)]
    if rng:
        rng.shuffle(rows)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"number": float})


def rows_of(part, code):
    if isinstance(code, tuple):
        return [(option, "answered", None, option, "") for option in code]
    if code in MARKS:
        return [(part, MARKS[code], None, None, "")]
    if code.isdigit():
        return [(part, "answered", float(code), None, "")]
    return [(part, "answered", None, code, "")]


def person(**answers):
    """One respondent: O_01="4", A_03=("5", "2") for importance and performance, U_02=("planning",)."""
    found = {}
    for name, code in answers.items():
        question = name.replace("_", "-")
        parts = [part.id for part in SURVEY.by_id[question].parts]
        if parts:
            found |= {(question, part): each for part, each in zip(parts, code, strict=True)}
        else:
            found[question, ""] = code
    return found


def all_rated(performance="3", importance="4", **more):
    return person(**{name.replace("-", "_"): (importance, performance) for name in ATTRIBUTES}, **more)


def random_people(rng: random.Random, count, *, eoc=0.3, blank=0.1):
    return [random_person(rng, eoc, blank) for _ in range(count)]


def random_person(rng, eoc, blank):
    """Answers to everything, also to what the skip rules leave out: the calculation must not count those."""
    found = {}
    for question in SURVEY.questions:
        if rng.random() < blank:
            continue
        if question.id == "P-01" and rng.random() < eoc:
            found[question.id, ""] = "eoc"
        elif question.type is AnswerType.MULTIPLE_CHOICE:
            codes = [option.code for option in question.options]
            found[question.id, ""] = tuple(rng.sample(codes, rng.randint(1, 3)))
        elif question.parts:
            received = question.type is not AnswerType.GRID_ROW or rng.random() < 0.5
            for part in question.parts:
                found[question.id, part.id] = random_rating(rng) if received else "NA"
        elif question.scale:
            found[question.id, ""] = random_rating(rng)
        elif question.choices:
            found[question.id, ""] = rng.choice(question.choices).code
    return found


def random_rating(rng):
    return rng.choices([*"12345", "DK", ""], [1, 2, 3, 4, 3, 1, 1])[0]
