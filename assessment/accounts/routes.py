"""Signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessment import audit
from assessment.access import Action
from assessment.accounts import factors, passwords, services, tries
from assessment.accounts.factor_sign_in import ask_second_factor
from assessment.accounts.factors import Pending
from assessment.accounts.forms import SignInForm
from assessment.accounts.signing_in import sign_in_browser
from assessment.web import (
    SESSION_KEY,
    asks,
    clock,
    current_person,
    database,
    local_path,
    public,
    settings,
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
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next"), "")
        if current_person():
            return redirect(local_path(form.next.data, url_for("responding.work")))
    if form.validate_on_submit():
        audit.set_origin(request.remote_addr or "")
        outcome = _try(form)
        if isinstance(outcome, str):
            return sign_in_browser(outcome, form.next.data, form.kept.data, form.kept_path.data)
        if isinstance(outcome, Pending):
            return ask_second_factor(outcome.secret, form.next.data, form.kept.data, form.kept_path.data)
        if outcome:
            return _wait(form, outcome)
        form.form_errors = ["The e-mail address or the password is not right. Try again."]
    status = 422 if request.method == "POST" else 200
    return render_template("accounts/sign_in.html", form=form, kept=bool(form.kept.data)), status


def _try(form: SignInForm) -> str | Pending | timedelta:
    """The secret of a new sign-in, or of one that awaits a second factor; or how long to wait before a try.

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
            return _password_was_right(db, found.person_id, one, now, new_hash)
        whose = f"person {found.person_id}" if found.person_id else "an address that nobody has"
        audit.record(db, now, None, "sign-in failed", whose)
    return timedelta(0)


def _password_was_right(
    db: Session, person_id: int, one: tries.Try, now: datetime, new_hash: str | None
) -> str | Pending:
    tries.succeeded(db, one, now)
    if factors.has_factor(db, person_id):
        return factors.begin_pending(db, person_id, now, new_hash)
    return services.start_sign_in(db, person_id, now, new_hash)


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
        audit.set_origin(request.remote_addr or "")
        with database().writing() as db:
            services.sign_out(db, secret, clock().now())
    session.clear()
    flash("You are signed out.", "success")
    return redirect(url_for("accounts.sign_in"))
