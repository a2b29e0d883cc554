"""What the pages of a survey link show: page one, a page of questions, the review, one item's reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from assessment.models.people import PersonRow
from assessment.models.surveys import Survey
from assessment.responding.forms import fingerprint, section_form
from assessment.responding.services import Outcome
from assessment.responding.views import Step, steps
from assessment.surveys import drafts, plans
from assessment.surveys.answering import AnswerResult
from assessment.surveys.link_states import LinkState
from assessment.surveys.links import browser_mark
from assessment.surveys.setup_pages import FirstPage, first_page
from questionnaires import answers, routing
from questionnaires.answers import AnswerValue
from questionnaires.definition import RESPONDENT, Question, Questionnaire
from questionnaires.library import Library
from questionnaires.routing import Page, Progress


@dataclass(frozen=True)
class Contact:
    name: str
    email: str


@dataclass(frozen=True)
class Item:
    """One question on a page, and what went wrong with its answer."""

    question: Question
    number: int
    result: AnswerResult | None
    stored: None = None  # no time is kept, so there is none to show


def start_page(session: Session, library: Library, link: LinkState) -> dict[str, Any]:
    """What whoever answers should know first."""
    survey = link.the_survey
    questionnaire = plans.questionnaire_of(library, survey)
    page: FirstPage = first_page(survey, questionnaire)
    return {"link": link, "survey": survey, "first_page": page, "contact": _contact(session, survey)}


def _contact(session: Session, survey: Survey) -> Contact | None:
    """Who set it up, where somebody has; who asks may be asked."""
    person = session.get(PersonRow, survey.created_by_id) if survey.created_by_id else None
    return Contact(person.name, person.email) if person else None


def section_page(
    session: Session, library: Library, link: LinkState, slug: str, results: Sequence[AnswerResult] = ()
) -> dict[str, Any] | None:
    """All that one page of questions shows; None where there is no such page."""
    survey = link.the_survey
    questionnaire = plans.questionnaire_of(library, survey)
    stored = drafts.stored_answers(session, link.draft)
    values = drafts.values_of(stored)
    pages = routing.pages(questionnaire, RESPONDENT, values)
    page = next((page for page in pages if page.slug == slug), None)
    if page is None:
        return None
    by_question = {result.touched.question: result for result in results}
    index = pages.index(page)
    return {
        "link": link,
        "survey": survey,
        "questionnaire": questionnaire,
        "page": page,
        "fields": section_form(page, stored, _posted(results)),
        "items": [
            Item(question, number, by_question.get(question.id))
            for number, question in enumerate(page.questions, start=1)
        ],
        "place": index + 1,
        "places": len(pages) + 1,  # the review is the last one
        "progress": routing.progress(questionnaire, RESPONDENT, values),
        "previous": pages[index - 1].slug if index else None,
        "following": pages[index + 1] if index + 1 < len(pages) else None,
        "side": RESPONDENT,
        "results": results,
        "kept_as": browser_mark(link.secret),
        "conflict_partial": "survey/conflict.html",
    }


def _posted(results: Sequence[AnswerResult]) -> MultiDict[str, str]:
    """What the person typed where it could not be saved, so that it stays in the form."""
    posted: MultiDict[str, str] = MultiDict()
    for result in results:
        posted[f"q_{result.touched.question}"] = result.touched.raw
    return posted


def next_slug(questionnaire: Questionnaire, values: Mapping[str, AnswerValue], slug: str) -> str | None:
    """The page after this one; None after the last. A page that is no longer there leads to the one after."""
    slugs = [page.slug for page in routing.pages(questionnaire, RESPONDENT, values)]
    if slug in slugs:
        return next(iter(slugs[slugs.index(slug) + 1 :]), None)
    sections = [section.id for section in questionnaire.sections]
    before = [s for s in slugs if _section(s, sections) <= _section(slug, sections)]
    return next(iter(slugs[len(before) :]), None)


def _section(slug: str, sections: list[str]) -> int:
    """The place of the section that a slug belongs to; behind all where it is none's."""
    name = slug if slug in sections else slug.rpartition("-")[0]
    return sections.index(name) if name in sections else len(sections)


def first_slug(questionnaire: Questionnaire, values: Mapping[str, AnswerValue], last: str | None) -> str:
    return routing.resume_page(questionnaire, RESPONDENT, values, last).slug


@dataclass(frozen=True)
class AfterSave:
    """How the sheet stands once answers are saved."""

    progress: Progress
    asked: list[str]  # the questions that this page puts now

    @classmethod
    def of(cls, questionnaire: Questionnaire, values: Mapping[str, AnswerValue], slug: str) -> AfterSave:
        pages = routing.pages(questionnaire, RESPONDENT, values)
        asked = [question.id for page in pages if page.slug == slug for question in page.questions]
        return cls(routing.progress(questionnaire, RESPONDENT, values), asked)


def reply(result: AnswerResult) -> dict[str, Any]:
    """What a background save says of one item."""
    touched = result.touched
    if result.outcome is Outcome.SAVED:
        return {"state": "saved", "revision": result.revision, "was": fingerprint(touched.raw, touched.text)}
    if result.outcome is Outcome.REFUSED or result.theirs is None or result.question is None:
        return {"state": "refused", "message": result.message}
    raw = answers.code(result.question, result.theirs.value)
    return {
        "state": "conflict",
        "revision": result.revision,
        "was": fingerprint(raw, ""),
        "theirs": {"raw": raw, "text": ""},
        "html": render_template("survey/conflict.html", result=result),
    }


def review_page(session: Session, library: Library, link: LinkState) -> dict[str, Any]:
    """What is missing, page by page, and the button that hands the answers in."""
    survey = link.the_survey
    questionnaire = plans.questionnaire_of(library, survey)
    values = drafts.values_of(drafts.stored_answers(session, link.draft))
    pages: list[Page] = routing.pages(questionnaire, RESPONDENT, values)
    overview: list[Step] = steps(pages, values, "")
    return {
        "link": link,
        "survey": survey,
        "steps": overview,
        "missing": routing.missing_answers(questionnaire, RESPONDENT, values),
        "anything": drafts.given_and_asked(questionnaire, values)[0] > 0,
        "last": pages[-1].slug,
        "place": len(pages) + 1,
        "places": len(pages) + 1,
        "progress": routing.progress(questionnaire, RESPONDENT, values),
        "side": RESPONDENT,
    }
