"""The pages behind a survey link. Nobody signs in here, and nobody who is signed in is looked up."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from assessment.errors import NotFound
from assessment.failures import where_possible
from assessment.models.base import new_public_id
from assessment.models.surveys import SurveyMode
from assessment.monitoring.metrics import count_saves, count_submission
from assessment.responding.forms import Touched, touched_answers
from assessment.responding.services import Moment, Outcome
from assessment.surveys import answer_pages, answering, closing, drafts, links, partners, plans, throttle
from assessment.surveys.answering import AnswerResult, StillMissing
from assessment.surveys.browser_drafts import BrowserDrafts, cookie_name
from assessment.surveys.link_states import SENTENCES, LinkEnded, LinkState, LinkStatus, find_link
from assessment.web import clock, csrf, database, library, posted_form, public, settings

blueprint = Blueprint("survey", __name__)

CODES = {LinkStatus.UNKNOWN: 404, LinkStatus.PLANNED: 403}  # else 410: it was one, and is over
COOKIE_DAYS = 2  # that a cookie outlives the survey's last day
HEADERS = {
    "Referrer-Policy": "no-referrer",  # the address of the page is the secret
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@blueprint.before_request
def ask_for_nobody() -> None:
    """A person who happens to be signed in leaves no trace of having been here."""
    g.person = None


@blueprint.after_request
def add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def moment() -> Moment:
    return Moment(clock().now(), clock().today())


def browser() -> BrowserDrafts:
    return BrowserDrafts(settings().secret_key, request.cookies)


@blueprint.get("/s/<token>")
@public
def first(token: str) -> Any:
    """Page one. Looking at it spends nothing and begins nothing."""
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        if link.status is not LinkStatus.USABLE:
            return _not_usable(link)
        page = render_template("survey/start.html", **answer_pages.start_page(db, library(), link))
    if link.invited is not None and link.invited.opened_on is None:
        with where_possible(), database().writing() as db:
            answering.note_opened(db, link, moment())
    return page


@blueprint.post("/s/<token>/start")
@public
def start(token: str) -> Any:
    """Begin, or go on where one left off."""
    try:
        with database().writing() as db:
            link = answering.start(db, token, browser(), moment(), bool(request.form.get("afresh")))
            questionnaire = plans.questionnaire_of(library(), link.the_survey)
            values = drafts.values_of(drafts.stored_answers(db, link.draft))
            last = link.draft.last_question if link.draft else None
            slug = answer_pages.first_slug(questionnaire, values, last)
            response = redirect(url_for(".section", token=token, slug=slug))
            _remember(response, link, link.secret)
    except LinkEnded as ended:
        return _ended(token, ended)
    return response


@blueprint.get("/s/<token>/<slug>")
@public
def section(token: str, slug: str) -> Any:
    """One page of questions."""
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        if link.status is not LinkStatus.USABLE:
            return _not_usable(link)
        if link.draft is None:
            return redirect(url_for(".first", token=token))
        page = answer_pages.section_page(db, library(), link, slug)
        if page is None:
            return redirect(url_for(".review", token=token))
        return render_template("survey/section.html", page_token=new_public_id(), **page)


@blueprint.post("/s/<token>/<slug>")
@public
def save(token: str, slug: str) -> Any:
    """Save what was touched, in the background or with the button."""
    chosen, question = _choice()
    touched = [
        t for t in touched_answers(request.form) if not (chosen == "theirs" and t.question == question)
    ]
    try:
        page = request.form.get("page", "")
        saved = database().write(
            lambda db: answering.save(db, library(), token, browser(), touched, page, moment())
        )
    except LinkEnded as ended:
        return _not_taken(token, ended, touched)
    count_saves("survey", saved.results)
    if request.headers.get("X-Background-Save"):
        return _background_reply(saved, slug)
    results = [result for result in saved.results if result.outcome is not Outcome.SAVED]
    results = [result for result in results if not result.skipped]  # the next page goes past them
    if chosen or results:
        return _show_again(token, slug, results)
    return _go_on(saved, token, slug)


def _choice() -> tuple[str, str]:
    """Which of two answers a person chose, and to which question: ("mine" | "theirs" | "", id)."""
    chosen, _, question = request.form.get("choose", "").partition(":")
    return (chosen, question) if chosen in ("mine", "theirs") else ("", "")


def _background_reply(saved: answering.Saved, slug: str) -> Any:
    after = answer_pages.AfterSave.of(saved.questionnaire, saved.values, slug)
    conflict = any(result.outcome is Outcome.CONFLICT for result in saved.results)
    refused = any(result.outcome is Outcome.REFUSED for result in saved.results)
    body = jsonify(
        state="done",
        at=clock().now().isoformat(timespec="seconds"),
        items={result.touched.question: answer_pages.reply(result) for result in saved.results},
        progress={"answered": after.progress.answered, "total": after.progress.total},
        asked=after.asked,
    )
    return body, 409 if conflict else 422 if refused else 200


def _show_again(token: str, slug: str, results: list[AnswerResult]) -> Any:
    """The same page with what could not be saved still in it."""
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        page = answer_pages.section_page(db, library(), link, slug, results) or abort(404)
        rendered = render_template("survey/section.html", page_token=new_public_id(), **page)
    conflict = any(result.outcome is Outcome.CONFLICT for result in results)
    return rendered, 409 if conflict else 422 if results else 200


def _go_on(saved: answering.Saved, token: str, slug: str) -> Response:
    following = answer_pages.next_slug(saved.questionnaire, saved.values, slug)
    if following is None:
        return redirect(url_for(".review", token=token))
    return redirect(url_for(".section", token=token, slug=following))


@blueprint.get("/s/<token>/review")
@public
def review(token: str) -> Any:
    """What is missing, and the button that hands in."""
    return _review(token)


def _review(token: str, message: str = "") -> Any:
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        if link.status is not LinkStatus.USABLE:
            return _not_usable(link)
        if link.draft is None:
            return redirect(url_for(".first", token=token))
        page = answer_pages.review_page(db, library(), link)
        return render_template("survey/review.html", message=message, **page), 422 if message else 200


@blueprint.post("/s/<token>/finish")
@public
def finish(token: str) -> Any:
    """Hand in. A second click finds it done, and is shown the same receipt."""
    try:
        finished_now = database().write(
            lambda db: answering.finish(db, library(), token, browser(), moment())
        )
    except StillMissing as missing:
        return _review(token, missing.message)
    except LinkEnded as ended:
        return _ended(token, ended)
    if finished_now:
        count_submission("survey")
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        response = redirect(url_for(".done", token=token))
        _remember(response, link, "")
        survey_id = link.the_survey.id
    closing.move_finished(database(), survey_id)
    return response


@blueprint.get("/s/<token>/done")
@public
def done(token: str) -> Any:
    """The receipt. It says that answers were handed in, and nothing of whose or which."""
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        if link.status is LinkStatus.SPENT or link.finished_here:
            return render_template("survey/done.html", **answer_pages.start_page(db, library(), link))
        if link.status is not LinkStatus.USABLE:
            return _not_usable(link)
    return redirect(url_for(".first", token=token))


@blueprint.get("/opt-out/<token>")
@public
def opt_out(token: str) -> Any:
    """Ask before leaving the list for good. The look alone, a mail scanner's too, changes nothing."""
    if links.opted_out_partner(token, settings().secret_key) is None:
        return _unknown()
    return render_template("survey/opt_out.html", done=False)


