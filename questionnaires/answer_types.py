# ruff: noqa: ARG002  (a handler has the arguments that any type may need)
"""What each answer type can do; ``answers`` asks these handlers and knows no type itself.

Where a type takes several answers at once, one code stands for all of them ("planning;training",
"importance=4;performance=DK"), so that whoever saves, compares and shows answers need not know either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from questionnaires.answer_values import (
    CODE_STATUSES,
    DO_NOT_KNOW_CODE,
    NOT_APPLICABLE_CODE,
    STATUS_CODES,
    UNANSWERED,
    AnswerError,
    AnswerStatus,
    AnswerValue,
    clean_text,
    in_parts,
)
from questionnaires.definition import AnswerOption, AnswerType, Question, RatingPart, ResponseScale

BETWEEN = ";"  # between the codes of several answers to one question; no code holds it
IS = "="  # between the name of a part and its code
RECEIVED_CODE = "received"  # a row of a grid that was picked and has no ratings yet


class AnswerHandler(Protocol):
    """Everything that an answer type must be able to do."""

    has_codes: bool  # conditions may ask whether it ``is`` a code
    has_number: bool  # conditions may ask whether it is ``at_least`` or ``at_most`` a number
    takes_note: bool  # words may go with it

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        """What may be chosen, in the order shown, the marks DK and NA last where they are offered."""

    def parse(self, question: Question, raw: str) -> AnswerValue:
        """The answer that this code, or these words, mean. Raises AnswerError."""

    def code(self, question: Question, value: AnswerValue) -> str:
        """The inverse of ``parse``, in one spelling for each answer."""

    def codes(self, question: Question, value: AnswerValue) -> frozenset[str]:
        """The codes that hold, for conditions; the code "" of a blank."""

    def label(self, question: Question, value: AnswerValue) -> str:
        """The answer in words."""


class PointHandler:
    """One point of what is offered: of a scale, or of the question's own options."""

    has_codes = True
    has_number = False
    takes_note = True

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return question.choices

    def parse(self, question: Question, raw: str) -> AnswerValue:
        given = raw.strip()
        if not given:
            return UNANSWERED
        option = next((option for option in self.choices(question) if option.code == given), None)
        if option is None:
            raise AnswerError(not_offered(question, given, self.choices(question)))
        status = CODE_STATUSES.get(option.code)
        return AnswerValue(status) if status else self._value(option)

    def code(self, question: Question, value: AnswerValue) -> str:
        if value.status is not AnswerStatus.ANSWERED:
            return STATUS_CODES[value.status]
        return self._chosen(question, value).code

    def codes(self, question: Question, value: AnswerValue) -> frozenset[str]:
        return frozenset({self.code(question, value)})

    def label(self, question: Question, value: AnswerValue) -> str:
        if value.status is AnswerStatus.UNANSWERED:
            return "Not answered"
        if value.status is AnswerStatus.ANSWERED:
            return self._chosen(question, value).label
        mark = STATUS_CODES[value.status]
        return next((option.label for option in self.choices(question) if option.code == mark), mark)

    def _value(self, option: AnswerOption) -> AnswerValue:
        return AnswerValue(AnswerStatus.ANSWERED, option=option.code)

    def _holds(self, option: AnswerOption, value: AnswerValue) -> bool:
        return option.code == value.option

    def _chosen(self, question: Question, value: AnswerValue) -> AnswerOption:
        option = next((option for option in question.choices if self._holds(option, value)), None)
        if option is None:
            held = value.option if value.option is not None else value.number
            raise AnswerError(f"The stored answer {held!r} is not one of the answers of {question.id}.")
        return option


class RatingHandler(PointHandler):
    """A point of a scale, held as its number."""

    has_number = True

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return scale_choices(question.scale) if question.scale else ()

    def _value(self, option: AnswerOption) -> AnswerValue:
        return AnswerValue(AnswerStatus.ANSWERED, number=option.number)

    def _holds(self, option: AnswerOption, value: AnswerValue) -> bool:
        return option.number == value.number


