"""The pages on which a survey is watched: who was sent what, how far people are, and what to do next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessment.access import Action, Person, may
from assessment.cycles import services as cycles
from assessment.errors import Refused
from assessment.models.people import PersonRow
from assessment.models.surveys import Survey
from assessment.surveys import copies, invitations, listing, plans, sending, sharing, watching
from assessment.surveys.closing import release_if_due
from assessment.surveys.forms import BounceForm
from assessment.web import asks, clock, database, library, settings, signed_in

blueprint = Blueprint("surveys", __name__)
REFRESH_SECONDS = 5
NOBODY_TO_REMIND = (
    "There is nobody to remind now: whoever has not finished had a message today,"
    " or their address does not work."
)


@blueprint.get("/surveys")
@asks(Action.WATCH_SURVEYS)
def index() -> str:
    """Plans, open and closed surveys, and what is due next."""
    copies.prepare_all_due(database(), library(), clock().today(), clock().now())
    person = signed_in()
    with database().reading() as db:
        lists = listing.surveys_of(db, person, clock().today())
        return render_template(
            "surveys/index.html",
            lists=lists,
            many_centers=len(person.centers) > 1 or listing.may_see_all(person),
            may_run=may_run_any(person),
        )


def may_run_any(person: Person) -> bool:
    """Whether they run the surveys of some fusion center."""
    return person.role.value == "director" and bool(person.centers)


@blueprint.get("/surveys/<public_id>")
@asks(Action.WATCH_SURVEYS)
def watch(public_id: str) -> Any:
    """How far a survey is, and what to do next; a plan goes on being set up."""
    person = signed_in()
    with database().reading() as db:
        survey = plans.find_survey(db, person, Action.WATCH_SURVEYS, public_id)
        runs = may(person, Action.RUN_SURVEYS, plans.facts_of(survey))
        if plans.is_draft(survey):
            plans.find_survey(db, person, Action.RUN_SURVEYS, public_id)
            return redirect(url_for("survey_setup.schedule", public_id=public_id))
        return render_template("surveys/watch.html", **_progress(db, survey), **_more(db, survey, runs))


@blueprint.get("/surveys/<public_id>/progress")
@asks(Action.WATCH_SURVEYS)
def progress(public_id: str) -> str:
    """The numbers alone, asked for every few seconds while the survey is open."""
    with database().reading() as db:
        survey = plans.find_survey(db, signed_in(), Action.WATCH_SURVEYS, public_id)
        if plans.is_draft(survey):  # a plan concerns nobody but those who make it
            plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id)
        return render_template("surveys/progress.html", **_progress(db, survey))


def _progress(db: Session, survey: Survey) -> dict[str, Any]:
    counts = watching.counts(db, survey)
    return {
        "survey": survey,
        "cycle": survey.cycle,
        "state": cycles.state_of(survey.cycle, clock().today()),
        "counts": counts,
        "rates": watching.rates(db, survey, counts),
        "groups": watching.groups(db, survey),
        "rounds": watching.rounds(db, survey),
        "refresh": REFRESH_SECONDS,
        "now": clock().now().astimezone(settings().timezone),
    }


def _more(db: Session, survey: Survey, runs: bool) -> dict[str, Any]:
    """What only a whole page shows. Names are for those who run the survey."""
    return {
        "may_run": runs,
        "to_invite": sending.to_invite(db, survey),
        "reminders": plans.reminder_days(db, survey),
        "unfinished": watching.unfinished(db, survey) if runs else [],
        "names_shown": watching.NAMES_SHOWN,
        "troubled": watching.troubled_messages(db, survey) if runs else [],
        "shared_by": db.get(PersonRow, survey.shared_by_id) if survey.shared_by_id else None,
        "bounce": BounceForm(formdata=None),
        "by_link_only": sending.by_link_only(survey, settings()),
    }


def _act(public_id: str, what: Any) -> Response:
    """Do something with a survey in one transaction, say how it went, and show the survey."""
    try:
        with database().writing() as db:
            survey = plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id)
            flash(what(db, survey), "success")
    except Refused as refused:
        flash(refused.message, "error")
    return redirect(url_for("surveys.watch", public_id=public_id))


def _is_open(survey: Survey) -> None:
    if plans.is_draft(survey):
        raise Refused("The survey is not open yet.")
    if plans.is_closed(survey, clock().today()):
        raise Refused("The survey is closed.")


@blueprint.post("/surveys/<public_id>/send")
@asks(Action.RUN_SURVEYS)
def send(public_id: str) -> Response:
    """Invitations to those who have none yet."""

    def invite(db: Session, survey: Survey) -> str:
        _is_open(survey)
        count = sending.invite(db, survey, settings(), clock().now(), signed_in().id)
        return (
            f"{_number(count, 'invitation')} in the outbox." if count else "Everybody asked has one already."
        )

    return _act(public_id, invite)


@blueprint.post("/surveys/<public_id>/remind")
@asks(Action.RUN_SURVEYS)
def remind(public_id: str) -> Response:
    """A reminder to those who have not finished."""

    def write(db: Session, survey: Survey) -> str:
        _is_open(survey)
        args = (clock().now(), signed_in().id)
        count = invitations.queue_reminders(db, survey, *args, settings=settings())
        return f"{_number(count, 'reminder')} in the outbox." if count else NOBODY_TO_REMIND

    return _act(public_id, write)


def _number(count: int, what: str) -> str:
    return f"1 {what} is" if count == 1 else f"{count:,} {what}s are"


@blueprint.post("/surveys/<public_id>/close")
@asks(Action.RUN_SURVEYS)
def close(public_id: str) -> Response:
    """Close a survey that has its cycle for itself."""

    def end(db: Session, survey: Survey) -> str:
        _is_open(survey)
        if plans.shares_cycle(db, survey):
            raise Refused("This survey is one of many in its cycle, which an administrator closes.")
        cycles.close_cycle(db, survey.cycle.code, clock().now(), clock().today(), signed_in().id)
        return "The survey is closed. Links no longer take answers."

    response = _act(public_id, end)
    with database().reading() as db:
        closed = plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id).id
    release_if_due(database(), clock(), closed, library())
    copies.prepare_all_due(database(), library(), clock().today(), clock().now())
    return response


@blueprint.post("/surveys/<public_id>/copy")
@asks(Action.RUN_SURVEYS)
def copy(public_id: str) -> Response:
    """The next survey, like this one; its first page shows what changes."""
    try:
        with database().writing() as db:
            source = plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id)
            made = copies.copy_survey(db, library(), source, clock().today(), clock().now(), signed_in().id)
            public_id = made.public_id
    except Refused as refused:
        flash(refused.message, "error")
        return redirect(url_for("surveys.watch", public_id=public_id))
    flash("Copied. See what changes, and go on from here; nothing is sent yet.", "success")
    return redirect(url_for("survey_setup.schedule", public_id=public_id))


@blueprint.post("/surveys/<public_id>/share")
@asks(Action.RUN_SURVEYS)
def share(public_id: str) -> Response:
    """Let reviewers read the results, or no longer."""
    shared = request.form.get("shared") == "yes"

    def switch(db: Session, survey: Survey) -> str:
        sharing.set_shared(db, survey, shared, clock().today(), clock().now(), signed_in().id)
        return "Reviewers will read the results." if shared else "Reviewers do not read the results."

    return _act(public_id, switch)


@blueprint.post("/surveys/<public_id>/open-link")
@asks(Action.RUN_SURVEYS)
def open_link(public_id: str) -> Any:
    """A new open link, shown this once; an older one ends with it."""
    try:
        with database().writing() as db:
            survey = plans.find_survey(db, signed_in(), Action.RUN_SURVEYS, public_id)
            _is_open(survey)
            if survey.open_link_cap is None:
                raise Refused("This survey has no open link.")
            link = sending.make_open_link(
                db, survey, survey.open_link_cap, settings(), clock().now(), signed_in().id
            )
            return render_template("surveys/open_link.html", survey=survey, cycle=survey.cycle, link=link)
    except Refused as refused:
        flash(refused.message, "error")
        return redirect(url_for("surveys.watch", public_id=public_id))


@blueprint.post("/surveys/<public_id>/open-link/end")
@asks(Action.RUN_SURVEYS)
def end_open_link(public_id: str) -> Response:
    """The open link takes nobody any more."""

    def end(db: Session, survey: Survey) -> str:
        invitations.revoke_open_link(db, survey, clock().now(), signed_in().id)
        return "The open link takes nobody any more."

    return _act(public_id, end)


@blueprint.post("/surveys/<public_id>/bounces")
@asks(Action.RUN_SURVEYS)
def note_bounce(public_id: str) -> Response:
    """A message that came back to a person, who says so here."""
    form = BounceForm()

    def note(db: Session, survey: Survey) -> str:
        if not form.validate():
            raise Refused(" ".join(error for errors in form.errors.values() for error in errors))
        args = (form.email.data, form.reason.data or "It came back.", clock().now(), signed_in().id)
        sending.note_bounce(db, survey, *args)
        return "Noted. No reminder goes to that address."

    return _act(public_id, note)


@blueprint.post("/surveys/<public_id>/messages/<message>")
@asks(Action.RUN_SURVEYS)
def decide(public_id: str, message: str) -> Response:
    """What became of a message whose fate nobody knows: a person says it."""
    again = request.form.get("decision") == "again"

    def settle(db: Session, survey: Survey) -> str:
        sending.decide(db, survey, message, again, clock().now(), signed_in().id)
        return "It is sent once more." if again else "It counts as sent."

    return _act(public_id, settle)
