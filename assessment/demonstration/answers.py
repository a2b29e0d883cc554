"""Believable answers of both sides of a pair, from what lies behind them. Pure.

The sides rate one truth, each with its lean and its own noise; so they agree more where both are sure, and
differ in the way that the pair's traits say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from assessment.demonstration import words
from assessment.demonstration.chance import chance
from assessment.demonstration.traits import PairTraits
from questionnaires import answers, routing
from questionnaires.answers import AnswerStatus, AnswerValue
from questionnaires.definition import AnswerType, OperatingState, Question, Questionnaire, Side

ITEM_SPREAD = 0.22  # standard deviations, on the scale of 0 to 4
HARD_ITEMS = {"REL-06": -1.4}  # the guide of 2010 is in few drawers
TRUTH_NOISE = 0.60
SIDE_NOISE = 0.55
CRITICAL_BONUS = 0.18
DO_NOT_KNOW = {Side.FUSION_CENTER: 0.02, Side.EOC: 0.045}
UNSURE = 0.55  # do-not-know of an EOC that knows too little
NOT_APPLICABLE = 0.012
NOTED = 0.45  # of the 3s and 4s that have an evidence note
LOW_NOTED = 0.04
TOP = 4.0  # the traits' scale

SideAnswers = dict[str, AnswerValue]


@dataclass(frozen=True, slots=True)
class Item:
    """What is needed of a rated question at each of some million answers."""

    question: Question
    sides: tuple[Side, ...]
    domain: str
    ease: float
    ratings: tuple[AnswerValue, ...]
    evidence_from: int  # place among the ratings
    doubt: float  # how much more often it is not known
    not_applicable: bool
    do_not_know: bool


class AnswerMaker:
    """Makes the answers of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, seed: int) -> None:
        self.questionnaire = questionnaire
        self._items = [_item(q, questionnaire, seed) for q in questionnaire.questions if _rated(q)]
        self._choices = [q for q in questionnaire.questions if q.type is AnswerType.SINGLE_CHOICE]
        self._conditional = any(q.applies_when for q in questionnaire.questions)

    def make(
        self, traits: PairTraits, age: int, until: date, rng: Random, unsure: bool = False
    ) -> dict[Side, SideAnswers]:
        """The answers of both sides, ``age`` cycles ago; notes speak of the year before ``until``."""
        found: dict[Side, SideAnswers] = {side: {} for side in Side}
        level = traits.level_at(age)
        gauss, random = rng.gauss, rng.random
        for item in self._items:
            truth = level + item.ease + traits.domains.get(item.domain, 0.0) + gauss(0.0, TRUTH_NOISE)
            alien = random() < NOT_APPLICABLE
            for side in item.sides:
                if alien and item.not_applicable and random() < 0.7:
                    value = AnswerValue(AnswerStatus.NOT_APPLICABLE, text=rng.choice(words.REASONS))
                elif item.do_not_know and random() < item.doubt * _doubt(side, unsure):
                    value = _UNKNOWN
                else:
                    value = _rating(item, truth + traits.lean[side] + gauss(0.0, SIDE_NOISE), until, rng)
                found[side][item.question.id] = value
        for side in Side:
            found[side] |= self._chosen(side, found[side], rng)
        return {side: self._asked(side, values) for side, values in found.items()}

    def _chosen(self, side: Side, rated: Mapping[str, AnswerValue], rng: Random) -> SideAnswers:
        """The choices that most sides make; some leave an optional one blank."""
        found = {}
        for question in self._choices:
            if question.asked_of(side) and (question.required or rng.random() < 0.92):
                pick = CHOOSERS.get(question.id, _any_option)
                option = question.options[pick(question, rated, rng)]
                found[question.id] = answers.parse(question, option.code)
        return found

    def _asked(self, side: Side, values: SideAnswers) -> SideAnswers:
        """In the order of the form, without what does not apply."""
        if self._conditional:
            asked = [q.id for q in routing.applicable_questions(self.questionnaire, side, values)]
        else:
            asked = [q.id for q in self.questionnaire.questions]
        return {question: values[question] for question in asked if question in values}


_UNKNOWN = AnswerValue(AnswerStatus.DO_NOT_KNOW)


def _rated(question: Question) -> bool:
    return question.type is AnswerType.RATING and question.scale is not None


def _item(question: Question, questionnaire: Questionnaire, seed: int) -> Item:
    scale = question.scale
    assert scale is not None
    critical = questionnaire.scoring is not None and question.critical(questionnaire.scoring)
    ease = chance(seed, "item", question.id).gauss(HARD_ITEMS.get(question.id, 0.0), ITEM_SPREAD)
    points = [option for option in scale.options if option.number is not None]
    floor = scale.evidence_from
    return Item(
        question=question,
        sides=question.sides,
        domain=questionnaire.section_of[question.id].id,
        ease=ease + (CRITICAL_BONUS if critical else 0.0),
        ratings=tuple(answers.parse(question, option.code) for option in points),
        evidence_from=sum(1 for number in scale.numbers if floor is None or number < floor),
        doubt=1.5 if question.state is OperatingState.ACTIVE else 1.0,
        not_applicable=bool(scale.not_applicable),
        do_not_know=bool(scale.do_not_know),
    )


def _doubt(side: Side, unsure: bool) -> float:
    return UNSURE if unsure and side is Side.EOC else DO_NOT_KNOW[side]


def _rating(item: Item, felt: float, until: date, rng: Random) -> AnswerValue:
    top = len(item.ratings) - 1
    place = min(top, max(0, round(felt * top / TOP)))
    value = item.ratings[place]
    if place >= item.evidence_from:
        if rng.random() < NOTED:
            note = words.evidence_note(item.question, until, rng)
            return AnswerValue(value.status, value.number, text=note)
    elif place and rng.random() < LOW_NOTED:
        return AnswerValue(value.status, value.number, text=rng.choice(words.LOW_NOTES))
    return value


def _any_option(question: Question, rated: Mapping[str, AnswerValue], rng: Random) -> int:
    return rng.randrange(len(question.options))


def _guidance(question: Question, rated: Mapping[str, AnswerValue], rng: Random) -> int:
    """Who rates its use of the guide as written or more has used it; who rates it 0 may not know it."""
    used = rated.get("REL-06", _UNKNOWN).number
    if used is None or used < 1:
        return 0 if rng.random() < 0.55 else 1
    return 2 if used >= 2 or rng.random() < 0.2 else 1


def _collaboration(question: Question, rated: Mapping[str, AnswerValue], rng: Random) -> int:
    """The overall view follows the single statements, loosely."""
    numbers = [value.number for value in rated.values() if value.number is not None]
    top = len(question.options) - 1
    mean = sum(numbers) / len(numbers) if numbers else 1.0
    return min(top, max(0, round(mean * top / TOP + rng.gauss(0, 0.5))))


CHOOSERS = {"GUIDE": _guidance, "REL-G": _collaboration}
