"""My second factors: an authenticator app, passkeys, recovery codes; and an administrator's help."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from assessment.access import Action
from assessment.accounts import factor_apps, factor_codes, factor_passkeys, factors, passwords
from assessment.accounts.factor_challenges import (
    Purpose,
    new_challenge,
    passkey_site,
    take_challenge,
)
from assessment.accounts.factor_forms import AppForm, BareForm, ConfirmForm, PasskeyForm, PasskeyNameForm
from assessment.accounts.factor_passkeys import PasskeyRefused
from assessment.errors import Refused
from assessment.models.people import PersonRow
from assessment.web import SESSION_KEY, asks, clock, database, posted_form, settings, signed_in

blueprint = Blueprint("factors", __name__)

View = TypeVar("View", bound=Callable[..., Any])


LOAD_AGAIN = "You signed in some time ago. Load this page again to show who you are."
ENDED = "Where else you were signed in, you are not any more."


def own_secret() -> str:
    """Of this browser's sign-in."""
    return session.get(SESSION_KEY, "")


def after_asking(view: View) -> View:
    """Only for who has shown who they are a short while ago; else that is asked first, and nothing lost."""

    @wraps(view)
    def ask_first(*args: Any, **kwargs: Any) -> Any:
        with database().reading() as db:
            fresh = factors.is_fresh(db, own_secret(), clock().now())
        if fresh:
            return view(*args, **kwargs)
        if request.method != "POST":
            return redirect(url_for("confirming.confirm", next=request.path))
        if request.headers.get("X-Passkey"):
            return jsonify(message=LOAD_AGAIN), 401
        return confirm_page(kept=posted_form(), kept_path=request.path), 401

    return ask_first  # type: ignore[return-value]


def confirm_page(form: ConfirmForm | None = None, **carried: str | None) -> str:
    form = form or ConfirmForm(formdata=None, data=carried)
    with database().reading() as db:
        found = factors.factors_of(db, signed_in().id)
        has_password = db.get_one(PersonRow, signed_in().id).password_hash != passwords.NONE
        return render_template(
            "accounts/confirm.html",
            form=form,
            factors=found,
            has_password=has_password and settings().local_passwords,
        )


@blueprint.get("/account/factors")
@asks(Action.USE)
def overview() -> str:
    """What I have, and what I could add."""
    with database().reading() as db:
        row = db.get_one(PersonRow, signed_in().id)
        return render_template(
            "accounts/factors.html",
            factors=factors.factors_of(db, row.id),
            shared=row.demonstration,
            needed=settings().second_factor_required,
            form=BareForm(formdata=None),
        )


@blueprint.route("/account/factors/app", methods=["GET", "POST"])
@asks(Action.USE)
@after_asking
def add_app() -> Any:
    """A key for an authenticator app; it counts once a code of it has come back."""
    form, person, now, key = AppForm(), signed_in(), clock().now(), settings().secret_key
    setup = None
    if request.method == "POST":
        setup = factor_apps.set_up_again(key, person.id, person.email, form.setup.data or "", now)
        if form.validate_on_submit():
            step = factor_apps.step_of(setup.key, form.code.data or "", now) if setup else None
            if setup and step is not None:
                return _app_added(setup, step)
            form.code.errors = [_what_is_wrong(setup)]
    setup = setup or factor_apps.new_setup(key, person.id, person.email, now)
    form.setup.data, form.code.data = setup.sealed, ""
    page = render_template("accounts/factor_app.html", form=form, setup=setup)
    return page, 422 if request.method == "POST" else 200


def _what_is_wrong(setup: factor_apps.Setup | None) -> str:
    if setup is None:
        return "This page was open for too long. Here is a new key: put it into your app, and enter its code."
    return "This is not the code of this key. Wait for the next one. Is the clock of the telephone right?"


def _app_added(setup: factor_apps.Setup, step: int) -> Any:
    now = clock().now()
    with database().writing() as db:
        first = not factors.has_factor(db, signed_in().id)
        factor_apps.add(db, signed_in().id, setup, step, settings().secret_key, own_secret(), now)
    return _added(f"The authenticator app is added. {ENDED}", first)


def _added(sentence: str, first: bool) -> Any:
    """Whoever has added their first factor gets the codes that stand in for it."""
    flash(sentence, "success")
    return show_new_codes() if first else redirect(url_for(".overview"))


