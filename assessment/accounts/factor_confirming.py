"""Showing once more who one is, before something of weight is changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from assessment.access import Action
from assessment.accounts import factor_passkeys, factors, services, tries
from assessment.accounts.factor_challenges import Purpose, new_challenge, passkey_site, take_challenge
from assessment.accounts.factor_forms import ConfirmByPasskeyForm, ConfirmForm
from assessment.accounts.factor_passkeys import PasskeyRefused
from assessment.accounts.factor_routes import confirm_page, own_secret
from assessment.accounts.factor_sign_in import minutes_of
from assessment.accounts.signing_in import kept_fields
from assessment.web import asks, clock, database, local_path, settings, signed_in

blueprint = Blueprint("confirming", __name__)


@blueprint.route("/account/confirm", methods=["GET", "POST"])
@asks(Action.USE)
def confirm() -> Any:
    """By the password."""
    form = ConfirmForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next"), "")
        return confirm_page(form)
    if not form.validate_on_submit():
        return confirm_page(form), 422
    person, now = signed_in(), clock().now()
    one = tries.try_of(person.email, request.remote_addr or "", settings().secret_key)
    with database().writing() as db:
        wait = tries.begin(db, one, now)
    if wait:
        form.form_errors = [f"There were too many tries. Wait {minutes_of(wait)}, then try again."]
        return confirm_page(form), 429
    with database().reading() as db:
        found = services.check_password(db, person.email, form.password.data or "", settings().demo)
    if not found.right:
        form.password.errors = ["This is not your password."]
        return confirm_page(form), 422
    with database().writing() as db:
        tries.succeeded(db, one, now)
        factors.confirm(db, own_secret(), now)
    return _go_on(form)


def _go_on(form: ConfirmForm | ConfirmByPasskeyForm) -> Any:
    path = local_path(form.kept_path.data, "")
    if form.kept.data and path:
        return render_template("accounts/go_on.html", fields=kept_fields(form.kept.data), path=path)
    return redirect(local_path(form.next.data, url_for("factors.overview")))


@blueprint.post("/account/confirm/passkey/options")
@asks(Action.USE)
def passkey_options() -> Any:
    """What one of my passkeys is asked to sign."""
    try:
        site = passkey_site()
        with database().reading() as db:
            challenge = new_challenge(Purpose.CONFIRM)
            return jsonify(factor_passkeys.request_options(site, db, challenge, signed_in().id))
    except PasskeyRefused as refused:
        return jsonify(message=refused.sentence), 422


@blueprint.post("/account/confirm/passkey")
@asks(Action.USE)
def confirm_by_passkey() -> Any:
    """By one of my passkeys."""
    form, person, now = ConfirmByPasskeyForm(), signed_in(), clock().now()
    try:
        site, challenge = passkey_site(), take_challenge(Purpose.CONFIRM)
        with database().reading() as db:
            answer = form.credential.data or ""
            signed = factor_passkeys.read_signed(db, site, challenge, answer, person.id)
        with database().writing() as db:
            factor_passkeys.use(db, signed, challenge, now)
            factors.confirm(db, own_secret(), now)
    except PasskeyRefused as refused:
        carried = {"next": form.next.data, "kept": form.kept.data, "kept_path": form.kept_path.data}
        again = ConfirmForm(formdata=None, data=carried)
        again.form_errors = [refused.sentence]
        return confirm_page(again), 422
    return _go_on(form)
