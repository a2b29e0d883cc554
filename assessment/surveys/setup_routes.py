"""The guided flow: what and when, the promise, the questions, the last page; nothing is sent before it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessment.access import Action
from assessment.errors import Refused
from assessment.models.directory import Center
from assessment.models.surveys import MessageKind, Recurrence, Survey
from assessment.surveys import letters, own_questions, plans, sending, setup_pages
from assessment.surveys.compliance import SOURCE, compliance
from assessment.surveys.days import months_later
from assessment.surveys.forms import (
    OpenScheduleForm,
    OwnQuestionForm,
    OwnTextForm,
    PromiseForm,
    ScheduleForm,
    SendingForm,
    TopicsForm,
    WordsForm,
)
from assessment.surveys.invitations import NO_MAIL_FROM_ANONYMOUS
from assessment.surveys.messages import PLACEHOLDERS, Template
from assessment.surveys.promises import promise as promise_of
from assessment.web import asks, clock, database, library, settings, signed_in
from questionnaires.definition import RESPONDENT, Side

blueprint = Blueprint("survey_setup", __name__)
USUAL_DAYS = 21


def find(db: Session, public_id: str) -> Survey:
    return plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id)


def page(db: Session, survey: Survey, step: str, **more: Any) -> str:
    """One step with what every step shows."""
    hrefs = {name: url_for(_endpoint(name), public_id=survey.public_id) for name, _ in setup_pages.STEPS}
    return render_template(
        f"surveys/{step}.html",
        steps=setup_pages.steps(step, hrefs),
        RESPONDENT=RESPONDENT,
        **setup_pages.context(db, library(), survey, clock()),
        **more,
    )


def _endpoint(step: str) -> str:
    return "survey_partners.partners" if step == "partners" else f"survey_setup.{step}"


def go_on(public_id: str, step: str) -> Response:
    """To the next step, or back to the list where somebody goes on later."""
    if request.form.get("then") == "later":
        flash("Saved. It waits under Surveys.", "success")
        return redirect(url_for("surveys.index"))
    return redirect(url_for(_endpoint(step), public_id=public_id))


def save(public_id: str, form: FlaskForm, changes: dict[str, Any]) -> bool:
    """Change the plan; where that is refused the form says why."""
    try:
        with database().writing() as db:
            survey = find(db, public_id)
            plans.change_survey(db, library(), survey, changes, clock().now(), signed_in().id)
    except Refused as refused:
        form.form_errors = [refused.message]
        return False
    return True


def _status() -> int:
    return 200 if request.method != "POST" else 422


@blueprint.route("/surveys/new", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def new() -> Any:
    """Step 1 of a survey that is not there yet."""
    form = ScheduleForm()
    with database().reading() as db:
        centers = _own_centers(db)
    if not centers:
        abort(404)
    form.fusion_center.choices = [SelectChoice(code, f"{name} ({code})") for code, name in centers]
    if len(centers) == 1:
        del form.fusion_center
    if request.method != "POST":
        _usual(form, clock().today())
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                center = form.fusion_center.data if form.fusion_center else centers[0][0]
                plan = plans.SurveyPlan(center, **form.changes())
                survey = plans.create_survey(db, library(), plan, clock().now(), signed_in().id)
                public_id = survey.public_id
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            return go_on(public_id, "promise")
    steps = setup_pages.steps("schedule", {})
    return render_template("surveys/new.html", form=form, steps=steps, centers=centers), _status()


def _own_centers(db: Session) -> list[tuple[str, str]]:
    query = select(Center.code, Center.name).where(
        Center.kind == Side.FUSION_CENTER.value, Center.active, Center.code.in_(signed_in().centers)
    )
    return [(code, name) for code, name in db.execute(query.order_by(Center.name))]


def _usual(form: ScheduleForm, today: date) -> None:
    """Three weeks from today about the last twelve months, every year."""
    form.title.data = f"Usefulness of our products and information, {today.year}"
    form.opens.data, form.closes.data = today, date.fromordinal(today.toordinal() + USUAL_DAYS)
    form.period_from.data, form.period_to.data = months_later(today, -12), today
    form.recurrence.data = Recurrence.YEARLY.value


@blueprint.route("/surveys/<public_id>/schedule", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def schedule(public_id: str) -> Any:
    """Step 1: title, days, period, how often, sponsor."""
    with database().reading() as db:
        survey = find(db, public_id)
        draft = plans.is_draft(survey)
        data = vars(plans.plan_of(db, survey))
    form = (ScheduleForm if draft else OpenScheduleForm)(data=data)
    if draft:
        del form.fusion_center
    if form.validate_on_submit() and save(public_id, form, form.changes()):
        if draft:
            return go_on(public_id, "promise")
        flash("Saved.", "success")
        return redirect(url_for("surveys.watch", public_id=public_id))
    with database().reading() as db:
        return page(db, find(db, public_id), "schedule", form=form), _status()


@blueprint.route("/surveys/<public_id>/promise", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def promise(public_id: str) -> Any:
    """Step 2: anonymous or confidential."""
    with database().reading() as db:
        data = vars(plans.plan_of(db, find(db, public_id)))
    form = PromiseForm(data=data)
    if form.validate_on_submit() and save(public_id, form, form.changes()):
        return go_on(public_id, "questions")
    with database().reading() as db:
        survey = find(db, public_id)
        promises = [promise_of(choice, survey.floor) for choice, _, _, _ in form.mode.iter_choices()]
        return page(db, survey, "promise", form=form, promises=promises), _status()


@blueprint.route("/surveys/<public_id>/questions", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def questions(public_id: str) -> Any:
    """Step 3: which product types."""
    with database().reading() as db:
        form = _topics_form(db, find(db, public_id))
    if form.validate_on_submit() and save(public_id, form, form.changes()):
        return go_on(public_id, "partners")
    return _questions_page(public_id, form=form), _status()


def _topics_form(db: Session, survey: Survey) -> TopicsForm:
    main = library().get(survey.cycle.questionnaire_id, survey.cycle.version)
    rows = plans.topic_questions(main)
    form = TopicsForm(data={"topics": sorted(plans.topics_of(survey)) or [row.id for row in rows]})
    form.topics.choices = [SelectChoice(row.id, row.wording[RESPONDENT]) for row in rows]
    return form


def _questions_page(public_id: str, **forms: Any) -> str:
    with database().reading() as db:
        survey = find(db, public_id)
        shown = {
            "form": _topics_form(db, survey) if "form" not in forms else forms["form"],
            "add": forms.get("add") or OwnQuestionForm(formdata=None),
            "text": forms.get("text") or OwnTextForm(formdata=None, text=survey.own_questions),
            "own": own_questions.section_of(survey.own_questions),
            "most": own_questions.MOST,
            "faults": forms.get("faults", []),
            "kinds": own_questions.FREE_TYPES,
        }
        return page(db, survey, "questions", **shown)


@blueprint.post("/surveys/<public_id>/questions/own")
@asks(Action.RUN_SURVEYS)
def add_own(public_id: str) -> Any:
    """One more question of the center's own."""
    form = OwnQuestionForm()
    if form.validate():
        with database().reading() as db:
            before = find(db, public_id).own_questions
        after = own_questions.add_question(before, form.wording.data.strip(), form.kind.data, form.lines())
        if save(public_id, form, {"own_questions": after}):
            return redirect(url_for(".questions", public_id=public_id, _anchor="own"))
    return _questions_page(public_id, add=form), 422


