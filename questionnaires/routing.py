"""The path through the questions, computed from the answers each time and never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from questionnaires.answers import UNANSWERED, AnswerStatus, AnswerValue, codes, needs_reason
from questionnaires.definition import AnswerType, Condition, Party, Question, Questionnaire, Section

Answers = Mapping[str, AnswerValue]

OPERATORS = frozenset({"all", "any", "is", "is_not", "one_of", "at_least", "at_most", "answered"})
PAGE_SIZE = 8  # answers on one page before a section is split; a dual rating asks for two


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown at once. ``slug`` is its address: the section's id, then "<id>-2", "<id>-3".

    The first page of a grid ``picks`` the rows that the next ones have rated; its questions come again
    there.
    """

    slug: str
    section: Section
    questions: tuple[Question, ...]
    title: str
    picks: bool = False

    def answered(self, question: Question, answers: Answers) -> bool:
        """Whether this page has of ``question`` what it asks for."""
        value = answers.get(question.id, UNANSWERED)
        if self.picks and value.parts:
            return True
        return value.status is not AnswerStatus.UNANSWERED


@dataclass(frozen=True, slots=True)
class Missing:
    """What still stands between a form and submitting; ``reason`` is "unanswered" or "reason_needed"."""

    question: Question
    page_slug: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the required questions that apply have an answer of any kind."""

    answered: int
    total: int


def applicable_questions(questionnaire: Questionnaire, party: Party, answers: Answers) -> list[Question]:
    """The questions asked of ``party`` whose condition holds, in file order.

    An answer to a question that does not apply itself counts as none, so a chain of conditions
    falls as a whole. One pass is enough: conditions look back only.
    """
    seen: dict[str, AnswerValue] = {}
    found = []
    for question in questionnaire.questions:
        if question.asked_of(party) and _applies(question, questionnaire, seen):
            found.append(question)
            seen[question.id] = answers.get(question.id, UNANSWERED)
    return found


def pages(questionnaire: Questionnaire, party: Party, answers: Answers) -> list[Page]:
    """One page a section that has applicable questions; more than PAGE_SIZE answers are split evenly."""
    applicable = {question.id for question in applicable_questions(questionnaire, party, answers)}
    found = []
    for section in questionnaire.sections:
        questions = tuple(q for q in section.questions if q.id in applicable)
        if questions and questions[0].type is AnswerType.GRID_ROW:
            found += _grid_pages(section, questions, answers)
        else:
            found += _section_pages(section, _split(questions))
    return found


def missing_answers(questionnaire: Questionnaire, party: Party, answers: Answers) -> list[Missing]:
    """What must be put right before submitting, in file order.

    "unanswered": a required question is blank. "reason_needed": *does not apply* without its reason.
    """
    found = []
    for page in pages(questionnaire, party, answers):
        for question in page.questions:
            reason = _missing_reason(page, question, answers)
            if reason:
                found.append(Missing(question, page.slug, reason))
    return found


def progress(questionnaire: Questionnaire, party: Party, answers: Answers) -> Progress:
    """Answered and all required questions that apply; *does not apply* and *do not know* are answers."""
    required = [q for q in applicable_questions(questionnaire, party, answers) if q.required]
    done = [q for q in required if answers.get(q.id, UNANSWERED).status is not AnswerStatus.UNANSWERED]
    return Progress(answered=len(done), total=len(required))


def resume_page(
    questionnaire: Questionnaire, party: Party, answers: Answers, last_question: str | None
) -> Page:
    """Where to go on: the first page with something missing, from that of ``last_question`` round.

    With nothing missing, the page of ``last_question``, or the first one. Raises ValueError where
    ``party`` is asked nothing.
    """
    all_pages = pages(questionnaire, party, answers)
    if not all_pages:
        raise ValueError(f"{questionnaire.title} asks nothing of the {party.words}.")
    start = next((i for i, page in enumerate(all_pages) if _holds(page, last_question)), 0)
    unfinished = {missing.page_slug for missing in missing_answers(questionnaire, party, answers)}
    round_trip = all_pages[start:] + all_pages[:start]
    return next((page for page in round_trip if page.slug in unfinished), round_trip[0])


def decides_what_follows(questionnaire: Questionnaire, page: Page) -> bool:
    """Whether an answer on ``page`` can change which pages come after it."""
    asked = {question.id for question in page.questions}
    conditions = (q.applies_when for q in questionnaire.questions if q.applies_when and q.id not in asked)
    return page.picks or any(not asked.isdisjoint(condition.questions()) for condition in conditions)


def holds(condition: Condition, questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether ``condition`` is met by ``answers``.

    A blank makes ``is``, ``one_of``, ``at_least``, ``at_most`` and ``answered`` false and ``is_not``
    true. NA and DK are codes that ``is``, ``is_not`` and ``one_of`` may name; they have no number,
    and ``answered`` means a rating, a choice or words. Of several choices ``is`` and ``one_of`` ask for
    one among them.
    """
    if condition.operands:
        combine = all if condition.operator == "all" else any
        return combine(holds(operand, questionnaire, answers) for operand in condition.operands)
    question = questionnaire.by_id[condition.question]
    value = answers.get(question.id, UNANSWERED)
    match condition.operator:
        case "is" | "one_of":
            return not codes(question, value).isdisjoint(condition.values)
        case "is_not":
            return codes(question, value).isdisjoint(condition.values)
        case "at_least":
            return value.number is not None and value.number >= float(condition.values[0])
        case "at_most":
            return value.number is not None and value.number <= float(condition.values[0])
        case "answered":
            return value.status is AnswerStatus.ANSWERED
    raise ValueError(f"There is no condition {condition.operator!r}.")


def _applies(question: Question, questionnaire: Questionnaire, answers: Answers) -> bool:
    return question.applies_when is None or holds(question.applies_when, questionnaire, answers)


def _grid_pages(section: Section, rows: tuple[Question, ...], answers: Answers) -> list[Page]:
    """A page on which to pick the rows that apply, then the pages that have the picked ones rated."""
    picked = tuple(row for row in rows if _is_picked(answers.get(row.id, UNANSWERED)))
    first, *others = _section_pages(section, [rows, *_split(picked)])
    return [replace(first, picks=True), *others]


def _is_picked(value: AnswerValue) -> bool:
    return bool(value.parts) and value.status is not AnswerStatus.NOT_APPLICABLE


def _split(questions: tuple[Question, ...]) -> list[tuple[Question, ...]]:
    """As few runs as hold at most about PAGE_SIZE answers each, of about the same size."""
    total = sum(question.answer_count for question in questions)
    count = ceil(total / PAGE_SIZE)
    runs: list[list[Question]] = [[] for _ in range(count)]
    before = 0
    for question in questions:
        runs[max(run for run in range(count) if run * total // count <= before)].append(question)
        before += question.answer_count
    return [tuple(run) for run in runs]


def _section_pages(section: Section, runs: Sequence[tuple[Question, ...]]) -> list[Page]:
    found = []
    for number, questions in enumerate(runs):
        slug = section.id if number == 0 else f"{section.id}-{number + 1}"
        title = section.title if len(runs) == 1 else f"{section.title} ({number + 1} of {len(runs)})"
        found.append(Page(slug, section, questions, title))
    return found


def _missing_reason(page: Page, question: Question, answers: Answers) -> str:
    if not page.answered(question, answers):
        return "unanswered" if question.required else ""
    return "reason_needed" if needs_reason(answers.get(question.id, UNANSWERED)) else ""


def _holds(page: Page, question_id: str | None) -> bool:
    return any(question.id == question_id for question in page.questions)
