"""Rules about ``applies_when``: a condition looks back, to a question its reader was asked, at real codes.

Because every condition looks back there can be no circle of conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from questionnaires.answer_types import HANDLERS, AnswerHandler
from questionnaires.answer_values import DO_NOT_KNOW_CODE, NOT_APPLICABLE_CODE
from questionnaires.definition import YES_AND_NO, AnswerType
from questionnaires.draft import Draft, DraftQuestion, Problem, option_code, party_words, scale_numbers


@dataclass(frozen=True)
class Comparison:
    """One comparison of a condition: the part that has it, what it says, the question it looks at."""

    element: str
    parties: frozenset[str]  # who is asked what depends on it
    data: dict[str, Any]
    target: DraftQuestion | None
    target_is_earlier: bool

    @property
    def handler(self) -> AnswerHandler | None:
        """That of the target's type, where it is one."""
        types = {str(own): own for own in AnswerType}
        return HANDLERS.get(types[self.target.type]) if self.target and self.target.type in types else None


def conditions_look_back(draft: Draft) -> Iterator[Problem]:
    for comparison in _comparisons(draft):
        wanted = comparison.data["question"]
        if comparison.target is None:
            yield Problem(comparison.element, f'applies_when: there is no question "{wanted}".')
        elif not comparison.target_is_earlier:
            yield Problem(
                comparison.element,
                f'applies_when: "{wanted}" is not asked before this. Conditions look back only.',
            )


def conditions_ask_the_same_side(draft: Draft) -> Iterator[Problem]:
    """A side's path may not rest on what only the other side was asked: it answers blind."""
    for comparison in _comparisons(draft):
        target = comparison.target
        if target is None or not target.parties:
            continue
        for party in sorted(comparison.parties - target.parties):
            yield Problem(
                comparison.element,
                f'applies_when: "{target.id}" is not asked of the {party_words(party)}, but this is.',
            )


def conditions_name_real_codes(draft: Draft) -> Iterator[Problem]:
    for comparison in _comparisons(draft):
        offered = _codes(draft, comparison.target)
        for code in _wanted_codes(comparison.data):
            if offered and code not in offered:
                yield Problem(
                    comparison.element,
                    f'applies_when: "{code}" is not an answer to "{comparison.data["question"]}"; '
                    f"its answers are {', '.join(offered)}.",
                )


def conditions_compare_codes(draft: Draft) -> Iterator[Problem]:
    for comparison in _comparisons(draft):
        handler = comparison.handler
        for operator in ("is", "is_not", "one_of"):
            if operator in comparison.data and handler and not handler.has_codes:
                yield Problem(
                    comparison.element,
                    f"applies_when: {operator} needs a rating or a choice, and "
                    f'"{comparison.data["question"]}" is neither. Use answered.',
                )


def conditions_compare_ratings(draft: Draft) -> Iterator[Problem]:
    for comparison in _comparisons(draft):
        target, handler = comparison.target, comparison.handler
        for operator in ("at_least", "at_most"):
            if operator not in comparison.data or target is None:
                continue
            if handler and not handler.has_number:
                advice = "Use one_of." if handler.has_codes else "Use answered."
                yield Problem(
                    comparison.element,
                    f'applies_when: {operator} needs a rating, and "{target.id}" is none. {advice}',
                )
                continue
            bound, numbers = comparison.data[operator], _numbers(draft, target)
            if numbers and not numbers[0] <= bound <= numbers[-1]:
                yield Problem(
                    comparison.element,
                    f'applies_when: {operator} is {bound:g}, but the answers to "{target.id}" '
                    f"go from {numbers[0]:g} to {numbers[-1]:g}.",
                )


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    conditions_look_back,
    conditions_ask_the_same_side,
    conditions_name_real_codes,
    conditions_compare_codes,
    conditions_compare_ratings,
)


def _comparisons(draft: Draft) -> Iterator[Comparison]:
    places = {question.id: place for place, question in reversed(list(enumerate(draft.questions)))}
    for owner in _owners(draft):
        for data in _leaves(owner.condition):
            target = places.get(data["question"])
            found = None if target is None else draft.questions[target]
            is_earlier = target is not None and target < owner.place
            yield Comparison(owner.element, owner.parties, data, found, is_earlier)


@dataclass(frozen=True)
class _Owner:
    """A section or question with its condition; ``place`` counts the questions asked before it."""

    element: str
    parties: frozenset[str]
    condition: dict[str, Any]
    place: int


def _owners(draft: Draft) -> Iterator[_Owner]:
    place = 0
    for element, section in draft.sections:
        questions = draft.questions[place : place + len(section.get("questions", []))]
        everybody = frozenset[str]().union(*(question.parties for question in questions))
        yield _Owner(element, everybody, section.get("applies_when", {}), place)
        for own, question in enumerate(questions):
            condition = question.data.get("applies_when", {})
            yield _Owner(question.element, question.parties, condition, place + own)
        place += len(questions)


def _leaves(condition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operand in condition.get("all", []) + condition.get("any", []):
        yield from _leaves(operand)
    if "question" in condition:
        yield condition


def _wanted_codes(data: dict[str, Any]) -> list[str]:
    wanted = [data[name] for name in ("is", "is_not") if name in data] + data.get("one_of", [])
    return [str(code) for code in wanted if isinstance(code, str | int)]


def _codes(draft: Draft, target: DraftQuestion | None) -> list[str]:
    """What may be answered to ``target``; empty where that is not known."""
    if target is None:
        return []
    if target.type == AnswerType.YES_NO:
        return [option.code for option in YES_AND_NO]
    scale = draft.scales.get(target.data.get("scale", ""), {})
    options = target.data.get("options", []) + scale.get("options", [])
    marks = {"not_applicable": NOT_APPLICABLE_CODE, "do_not_know": DO_NOT_KNOW_CODE}
    codes = [code for code in map(option_code, options) if code is not None]
    known = codes and len(codes) == len(options)
    return codes + [code for field, code in marks.items() if field in scale] if known else []


def _numbers(draft: Draft, target: DraftQuestion) -> list[float]:
    return scale_numbers(draft.scales.get(target.data.get("scale", ""), {}))