@blueprint.post("/opt-out/<token>")
@public
@csrf.exempt
def leave(token: str) -> Any:
    """Leave the list: by the button of the page, or by that of a mail program, which has no form of ours.

    RFC 8058. Nothing but the secret of the address counts, so there is nothing for a form's token to guard.
    """
    partner = links.opted_out_partner(token, settings().secret_key)
    if partner is None:
        return _unknown()
    try:
        with database().writing() as db:
            partners.opt_out(db, partner, clock().today())
    except NotFound:
        return _unknown()
    return render_template("survey/opt_out.html", done=True)


def _remember(response: Response, link: LinkState, secret: str) -> None:
    """The cookie by which this browser finds its draft again, where the link alone does not."""
    survey = link.the_survey
    if survey.mode == SurveyMode.CONFIDENTIAL and not link.is_open_link:
        return
    days = (survey.cycle.closes_on - clock().today()).days + COOKIE_DAYS
    response.set_cookie(
        cookie_name(survey),
        browser().text(secret, survey, link.partner_id),
        max_age=days * 24 * 3600,
        path="/s/",
        secure=settings().secure,
        httponly=True,
        samesite="Lax",
    )


def _not_usable(link: LinkState) -> Any:
    """A link that takes no answers. The same page and status for one that is no link and one of others."""
    if link.status is LinkStatus.UNKNOWN:
        return _unknown()
    page = render_template("survey/ended.html", link=link, status=link.status, said=SENTENCES[link.status])
    return page, CODES.get(link.status, 410)


def _unknown() -> Any:
    """Counted, so that whoever tries many is slowed down; a good link never comes here."""
    now = clock().now()
    source = throttle.source_of(request.remote_addr or "", settings().secret_key, now)
    with database().reading() as db:
        over = throttle.too_many(db, source, now)
    if over:
        return render_template("survey/too_many.html"), 429, {"Retry-After": "3600"}
    with database().writing() as db:
        throttle.count_failure(db, source, now)
    return render_template("survey/unknown.html"), 404


def _ended(token: str, ended: LinkEnded) -> Any:
    with database().reading() as db:
        link = find_link(db, token, clock().today(), browser())
        if link.status is LinkStatus.UNKNOWN:
            return _unknown()
        page = render_template("survey/ended.html", link=link, status=ended.status, said=ended.message)
    return page, CODES.get(ended.status, 410)


def _not_taken(token: str, ended: LinkEnded, touched: list[Touched]) -> Any:
    """Answers came in for a link that takes none: said so, and what was typed is shown."""
    if request.headers.get("X-Background-Save"):
        return jsonify(state="closed", message=ended.message), 409
    if ended.status is LinkStatus.UNKNOWN:
        return _unknown()
    return render_template("survey/not_taken.html", message=ended.message, kept=touched, token=token), 410


@blueprint.errorhandler(CSRFError)
def open_too_long(_error: CSRFError) -> Any:
    """The browser has lost the cookie that goes with the form: the answers are sent once more by hand."""
    ask_for_nobody()
    if request.headers.get("X-Background-Save"):
        words = "This page has been open for too long to save from. Your answer is still here."
        return jsonify(state="reload", message=words), 409
    return render_template("survey/go_on.html", fields=json.loads(posted_form()), path=request.path), 400
