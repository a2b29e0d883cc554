"""What the answering pages show, put together from the form and its stored answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from assessment.models.people import PersonRow
from assessment.models.responses import Response
from assessment.responding import delegation
from assessment.responding.forms import Touched, fingerprint, section_form
from assessment.responding.services import Outcome, SaveResult
from assessment.responding.stored import FormFacts, StoredAnswer, stored_answers
from questionnaires import answers, routing
from questionnaires.answers import UNANSWERED, AnswerStatus, AnswerValue
from questionnaires.definition import Question, Side
from questionnaires.routing import Page


@dataclass(frozen=True)
class Step:
    """One page in the list of steps."""

    slug: str
    section: str
    title: str
    answered: int
    total: int
    current: bool

    @property
    def done(self) -> bool:
        return self.answered == self.total


@dataclass(frozen=True)
class Item:
    """One question on a page, with what is stored and what went wrong."""

    question: Question
    number: int
    stored: StoredAnswer | None
    result: SaveResult | None


def section_page(
    session: Session, form: FormFacts, slug: str, results: Sequence[SaveResult] = ()
) -> dict[str, Any] | None:
    """All that one section's page shows; None where there is no such page."""
    stored = stored_answers(session, form.response.id)
    values = {question: answer.value for question, answer in stored.items()}
    pages = routing.pages(form.questionnaire, form.side, values)
    page = next((page for page in pages if page.slug == slug), None)
    if page is None:
        return None
    by_question = {result.touched.question: result for result in results}
    index = pages.index(page)
    return {
        "facts": form,
        "page": page,
        "fields": section_form(page, stored, _posted(results)),
        "items": [
            Item(question, number, stored.get(question.id), by_question.get(question.id))
            for number, question in enumerate(page.questions, start=1)
        ],
        "steps": steps(pages, values, slug),
        "progress": routing.progress(form.questionnaire, form.side, values),
        "previous": pages[index - 1].slug if index else None,
        "following": pages[index + 1] if index + 1 < len(pages) else None,
        "following_may_change": routing.decides_what_follows(form.questionnaire, page),
        "side": form.side,
        "results": results,
        "given": delegation.given(session, form),
    }


def _posted(results: Sequence[SaveResult]) -> MultiDict[str, str]:
    """What the person typed where it could not be saved, so that it stays in the form."""
    posted: MultiDict[str, str] = MultiDict()
    for result in results:
        posted[f"q_{result.touched.question}"] = result.touched.raw
        posted[f"note_{result.touched.question}"] = result.touched.text
    return posted


def steps(pages: Sequence[Page], values: Mapping[str, AnswerValue], current: str) -> list[Step]:
    found = []
    for page in pages:
        required = [question for question in page.questions if question.required]
        done = [question for question in required if page.answered(question, values)]
        found.append(
            Step(page.slug, page.section.id, page.title, len(done), len(required), page.slug == current)
        )
    return found


def next_slug(session: Session, form: FormFacts, slug: str) -> str | None:
    """The page after this one; None after the last."""
    values = _values(session, form)
    slugs = [page.slug for page in routing.pages(form.questionnaire, form.side, values)]
    after = slugs.index(slug) + 1 if slug in slugs else 0
    return slugs[after] if after < len(slugs) else None


def _values(session: Session, form: FormFacts) -> dict[str, AnswerValue]:
    return {q: answer.value for q, answer in stored_answers(session, form.response.id).items()}


def reply(result: SaveResult) -> dict[str, Any]:
    """What a background save says of an item that was saved or refused."""
    touched = result.touched
    if result.outcome is Outcome.SAVED:
        return {"state": "saved", "revision": result.revision, "was": fingerprint(touched.raw, touched.text)}
    return {"state": "refused", "message": result.message}


def conflict_reply(form: FormFacts, result: SaveResult) -> dict[str, Any]:
    """And of one that somebody else has written meanwhile."""
    if result.theirs is None or result.question is None:
        return reply(result)
    theirs = result.theirs.value
    raw, text = answers.code(result.question, theirs), answers.note(result.question, theirs)
    return {
        "state": "conflict",
        "revision": result.revision,
        "was": fingerprint(raw, text),
        "theirs": {"raw": raw, "text": text},
        "html": render_template("responding/conflict.html", result=result, facts=form),
    }


def review_page(session: Session, form: FormFacts) -> dict[str, Any]:
    """What is missing, what does not apply with its reasons, and how much was answered."""
    values = _values(session, form)
    pages = routing.pages(form.questionnaire, form.side, values)
    applicable = routing.applicable_questions(form.questionnaire, form.side, values)
    marked = [(q, values[q.id]) for q in applicable if q.id in values]
    return {
        "facts": form,
        "side": form.side,
        "missing": routing.missing_answers(form.questionnaire, form.side, values),
        "not_applicable": [(q, v) for q, v in marked if v.status is AnswerStatus.NOT_APPLICABLE],
        "do_not_know": [(q, v) for q, v in marked if v.status is AnswerStatus.DO_NOT_KNOW],
        "without_evidence": [q for q, v in marked if answers.asks_evidence(q, v) and not v.text],
        "page_of": {q.id: page.slug for page in pages for q in page.questions},
        "steps": steps(pages, values, ""),
        "progress": routing.progress(form.questionnaire, form.side, values),
        "given": delegation.given(session, form),
    }


@dataclass(frozen=True)
class AnsweredItem:
    question: Question
    wording: str
    label: str
    code: str
    text: str


def receipt_page(session: Session, form: FormFacts) -> dict[str, Any]:
    """The submitted answers by section, the signature, and the editions before."""
    values = _values(session, form)
    sections = [
        (page.title, [_answered(question, form.side, values) for question in page.questions])
        for page in routing.pages(form.questionnaire, form.side, values)
    ]
    return {"facts": form, "side": form.side, "sections": sections, "editions": _editions(session, form)}


def _answered(question: Question, side: Side, values: Mapping[str, AnswerValue]) -> AnsweredItem:
    value = values.get(question.id, UNANSWERED)
    return AnsweredItem(
        question,
        question.wording[side],
        answers.label(question, value),
        answers.code(question, value),
        answers.note(question, value),
    )


def _editions(session: Session, form: FormFacts) -> list[tuple[Response, str]]:
    """Earlier editions with who reopened them."""
    rows = session.execute(
        select(Response, PersonRow.name)
        .outerjoin(PersonRow, Response.reopened_by_id == PersonRow.id)
        .where(
            Response.cycle_pair_id == form.response.cycle_pair_id,
            Response.side == form.side.value,
            Response.edition < form.response.edition,
        )
        .order_by(Response.edition)
    )
    return [(row[0], row[1] or "") for row in rows]


def answer_words(question: Question, value: AnswerValue) -> str:
    """An answer as a person reads it: "3 In place", "We do not know"."""
    words = answers.label(question, value)
    shows_number = value.number is not None and question.sides  # respondents of a survey see words only
    return f"{answers.code(question, value)} {words}" if shows_number else words


def touched_words(question: Question, touched: Touched) -> str:
    """The same for an answer as posted."""
    return answer_words(question, answers.parse(question, touched.raw))
