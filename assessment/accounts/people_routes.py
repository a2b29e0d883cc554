"""The pages on which an administrator says who may use the tool, and for what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from assessment.access import Action
from assessment.accounts import factors, people, people_list, services
from assessment.accounts.people_forms import NewPersonForm, PersonForm, groups_of, offer_centers
from assessment.accounts.people_import import PEOPLE
from assessment.directory import uploads
from assessment.errors import Refused
from assessment.web import asks, clock, database, settings, signed_in

blueprint = Blueprint("people", __name__)
blueprint.url_value_preprocessor(uploads.allow_files(Action.MANAGE_PEOPLE, "people.upload"))

INVITED = "{} is invited: a message with a link {} is on its way."
IN_THE_FOLDER = " No mail server is set up, so it is a file in the outbox folder of the instance."


@blueprint.get("/people")
@asks(Action.MANAGE_PEOPLE)
def index() -> str:
    """Who has an account, for what, and who has not accepted yet."""
    wanted = people_list.wanted(request.args)
    with database().reading() as db:
        found = people_list.find(db, wanted)
        numbers = [row.id for row in found.people]
        return render_template(
            "accounts/people.html",
            found=found,
            wanted=wanted,
            standings=people.standings(db, numbers),
            with_factor=factors.having_factors(db, numbers),
        )


@blueprint.route("/people/new", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def new() -> Any:
    """Add a person, who gets a message with a link."""
    form = NewPersonForm()
    with database().reading() as db:
        rows = offer_centers(form, db)
    if form.validate_on_submit():
        said = form.said(form.email.data or "")
        try:
            with database().writing() as db:
                people.invite_person(db, said, clock().now(), signed_in().id)
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash(_on_its_way(said.name), "success")
            return redirect(url_for(".index"))
    groups = groups_of(form, rows)
    by_password = settings().local_passwords
    page = render_template(
        "accounts/person.html", form=form, account=None, groups=groups, by_password=by_password
    )
    return page, _status()


def _on_its_way(name: str) -> str:
    link = "to set a password" if settings().local_passwords else "to the sign-in page"
    return INVITED.format(name, link) + (IN_THE_FOLDER if settings().mail_server is None else "")


@blueprint.route("/people/<public_id>", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def edit(public_id: str) -> Any:
    """Change a person's role and rights."""
    form = PersonForm()
    with database().reading() as db:
        row = people.find(db, public_id)
        rows = offer_centers(form, db)
        if request.method != "POST":
            form.fill(row)
        standing = people.standings(db, [row.id]).get(row.id)
        email, shown = row.email, {"account": row.email, "row": row, "standing": standing}
        shown["factors"] = factors.factors_of(db, row.id)
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                said = form.said(email)
                services.change_rights(db, public_id, said, clock().now(), signed_in().id)
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash(f"{said.name}: saved. Where signed in, they sign in again.", "success")
            return redirect(url_for(".index"))
    groups = groups_of(form, rows)
    return render_template("accounts/person.html", form=form, groups=groups, **shown), _status()


def _status() -> int:
    return 422 if request.method == "POST" else 200


STEPS = {
    "invite": (people.invite_again, None),
    "withdraw": (people.withdraw_invitation, "The invitation of {} is withdrawn: its link is dead."),
}


@blueprint.post("/people/<public_id>/invitation")
@asks(Action.MANAGE_PEOPLE)
def invitation(public_id: str) -> Response:
    """Send an invitation again, or withdraw it."""
    if request.form.get("step") not in STEPS:
        abort(400, "The form did not say whether to send the invitation again or to withdraw it.")
    step, words = STEPS[request.form["step"]]
    try:
        with database().writing() as db:
            name = step(db, public_id, clock().now(), signed_in().id).name
    except Refused as refused:
        flash(refused.message, "error")
    else:
        flash(words.format(name) if words else _on_its_way(name), "success")
    return redirect(url_for(".edit", public_id=public_id))


@blueprint.post("/people/<public_id>/active")
@asks(Action.MANAGE_PEOPLE)
def switch(public_id: str) -> Response:
    """Somebody can sign in, or not any more."""
    if request.form.get("active") not in ("yes", "no"):
        abort(400, "The form did not say whether the account shall be active.")
    active = request.form["active"] == "yes"
    try:
        with database().writing() as db:
            name = people.set_active(db, public_id, active, clock().now(), signed_in().id).name
    except Refused as refused:
        flash(refused.message, "error")
    else:
        words = "can sign in again" if active else "cannot sign in any more; where signed in, not any more"
        flash(f"{name} {words}.", "success")
    return redirect(url_for(".edit", public_id=public_id))


@blueprint.route("/people/import", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def upload() -> Any:
    """Several people from a file."""
    return uploads.take(PEOPLE)