@blueprint.post("/surveys/<public_id>/questions/own/remove")
@asks(Action.RUN_SURVEYS)
def remove_own(public_id: str) -> Response:
    """Take one of the own questions away."""
    with database().reading() as db:
        before = find(db, public_id).own_questions
    after = own_questions.remove_question(before, request.form.get("question", ""))
    form = FlaskForm()
    if not save(public_id, form, {"own_questions": after}):
        flash(form.form_errors[0], "error")
    return redirect(url_for(".questions", public_id=public_id, _anchor="own"))


@blueprint.post("/surveys/<public_id>/questions/text")
@asks(Action.RUN_SURVEYS)
def own_text(public_id: str) -> Any:
    """All own questions at once, as the text of a definition; every fault of it is listed."""
    form = OwnTextForm()
    text = (form.text.data or "").replace("\r\n", "\n")
    with database().reading() as db:
        cycle = find(db, public_id).cycle
    faults = own_questions.faults(text, library().get(cycle.questionnaire_id, cycle.version))
    if not faults and form.validate() and save(public_id, form, {"own_questions": text}):
        flash("The own questions are saved.", "success")
        return redirect(url_for(".questions", public_id=public_id, _anchor="own"))
    return _questions_page(public_id, text=form, faults=faults or form.form_errors), 422


