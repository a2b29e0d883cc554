"""The pages on which a side answers: what is mine, a page a section, review, submit, receipt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from assessment.access import Action, may
from assessment.errors import Refused
from assessment.failures import where_possible
from assessment.models.base import new_public_id
from assessment.monitoring.metrics import count_saves, count_submission
from assessment.responding import services, views
from assessment.responding.forms import ReopenForm, SubmitForm, touched_answers
from assessment.responding.services import Moment, Outcome, Saved, SaveResult
from assessment.responding.stored import load_form, stored_answers
from assessment.responding.worklist import worklist
from assessment.web import asks, clock, database, library, signed_in
from questionnaires import routing
from questionnaires.answers import choices, note, part_choices, takes_note

blueprint = Blueprint("responding", __name__)
blueprint.add_app_template_global(choices)
blueprint.add_app_template_global(part_choices)
blueprint.add_app_template_global(takes_note)
blueprint.add_app_template_global(note, "answer_note")
blueprint.add_app_template_global(views.answer_words)
blueprint.add_app_template_global(views.touched_words)


def moment() -> Moment:
    return Moment(clock().now(), clock().today())


@blueprint.get("/work")
@asks(Action.USE)
def work() -> str:
    """What is mine to do."""
    with database().reading() as db:
        items = worklist(db, library(), signed_in(), clock().today(), clock().zone)
        return render_template("responding/work.html", work=items)


@blueprint.get("/responses/<public_id>")
@asks(Action.ANSWER)
def resume(public_id: str) -> Response:
    """Go on where the side left off, or at the section asked for where there is one."""
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        newer = services.current_edition(db, form)
        if newer:
            return redirect(url_for(".resume", public_id=newer))
        if not form.answerable:
            return redirect(url_for(".receipt", public_id=public_id))
        stored = {q: answer.value for q, answer in stored_answers(db, form.response.id).items()}
        pages = {page.slug for page in routing.pages(form.questionnaire, form.side, stored)}
        slug = request.args.get("section", "")
        if slug not in pages:
            slug = routing.resume_page(
                form.questionnaire, form.side, stored, form.response.last_question
            ).slug
    return redirect(url_for(".section", public_id=public_id, slug=slug))


@blueprint.get("/responses/<public_id>/<slug>")
@asks(Action.ANSWER)
def section(public_id: str, slug: str) -> Any:
    """One section to fill in."""
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        if not form.answerable:
            return redirect(url_for(".resume", public_id=public_id))
        known = services.is_contributor(db, form, signed_in())
        page = views.section_page(db, form, slug) or abort(404)
        rendered = render_template("responding/section.html", page_token=new_public_id(), **page)
    if not known:
        with where_possible(), database().writing() as db:
            services.note_contributor(db, library(), signed_in(), public_id, moment())
    return rendered


@blueprint.post("/responses/<public_id>/<slug>")
@asks(Action.ANSWER)
def save(public_id: str, slug: str) -> Any:
    """Save what was touched, in the background or with the Save button."""
    chosen, question = _choice()
    touched = [
        t for t in touched_answers(request.form) if not (chosen == "theirs" and t.question == question)
    ]
    try:
        page = request.form.get("page", "")
        saved = database().write(
            lambda db: services.save_answers(db, library(), signed_in(), public_id, touched, page, moment())
        )
    except Refused as refused:
        return _not_taken(public_id, slug, refused.message)
    count_saves("checklist", saved.results)
    if request.headers.get("X-Background-Save"):
        return _background_reply(public_id, saved)
    if chosen or any(result.outcome is not Outcome.SAVED for result in saved.results):
        return _show_again(public_id, slug, saved.results)
    return _go_on(public_id, slug)


def _choice() -> tuple[str, str]:
    """Which of two answers a person chose, and to which question: ("mine" | "theirs" | "", id)."""
    chosen, _, question = request.form.get("choose", "").partition(":")
    return (chosen, question) if chosen in ("mine", "theirs") else ("", "")


def _not_taken(public_id: str, slug: str, message: str) -> Any:
    if request.headers.get("X-Background-Save"):
        return jsonify(state="closed", message=message), 409
    return render_template(
        "responding/not_taken.html", message=message, kept=touched_answers(request.form)
    ), 409


def _background_reply(public_id: str, saved: Saved) -> Any:
    outcomes = {result.outcome for result in saved.results}
    reply = jsonify(
        state="done",
        at=clock().now().isoformat(timespec="seconds"),
        items={result.touched.question: _item(public_id, result) for result in saved.results},
        progress={"answered": saved.progress.answered, "total": saved.progress.total},
    )
    return reply, 409 if Outcome.CONFLICT in outcomes else 422 if Outcome.REFUSED in outcomes else 200


def _item(public_id: str, result: SaveResult) -> dict[str, Any]:
    """What the reply says of one answer; only what a colleague wrote needs the form once more."""
    if result.outcome is not Outcome.CONFLICT:
        return views.reply(result)
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        return views.conflict_reply(form, result)


def _show_again(public_id: str, slug: str, results: list[SaveResult]) -> Any:
    """The same page with what could not be saved still in it."""
    open_results = [result for result in results if result.outcome is not Outcome.SAVED]
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        page = views.section_page(db, form, slug, open_results) or abort(404)
        rendered = render_template("responding/section.html", page_token=new_public_id(), **page)
    conflict = any(result.outcome is Outcome.CONFLICT for result in open_results)
    return rendered, 409 if conflict else 422 if open_results else 200


def _go_on(public_id: str, slug: str) -> Response:
    """After the Save button: the next page, or this one again."""
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        following = views.next_slug(db, form, slug)
    if request.form.get("then") == "stay":
        flash("Saved.", "success")
        return redirect(url_for(".section", public_id=public_id, slug=slug))
    if following is None:
        return redirect(url_for(".review", public_id=public_id))
    return redirect(url_for(".section", public_id=public_id, slug=following))


@blueprint.get("/responses/<public_id>/review")
@asks(Action.ANSWER)
def review(public_id: str) -> Any:
    """What is missing, what does not apply, and the signature."""
    return _review(public_id, SubmitForm(formdata=None))


def _review(public_id: str, signature: SubmitForm, message: str = "") -> Any:
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        if not form.answerable:
            return redirect(url_for(".resume", public_id=public_id))
        if not signature.is_submitted():
            signature.name.data = signed_in().name
        return render_template(
            "responding/review.html",
            signature=signature,
            message=message,
            may_submit=may(signed_in(), Action.SUBMIT, form.pair, form.side),
            may_delegate=may(signed_in(), Action.DELEGATE, form.pair, form.side),
            **views.review_page(db, form),
        )


@blueprint.post("/responses/<public_id>/submit")
@asks(Action.SUBMIT)
def submit(public_id: str) -> Any:
    """Sign and submit; a second click finds the receipt."""
    form = SubmitForm()
    if not form.validate():
        return _review(public_id, form), 422
    signature = services.Signature(form.name.data, form.title.data, form.participants.data)
    try:
        submitted_now = database().write(
            lambda db: services.submit_response(db, library(), signed_in(), public_id, signature, moment())
        )
    except Refused as refused:
        return _review(public_id, form, refused.message), 409
    if submitted_now:
        count_submission("checklist")
    return redirect(url_for(".receipt", public_id=public_id))


@blueprint.get("/responses/<public_id>/receipt")
@asks(Action.ANSWER)
def receipt(public_id: str) -> Any:
    """What was submitted, by whom, and its hash; to print and keep."""
    with database().reading() as db:
        form = services.open_form(db, library(), signed_in(), public_id, moment())
        if form.answerable:
            return redirect(url_for(".resume", public_id=public_id))
        return render_template("responding/receipt.html", **views.receipt_page(db, form))


@blueprint.route("/responses/<public_id>/reopen", methods=["GET", "POST"])
@asks(Action.REOPEN)
def reopen(public_id: str) -> Any:
    """An administrator voids a signature so that the side can correct its answers."""
    form = ReopenForm()
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                services.reopen_response(db, library(), signed_in(), public_id, form.reason.data, moment())
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash("Reopened. The side finds it under Your work.", "success")
            return redirect(url_for("cycles.progress", code=_cycle_code(public_id)))
    with database().reading() as db:
        facts = load_form(db, library(), signed_in(), public_id, clock().today())
        status = 200 if request.method != "POST" else 422
        return render_template("responding/reopen.html", form=form, facts=facts), status


def _cycle_code(public_id: str) -> str:
    with database().reading() as db:
        return load_form(db, library(), signed_in(), public_id, clock().today()).cycle.code
