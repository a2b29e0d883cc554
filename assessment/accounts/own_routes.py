"""My own account: where I am signed in, and my password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from assessment import audit
from assessment.access import Action
from assessment.accounts import factors, passwords, services, tries
from assessment.accounts.forms import PasswordForm
from assessment.web import SESSION_KEY, asks, clock, database, settings, signed_in

blueprint = Blueprint("own_account", __name__)


@blueprint.get("/account")
@asks(Action.USE)
def account() -> str:
    """What the tool knows of me, and where I am signed in."""
    return _page(PasswordForm(formdata=None))


def _page(form: PasswordForm) -> str:
    with database().reading() as db:
        now, limits = clock().now(), settings().sign_in_limits
        sign_ins = services.sign_ins_of(db, signed_in().id, session[SESSION_KEY], now, limits)
        found = factors.factors_of(db, signed_in().id)
    return render_template(
        "accounts/account.html", form=form, sign_ins=sign_ins, limits=limits, factors=found
    )


@blueprint.post("/account/sign-ins/end")
@asks(Action.USE)
def end_sign_ins() -> Response:
    """Sign out everywhere but here."""
    with database().writing() as db:
        services.end_other_sign_ins(db, signed_in().id, session[SESSION_KEY])
        audit.record(db, clock().now(), signed_in().id, "signed out elsewhere", f"person {signed_in().id}")
    flash("You are signed out everywhere but here.", "success")
    return redirect(url_for(".account"))


@blueprint.post("/account/password")
@asks(Action.USE)
def change_password() -> Any:
    """A new password; wherever else somebody was signed in with the old one, they are not any more."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    person, now = signed_in(), clock().now()
    one = tries.try_of(person.email, request.remote_addr or "", settings().secret_key)
    with database().writing() as db:
        wait = tries.begin(db, one, now)
    if wait:
        form.form_errors = [f"There were too many tries. Wait {_minutes(wait)}, then try again."]
        return _page(form), 429
    with database().reading() as db:
        right = services.check_password(db, person.email, form.old.data or "", settings().demo).right
    if not right:
        form.old.errors = ["This is not your password."]
        return _page(form), 422
    fault = passwords.fault(form.new.data or "", person.email, person.name)
    if fault:
        form.new.errors = [fault]
        return _page(form), 422
    hashed = passwords.hash_password(form.new.data or "")
    with database().writing() as db:
        tries.succeeded(db, one, now)
        services.set_password(db, person.id, hashed, session[SESSION_KEY], now)
    words = "Where else you were signed in, you are not any more, and your access tokens are revoked."
    flash(f"Your password is changed. {words}", "success")
    return redirect(url_for(".account"))


def _minutes(wait: timedelta) -> str:
    minutes = max(1, round(wait.total_seconds() / 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