@blueprint.post("/account/factors/app/remove")
@asks(Action.USE)
@after_asking
def remove_app() -> Response:
    with database().writing() as db:
        factors.remove_app(db, signed_in().id, own_secret(), clock().now())
    flash(f"The authenticator app is removed. {ENDED}", "success")
    return redirect(url_for(".overview"))


@blueprint.route("/account/factors/passkeys", methods=["GET", "POST"])
@asks(Action.USE)
@after_asking
def add_passkey() -> Any:
    """Make a passkey on this device or a key; the one page that needs scripts."""
    form = PasskeyForm()
    if form.validate_on_submit():
        try:
            return _passkey_added(form)
        except PasskeyRefused as refused:
            form.form_errors = [refused.sentence]
    form.credential.data = ""
    page = render_template("accounts/factor_passkey.html", form=form)
    return page, 422 if request.method == "POST" else 200


def _passkey_added(form: PasskeyForm) -> Any:
    now, challenge = clock().now(), take_challenge(Purpose.ADD)
    new = factor_passkeys.read_new(passkey_site(), challenge, form.credential.data or "")
    with database().writing() as db:
        first = not factors.has_factor(db, signed_in().id)
        name = (form.name.data or "").strip()
        factor_passkeys.add(db, signed_in().id, new, name, challenge, own_secret(), now)
    return _added(f"The passkey is added. {ENDED}", first)


@blueprint.post("/account/factors/passkeys/options")
@asks(Action.USE)
@after_asking
def passkey_options() -> Any:
    """What the browser is asked to make."""
    person = signed_in()
    try:
        site = passkey_site()
        with database().reading() as db:
            row = db.get_one(PersonRow, person.id)
            factors.refuse_shared(db, person.id)
            challenge = new_challenge(Purpose.ADD)
            return jsonify(factor_passkeys.creation_options(site, person, row, db, challenge))
    except PasskeyRefused as refused:
        return jsonify(message=refused.sentence), 422


@blueprint.route("/account/factors/passkeys/<public_id>", methods=["GET", "POST"])
@asks(Action.USE)
@after_asking
def rename_passkey(public_id: str) -> Any:
    """What I call it."""
    form = PasskeyNameForm()
    with database().reading() as db:
        name = factors.own_passkey(db, signed_in().id, public_id).name
    if request.method != "POST":
        form.name.data = name
    if form.validate_on_submit():
        try:
            return _renamed(public_id, (form.name.data or "").strip())
        except Refused as refused:
            form.name.errors = [refused.message]
    page = render_template("accounts/factor_passkey_name.html", form=form, name=name)
    return page, 422 if request.method == "POST" else 200


def _renamed(public_id: str, name: str) -> Response:
    with database().writing() as db:
        factors.rename_passkey(db, signed_in().id, public_id, name, clock().now())
    flash(f"The passkey is called {name}.", "success")
    return redirect(url_for(".overview"))


@blueprint.post("/account/factors/passkeys/<public_id>/remove")
@asks(Action.USE)
@after_asking
def remove_passkey(public_id: str) -> Response:
    with database().writing() as db:
        factors.remove_passkey(db, signed_in().id, public_id, own_secret(), clock().now())
    flash(f"The passkey is removed. {ENDED}", "success")
    return redirect(url_for(".overview"))


@blueprint.post("/account/factors/codes")
@asks(Action.USE)
@after_asking
def make_codes() -> Any:
    """Ten new recovery codes; the old ones are good no more."""
    return show_new_codes()


def show_new_codes() -> str:
    """The only page that ever shows them."""
    with database().writing() as db:
        codes = factor_codes.make(db, signed_in().id, clock().now())
    address = settings().base_url
    return render_template("accounts/factor_codes.html", codes=codes, made_at=clock().now(), address=address)


@blueprint.post("/people/<public_id>/factors/remove")
@asks(Action.MANAGE_PEOPLE)
@after_asking
def remove_somebodys(public_id: str) -> Response:
    """Help for somebody who has lost a telephone or a key, and the recovery codes too."""
    with database().writing() as db:
        name = factors.remove_all(db, public_id, clock().now(), signed_in().id)
    flash(f"{name} has no second factor any more, and signs in with the password alone.", "success")
    return redirect(url_for("people.index"))