class MultipleChoiceHandler:
    """Any number of the question's own options, each held by its code; some of them stand alone."""

    has_codes = True
    has_number = False
    takes_note = False

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return question.choices

    def parse(self, question: Question, raw: str) -> AnswerValue:
        given = [code for code in map(str.strip, raw.split(BETWEEN)) if code]
        offered = {option.code: option for option in question.choices}
        for code in given:
            if code not in offered:
                raise AnswerError(not_offered(question, code, question.choices, several=True))
        for code in given:
            if offered[code].alone and set(given) != {code}:
                raise AnswerError(
                    f'"{offered[code].label}" goes with no other answer. '
                    "Choose it alone, or choose only the others."
                )
        return in_parts({code: AnswerValue(AnswerStatus.ANSWERED, option=code) for code in given})

    def code(self, question: Question, value: AnswerValue) -> str:
        return BETWEEN.join(option.code for option in self._chosen(question, value))

    def codes(self, question: Question, value: AnswerValue) -> frozenset[str]:
        return frozenset(option.code for option in self._chosen(question, value)) or frozenset({""})

    def label(self, question: Question, value: AnswerValue) -> str:
        return "; ".join(option.label for option in self._chosen(question, value)) or "Not answered"

    def _chosen(self, question: Question, value: AnswerValue) -> list[AnswerOption]:
        held = {name for name, _ in value.parts}
        found = [option for option in question.choices if option.code in held]
        if len(found) < len(held):
            unknown = ", ".join(sorted(held - {option.code for option in found}))
            raise AnswerError(f"The stored answer {unknown!r} is not one of the answers of {question.id}.")
        return found


class DualRatingHandler:
    """Ratings of one thing in several respects, each on its own scale."""

    has_codes = False
    has_number = False
    takes_note = False

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return ()  # each part has its own: part_choices

    def parse(self, question: Question, raw: str) -> AnswerValue:
        given = {}
        for entry in filter(None, map(str.strip, raw.split(BETWEEN))):
            name, _, code = entry.partition(IS)
            if name not in [part.id for part in question.parts] or IS not in entry:
                names = ", ".join(f"{part.id}{IS}..." for part in question.parts)
                raise AnswerError(
                    f'"{_shown(entry)}" is not an answer to {question.id}. '
                    f"It has the parts {names}, with {BETWEEN} between them."
                )
            given[name] = code
        return self._whole(question, {name: code for name, code in given.items() if code.strip()})

    def _whole(self, question: Question, given: dict[str, str]) -> AnswerValue:
        if not given:
            return UNANSWERED
        return in_parts(
            {part.id: _part_value(question, part, given.get(part.id, "")) for part in question.parts}
        )

    def code(self, question: Question, value: AnswerValue) -> str:
        codes = [(part.id, part_code(part, value.part(part.id))) for part in question.parts]
        return BETWEEN.join(f"{name}{IS}{code}" for name, code in codes if code)

    def codes(self, question: Question, value: AnswerValue) -> frozenset[str]:
        return frozenset({self.code(question, value)})

    def label(self, question: Question, value: AnswerValue) -> str:
        if not value.parts:
            return "Not answered"
        return "; ".join(f"{part.name}: {part_label(part, value.part(part.id))}" for part in question.parts)


class GridRowHandler(DualRatingHandler):
    """The same for a row of a grid: first whether it was received at all, then its ratings."""

    def parse(self, question: Question, raw: str) -> AnswerValue:
        given = raw.strip()
        if given == NOT_APPLICABLE_CODE:
            return not_received(question)
        if given == RECEIVED_CODE:
            return in_parts({part.id: UNANSWERED for part in question.parts})
        return super().parse(question, given)

    def _whole(self, question: Question, given: dict[str, str]) -> AnswerValue:
        codes = {code.strip() for code in given.values()}
        if NOT_APPLICABLE_CODE not in codes:
            return super()._whole(question, given)
        if codes != {NOT_APPLICABLE_CODE}:
            raise AnswerError(
                f"{question.id} is rated in one part and {NOT_APPLICABLE_CODE} in the other. "
                "What was not received has no ratings, and what was received can be rated."
            )
        return not_received(question)

    def code(self, question: Question, value: AnswerValue) -> str:
        if value.status is AnswerStatus.NOT_APPLICABLE:
            return NOT_APPLICABLE_CODE
        return super().code(question, value) or (RECEIVED_CODE if value.parts else "")

    def label(self, question: Question, value: AnswerValue) -> str:
        if value.status is AnswerStatus.NOT_APPLICABLE:
            return question.rating_set.not_applicable if question.rating_set else NOT_APPLICABLE_CODE
        return super().label(question, value)


