"""Signing in and out, and the pages on which an administrator adds people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessment import audit
from assessment.access import Action, Role
from assessment.accounts import passwords, services, tries
from assessment.accounts.forms import NewPersonForm, PersonForm, SignInForm
from assessment.accounts.signing_in import sign_in_browser
from assessment.errors import Refused
from assessment.models.directory import Center
from assessment.models.people import PersonRow
from assessment.web import (
    SESSION_KEY,
    asks,
    clock,
    current_person,
    database,
    local_path,
    public,
    settings,
    signed_in,
)

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/")
@asks(Action.USE)
def start() -> Response:
    """The first page is what is mine to do."""
    return redirect(url_for("responding.work"))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """Sign in, and go on to where the person wanted to be."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = local_path(request.args.get("next"), "")
        if current_person():
            return redirect(local_path(form.next.data, url_for("responding.work")))
    if form.validate_on_submit():
        audit.set_origin(request.remote_addr or "")
        secret = _try(form)
        if isinstance(secret, str):
            return sign_in_browser(secret, form.next.data, form.kept.data, form.kept_path.data)
        if secret:
            return _wait(form, secret)
        form.form_errors = ["The e-mail address or the password is not right. Try again."]
    status = 200 if request.method == "GET" else 422
    return render_template("accounts/sign_in.html", form=form, kept=bool(form.kept.data)), status


def _try(form: SignInForm) -> str | timedelta:
    """The secret of a new sign-in, or how long to wait before another try.

    The password is checked outside of any transaction that writes: it takes long, and others save meanwhile.
    """
    email, password, now = form.email.data or "", form.password.data or "", clock().now()
    one = tries.try_of(email, request.remote_addr or "", settings().secret_key)
    with database().writing() as db:
        wait = tries.begin(db, one, now)
    if wait:
        return wait
    with database().reading() as db:
        found = services.check_password(db, email, password, settings().demo)
    new_hash = passwords.hash_password(password) if found.outdated else None
    with database().writing() as db:
        if found.right and found.person_id is not None:
            tries.succeeded(db, one, now)
            return services.start_sign_in(db, found.person_id, now, new_hash)
        whose = f"person {found.person_id}" if found.person_id else "an address that nobody has"
        audit.record(db, now, None, "sign-in failed", whose)
    return timedelta(0)


def _wait(form: SignInForm, wait: timedelta) -> Any:
    minutes = max(1, round(wait.total_seconds() / 60))
    form.form_errors = [
        f"There were too many tries. Wait {minutes} minute{'' if minutes == 1 else 's'}, then try again."
    ]
    page = render_template("accounts/sign_in.html", form=form, kept=bool(form.kept.data))
    return page, 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End this browser's sign-in, on the server too."""
    secret = session.get(SESSION_KEY)
    if secret:
        with database().writing() as db:
            services.sign_out(db, secret)
    session.clear()
    flash("You are signed out.", "success")
    return redirect(url_for("accounts.sign_in"))


@blueprint.get("/people")
@asks(Action.MANAGE_PEOPLE)
def people() -> str:
    """Who has an account, and for what."""
    with database().reading() as db:
        rows = db.scalars(select(PersonRow).order_by(PersonRow.name)).all()
        return render_template("accounts/people.html", people=rows)


@blueprint.route("/people/new", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def new_person() -> Any:
    """Add a person."""
    form = _with_centers(NewPersonForm())
    if form.validate_on_submit():
        new = _new_person(form, form.email.data)
        try:
            with database().writing() as db:
                services.add_person(db, new, form.password.data, clock().now(), signed_in().id)
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash(f"{new.name} can sign in now.", "success")
            return redirect(url_for("accounts.people"))
    return render_template("accounts/person.html", form=form, account=None), _status()


@blueprint.route("/people/<public_id>", methods=["GET", "POST"])
@asks(Action.MANAGE_PEOPLE)
def edit_person(public_id: str) -> Any:
    """Change a person's role and rights."""
    form = _with_centers(PersonForm())
    with database().reading() as db:
        row = db.scalar(select(PersonRow).where(PersonRow.public_id == public_id)) or abort(404)
        email, name = row.email, row.name
        if request.method == "GET":
            _fill(form, row)
    if form.validate_on_submit():
        try:
            with database().writing() as db:
                new = _new_person(form, email)
                services.change_rights(db, public_id, new, clock().now(), signed_in().id)
        except Refused as refused:
            form.form_errors = [refused.message]
        else:
            flash(f"{name}: saved. Where signed in, they sign in again.", "success")
            return redirect(url_for("accounts.people"))
    return render_template("accounts/person.html", form=form, account=email), _status()


def _status() -> int:
    return 200 if request.method == "GET" else 422


FormT = TypeVar("FormT", bound=PersonForm)


def _with_centers(form: FormT) -> FormT:
    with database().reading() as db:
        rows = db.execute(select(Center.code, Center.name).order_by(Center.kind, Center.name)).all()
    form.centers.choices = [SelectChoice(code, f"{name} ({code})") for code, name in rows]
    return form


def _fill(form: PersonForm, row: PersonRow) -> None:
    form.name.data, form.role.data = row.name, row.role
    form.centers.data = [center.code for center in row.centers]
    form.regions.data = [scope.value for scope in row.scopes if scope.kind == "region"]
    form.states.data = " ".join(scope.value for scope in row.scopes if scope.kind == "state")


def _new_person(form: PersonForm, email: str) -> services.NewPerson:
    return services.NewPerson(
        email=email,
        name=form.name.data,
        role=Role(form.role.data),
        centers=form.centers.data or [],
        regions=[int(region) for region in form.regions.data or []],
        states=(form.states.data or "").upper().split(),
    )
