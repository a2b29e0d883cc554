"""Believable answers of one partner to a product survey. Pure.

Who gets products often finds them more useful; EOC officials miss all hazards and what it means for response;
every person leans one way throughout, so that the ratings belong together.
"""

from __future__ import annotations

from random import Random

from assessment.demonstration import words
from questionnaires import answers, routing
from questionnaires.answers import AnswerValue
from questionnaires.definition import RESPONDENT, AnswerType, Question, Questionnaire

PROFILE = {  # how often, in 100
    "P-01": {"eoc": 27, "fire_ems": 14, "law_enforcement": 26, "public_health": 9, "infrastructure": 10,
             "executive": 6, "other": 8},
    "P-02": {"state": 24, "territory": 0, "tribal": 2, "regional": 8, "county": 32, "city": 22,
             "special_district": 4, "federal": 4, "private": 4},
    "P-03": {"never": 6, "less_than_monthly": 18, "monthly": 30, "weekly": 34, "daily": 12},
    "P-05": {"yes": 45, "no": 55},
}  # fmt: skip
OFTEN = {"less_than_monthly": -0.45, "monthly": -0.05, "weekly": 0.2, "daily": 0.35}
RECEIVED = {"T-01": 85, "T-02": 62, "T-03": 60, "T-04": 34, "T-05": 78, "T-06": 48, "T-07": 36, "T-08": 52,
            "T-09": 22}  # fmt: skip
EASE = {  # what a question adds to a person's mean rating
    "T-01": 0.3, "T-03": 0.1, "T-04": 0.15, "T-05": 0.5, "T-06": 0.35, "T-07": 0.4,
    "T-08": -0.55, "T-09": -0.3,
    "A-01": 0.1, "A-02": -0.5, "A-03": 0.5, "A-04": 0.3, "A-05": -0.3, "A-07": -0.4, "A-08": -0.7,
    "A-09": -0.6, "A-10": -0.35, "A-12": 0.15, "S-03": -0.3, "S-04": -0.5, "S-05": -0.8, "O-04": -0.4,
}  # fmt: skip
IMPORTANCE = {
    "A-01": 0.9, "A-02": 1.0, "A-03": 0.9, "A-04": 0.5, "A-05": 0.0, "A-06": 0.1, "A-07": 0.7, "A-08": 0.8,
    "A-09": 0.5, "A-10": 0.6, "A-11": -0.1, "A-12": -0.3,
}  # fmt: skip
EOC_LESS = {"A-08": 0.35, "A-09": 0.55, "T-03": 0.3, "T-06": 0.4}
MEAN, LEAN, NOISE = 3.45, 0.6, 0.75
NO_BASIS = 0.05
COMMENTED = 0.28
CHOSEN = {"U-02": 0.3, "N-01": 0.17, "P-04": 0.25}


class SurveyAnswerMaker:
    """Makes answer sheets of one questionnaire; ``shift`` is what a year adds to every rating."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self._parsed: dict[tuple[str, str], AnswerValue] = {}

    def make(self, rng: Random, shift: float = 0.0) -> dict[str, AnswerValue]:
        """One finished sheet: what the skips leave, in the order of the form."""
        values = {name: self._value(self._asked(name), _drawn(rng, of)) for name, of in PROFILE.items()}
        often = OFTEN.get(values["P-03"].option or "", 0.0)
        lean = MEAN + shift + often + rng.gauss(0, LEAN)
        eoc = values["P-01"].option == "eoc"
        for question in self.questionnaire.questions:
            if question.id not in values:
                felt = lean + EASE.get(question.id, 0.0) - (EOC_LESS.get(question.id, 0.0) if eoc else 0.0)
                values[question.id] = self._value(question, _code(question, felt, rng))
        asked = routing.applicable_questions(self.questionnaire, RESPONDENT, values)
        return {question.id: values[question.id] for question in asked}

    def _asked(self, name: str) -> Question:
        return self.questionnaire.by_id[name]

    def _value(self, question: Question, code: str) -> AnswerValue:
        """Parsed once: a few answers stand on hundreds of sheets."""
        key = question.id, code
        if key not in self._parsed:
            self._parsed[key] = answers.parse(question, code)
        return self._parsed[key]


def _drawn(rng: Random, chances: dict[str, int]) -> str:
    return rng.choices(list(chances), list(chances.values()))[0]


def _code(question: Question, felt: float, rng: Random) -> str:
    if question.type is AnswerType.GRID_ROW and rng.random() * 100 >= RECEIVED.get(question.id, 50):
        return answers.NOT_APPLICABLE_CODE
    if question.parts:
        return ";".join(f"{part.id}={_part(question, part.id, felt, rng)}" for part in question.parts)
    if question.scale is not None:
        return _rating(felt, rng)
    if question.type is AnswerType.MULTIPLE_CHOICE:
        return _several(question, rng)
    if question.choices:
        return rng.choice([option.code for option in question.choices])
    return rng.choice(words.COMMENTS) if rng.random() < COMMENTED else ""


def _part(question: Question, part: str, felt: float, rng: Random) -> str:
    return _rating(3.4 + IMPORTANCE.get(question.id, 0.0) if part == "importance" else felt, rng)


def _rating(felt: float, rng: Random) -> str:
    if rng.random() < NO_BASIS:
        return answers.DO_NOT_KNOW_CODE
    return str(min(5, max(1, round(felt + rng.gauss(0, NOISE)))))


def _several(question: Question, rng: Random) -> str:
    """Some of the options, the first ones more often; where none, the one that stands alone."""
    chance = CHOSEN.get(question.id, 0.25)
    together = [option for option in question.choices if not option.alone]
    picked = [
        o.code for place, o in enumerate(together) if rng.random() < chance * (1.6 - place / len(together))
    ]
    alone = [option.code for option in question.choices if option.alone]
    return ";".join(picked or alone[:1] or [together[0].code])