class TextHandler:
    """Words of the person's own, on one line or several."""

    has_codes = False
    has_number = False
    takes_note = False

    def __init__(self, one_line: bool) -> None:
        self.one_line = one_line

    def choices(self, question: Question) -> tuple[AnswerOption, ...]:
        return ()

    def parse(self, question: Question, raw: str) -> AnswerValue:
        words = clean_text(raw)
        if self.one_line:
            words = " ".join(words.split())
        if len(words) > question.text_limit:
            raise AnswerError(
                f"Your answer has {len(words):,} characters and the limit is {question.text_limit:,}. "
                "Please shorten it and save again."
            )
        return AnswerValue(AnswerStatus.ANSWERED, text=words) if words else UNANSWERED

    def code(self, question: Question, value: AnswerValue) -> str:
        return value.text

    def codes(self, question: Question, value: AnswerValue) -> frozenset[str]:
        return frozenset({value.text})

    def label(self, question: Question, value: AnswerValue) -> str:
        return value.text or "Not answered"


HANDLERS: dict[AnswerType, AnswerHandler] = {
    AnswerType.RATING: RatingHandler(),
    AnswerType.FREQUENCY: RatingHandler(),
    AnswerType.SINGLE_CHOICE: PointHandler(),
    AnswerType.YES_NO: PointHandler(),
    AnswerType.MULTIPLE_CHOICE: MultipleChoiceHandler(),
    AnswerType.DUAL_RATING: DualRatingHandler(),
    AnswerType.GRID_ROW: GridRowHandler(),
    AnswerType.SHORT_TEXT: TextHandler(one_line=True),
    AnswerType.LONG_TEXT: TextHandler(one_line=False),
}


def scale_choices(scale: ResponseScale) -> tuple[AnswerOption, ...]:
    """The points of a scale, then its marks."""
    marks = (
        AnswerOption(DO_NOT_KNOW_CODE, scale.do_not_know),
        AnswerOption(NOT_APPLICABLE_CODE, scale.not_applicable),
    )
    return scale.options + tuple(mark for mark in marks if mark.label)


def part_choices(part: RatingPart) -> tuple[AnswerOption, ...]:
    """What may be chosen for one part of a dual rating; only a whole row can be *not received*."""
    return tuple(option for option in scale_choices(part.scale) if option.code != NOT_APPLICABLE_CODE)


def part_code(part: RatingPart, value: AnswerValue) -> str:
    """The code of one part of a dual rating. Raises AnswerError for a value off its scale."""
    if value.status is not AnswerStatus.ANSWERED:
        return STATUS_CODES[value.status]
    option = next((option for option in part.scale.options if option.number == value.number), None)
    if option is None:
        raise AnswerError(f"The stored answer {value.number!r} is not on the scale {part.scale.id}.")
    return option.code


def part_label(part: RatingPart, value: AnswerValue) -> str:
    """One part of a dual rating in words."""
    code = part_code(part, value)
    labels = {option.code: option.label for option in part_choices(part)}
    return labels.get(code, code) or "Not answered"


def not_received(question: Question) -> AnswerValue:
    """A row of a grid that does not apply, which each of its parts says."""
    return in_parts({part.id: AnswerValue(AnswerStatus.NOT_APPLICABLE) for part in question.parts})


def not_offered(
    question: Question, given: str, offered: Iterable[AnswerOption], several: bool = False
) -> str:
    codes = ", ".join(option.code for option in offered)
    how = f"Choose of: {codes}, with {BETWEEN} between several" if several else f"Choose one of: {codes}"
    return f'"{_shown(given)}" is not an answer to {question.id}. {how}; or leave it blank.'


def _part_value(question: Question, part: RatingPart, code: str) -> AnswerValue:
    given = code.strip()
    if not given:
        return UNANSWERED
    option = next((option for option in part_choices(part) if option.code == given), None)
    if option is None:
        codes = ", ".join(option.code for option in part_choices(part))
        raise AnswerError(
            f'"{_shown(given)}" is not an answer to {question.id}, part {part.id}. '
            f"Choose one of: {codes}; or leave it blank."
        )
    status = CODE_STATUSES.get(option.code)
    return AnswerValue(status) if status else AnswerValue(AnswerStatus.ANSWERED, number=option.number)


def _shown(given: str) -> str:
    return given if len(given) <= 40 else given[:40] + "..."
