"""The path through the questions, computed from the answers each time and never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from questionnaires.answers import UNANSWERED, AnswerStatus, AnswerValue, code, needs_reason
from questionnaires.definition import Condition, Question, Questionnaire, Section, Side

Answers = Mapping[str, AnswerValue]

OPERATORS = frozenset({"all", "any", "is", "is_not", "one_of", "at_least", "at_most", "answered"})
PAGE_SIZE = 8  # questions on one page before a section is split


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown at once. ``slug`` is its address: the section's id, then "<id>-2", "<id>-3"."""

    slug: str
    section: Section
    questions: tuple[Question, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What still stands between a side and submitting; ``reason`` is "unanswered" or "reason_needed"."""

    question: Question
    page_slug: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the required questions that apply have an answer of any kind."""

    answered: int
    total: int


def applicable_questions(questionnaire: Questionnaire, side: Side, answers: Answers) -> list[Question]:
    """The questions asked of ``side`` whose condition holds, in file order.

    An answer to a question that does not apply itself counts as none, so a chain of conditions
    falls as a whole. One pass is enough: conditions look back only.
    """
    seen: dict[str, AnswerValue] = {}
    found = []
    for question in questionnaire.questions:
        if question.asked_of(side) and _applies(question, questionnaire, seen):
            found.append(question)
            seen[question.id] = answers.get(question.id, UNANSWERED)
    return found


def pages(questionnaire: Questionnaire, side: Side, answers: Answers) -> list[Page]:
    """One page a section that has applicable questions; more than PAGE_SIZE are split evenly."""
    applicable = {question.id for question in applicable_questions(questionnaire, side, answers)}
    found = []
    for section in questionnaire.sections:
        found += _section_pages(section, tuple(q for q in section.questions if q.id in applicable))
    return found


def missing_answers(questionnaire: Questionnaire, side: Side, answers: Answers) -> list[Missing]:
    """What must be put right before submitting, in file order.

    "unanswered": a required question is blank. "reason_needed": *does not apply* without its reason.
    """
    found = []
    for page in pages(questionnaire, side, answers):
        for question in page.questions:
            reason = _missing_reason(question, answers.get(question.id, UNANSWERED))
            if reason:
                found.append(Missing(question, page.slug, reason))
    return found


def progress(questionnaire: Questionnaire, side: Side, answers: Answers) -> Progress:
    """Answered and all required questions that apply; *does not apply* and *do not know* are answers."""
    required = [q for q in applicable_questions(questionnaire, side, answers) if q.required]
    done = [q for q in required if answers.get(q.id, UNANSWERED).status is not AnswerStatus.UNANSWERED]
    return Progress(answered=len(done), total=len(required))


def resume_page(
    questionnaire: Questionnaire, side: Side, answers: Answers, last_question: str | None
) -> Page:
    """Where to go on: the first page with something missing, from that of ``last_question`` round.

    With nothing missing, the page of ``last_question``, or the first one. Raises ValueError where
    ``side`` is asked nothing.
    """
    all_pages = pages(questionnaire, side, answers)
    if not all_pages:
        raise ValueError(f"{questionnaire.title} asks nothing of this side.")
    start = next((i for i, page in enumerate(all_pages) if _holds(page, last_question)), 0)
    unfinished = {missing.page_slug for missing in missing_answers(questionnaire, side, answers)}
    round_trip = all_pages[start:] + all_pages[:start]
    return next((page for page in round_trip if page.slug in unfinished), round_trip[0])


def holds(condition: Condition, questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether ``condition`` is met by ``answers``.

    A blank makes ``is``, ``one_of``, ``at_least``, ``at_most`` and ``answered`` false and ``is_not``
    true. NA and DK are codes that ``is``, ``is_not`` and ``one_of`` may name; they have no number,
    and ``answered`` means a rating or a choice.
    """
    if condition.operands:
        combine = all if condition.operator == "all" else any
        return combine(holds(operand, questionnaire, answers) for operand in condition.operands)
    question = questionnaire.by_id[condition.question]
    value = answers.get(question.id, UNANSWERED)
    match condition.operator:
        case "is" | "one_of":
            return code(question, value) in condition.values
        case "is_not":
            return code(question, value) not in condition.values
        case "at_least":
            return value.number is not None and value.number >= float(condition.values[0])
        case "at_most":
            return value.number is not None and value.number <= float(condition.values[0])
        case "answered":
            return value.status is AnswerStatus.ANSWERED
    raise ValueError(f"There is no condition {condition.operator!r}.")


def _applies(question: Question, questionnaire: Questionnaire, answers: Answers) -> bool:
    return question.applies_when is None or holds(question.applies_when, questionnaire, answers)


def _section_pages(section: Section, questions: tuple[Question, ...]) -> list[Page]:
    count = ceil(len(questions) / PAGE_SIZE)
    found = []
    for number in range(count):
        part = questions[number * len(questions) // count : (number + 1) * len(questions) // count]
        slug = section.id if number == 0 else f"{section.id}-{number + 1}"
        title = section.title if count == 1 else f"{section.title} ({number + 1} of {count})"
        found.append(Page(slug, section, part, title))
    return found


def _missing_reason(question: Question, value: AnswerValue) -> str:
    if value.status is AnswerStatus.UNANSWERED:
        return "unanswered" if question.required else ""
    return "reason_needed" if needs_reason(value) else ""


def _holds(page: Page, question_id: str | None) -> bool:
    return any(question.id == question_id for question in page.questions)