@blueprint.route("/surveys/<public_id>/check", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def check(public_id: str) -> Any:
    """Step 5: the six points, reminders, the open link, and exactly what will be sent."""
    with database().reading() as db:
        plan = plans.plan_of(db, find(db, public_id))
    form = SendingForm()
    if request.method != "POST":
        form.fill(plan.reminders, plan.open_link_cap)
    if form.validate_on_submit() and save(public_id, form, form.changes()):
        flash("Saved. This is what will be sent.", "success")
        return redirect(url_for(".check", public_id=public_id))
    with database().reading() as db:
        survey = find(db, public_id)
        return page(db, survey, "check", form=form, **_check(db, survey)), _status()


def _check(db: Session, survey: Survey) -> dict[str, Any]:
    by_link = sending.by_link_only(survey, settings())
    problems = plans.opening_problems(db, library(), survey, clock().today())
    if by_link and survey.open_link_cap is None and plans.asked_count(db, survey):
        problems.append(NO_MAIL_FROM_ANONYMOUS)
    return {
        "points": compliance(db, library(), survey),
        "source_of_points": SOURCE,
        "problems": problems,
        "asked": plans.asked_count(db, survey),
        "by_link_only": by_link,
        "reminders": plans.reminder_days(db, survey),
        "first_day": max(survey.cycle.opens_on, clock().today()),
        "today": clock().today(),
        "subject": sending.sample(db, survey, signed_in(), settings(), "", clock().now())["Subject"],
        "sender": settings().mail_from.address,
        "has_server": settings().mail_server is not None,
        "to_oneself": signed_in().email,
    }


@blueprint.post("/surveys/<public_id>/open")
@asks(Action.RUN_SURVEYS)
def open_now(public_id: str) -> Any:
    """Open it and put the invitations into the outbox, in one transaction."""
    link = None
    try:
        with database().writing() as db:
            survey = find(db, public_id)
            today, now, by = clock().today(), clock().now(), signed_in().id
            plans.open_survey(db, library(), survey, today, now, by)
            count, link = sending.start(db, survey, settings(), now, by)
            if link:
                return render_template("surveys/open_link.html", survey=survey, cycle=survey.cycle, link=link)
    except Refused as refused:
        flash(refused.message, "error")
        return redirect(url_for(".check", public_id=public_id))
    flash(f"The survey is open, with {count:,} invitations in the outbox.", "success")
    return redirect(url_for("surveys.watch", public_id=public_id))


@blueprint.post("/surveys/<public_id>/test-message")
@asks(Action.RUN_SURVEYS)
def test_message(public_id: str) -> Response:
    """The invitation, to oneself; its links lead to the preview."""
    preview = settings().base_url + url_for(".preview", public_id=public_id)
    try:
        with database().reading() as db:
            survey = find(db, public_id)
            said = sending.send_test(db, survey, signed_in(), settings(), preview, clock().now())
        flash(said, "success")
    except Refused as refused:
        flash(refused.message, "error")
    return redirect(url_for(".check", public_id=public_id))


@blueprint.route("/surveys/<public_id>/words/<kind>", methods=["GET", "POST"])
@asks(Action.RUN_SURVEYS)
def words(public_id: str, kind: str) -> Any:
    """What the invitation or the reminder says."""
    if kind not in [known.value for known in MessageKind]:
        abort(404)
    form = WordsForm()
    with database().reading() as db:
        survey = find(db, public_id)
        if request.method != "POST":
            kept = letters.template_of(db, survey, MessageKind(kind))
            form.subject.data, form.body.data = kept.subject, kept.body
        shown = {"survey": survey, "cycle": survey.cycle, "kind": kind, "placeholders": PLACEHOLDERS}
        if request.method != "POST":
            return render_template("surveys/words.html", form=form, **shown)
    if form.validate() and _keep_words(public_id, MessageKind(kind), form):
        flash(f"The {kind} is saved.", "success")
        return redirect(url_for(".check", public_id=public_id))
    return render_template("surveys/words.html", form=form, **shown), 422


def _keep_words(public_id: str, kind: MessageKind, form: WordsForm) -> bool:
    try:
        with database().writing() as db:
            sending.keep_words(db, find(db, public_id), kind, Template(form.subject.data, form.body.data))
    except Refused as refused:
        form.form_errors = [refused.message]
        return False
    return True


@blueprint.get("/surveys/<public_id>/preview")
@asks(Action.WATCH_SURVEYS)
def preview(public_id: str) -> str:
    """The survey as a respondent sees it; nothing that is ticked here goes anywhere."""
    with database().reading() as db:
        survey = plans.find_survey(db, signed_in(), Action.WATCH_SURVEYS, public_id)
        if plans.is_draft(survey):
            survey = find(db, public_id)
        return render_template(
            "surveys/preview.html",
            RESPONDENT=RESPONDENT,
            **setup_pages.context(db, library(), survey, clock()),
        )
