"""The pages behind a link that sets a password, and the one on which one asks for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from assessment import audit
from assessment.accounts import links, passwords, services
from assessment.accounts.links import Fate, Found, LinkEnded
from assessment.accounts.links_forms import FirstPasswordForm, ForgotForm
from assessment.accounts.links_outbox import scope_words
from assessment.accounts.links_throttle import wait_for
from assessment.models.account_links import LetterKind, Purpose
from assessment.surveys import throttle
from assessment.web import SESSION_KEY, clock, database, public, settings

blueprint = Blueprint("account_links", __name__)

HEADERS = {
    "Referrer-Policy": "no-referrer",  # the address of the page is the secret
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
SAID = {
    Purpose.INVITATION: "Your password is set. Sign in with it.",
    Purpose.RESET: "Your new password is set, and every sign-in with the old one has ended. Sign in with it.",
}


@blueprint.before_request
def ask_for_nobody() -> None:
    """Whoever happens to be signed in here has nothing to do with the link."""
    g.person = None
    if not getattr(settings(), "local_passwords", True):
        abort(404)


@blueprint.after_request
def add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> Any:
    """Take one's place: who is invited, for what, and the first password."""
    return _link(token, Purpose.INVITATION)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> Any:
    """A new password in place of a forgotten one."""
    return _link(token, Purpose.RESET)


def _link(token: str, purpose: Purpose) -> Any:
    """Looking uses nothing up; sending the form does."""
    form = FirstPasswordForm()
    with database().reading() as db:
        found = links.find(db, token, purpose, clock().now())
        if found.fate is not Fate.USABLE:
            return _ended(found.fate)
        page = _shown(found, purpose)
    if form.validate_on_submit():
        fault = passwords.fault(form.new.data or "", page["email"], page["name"])
        if not fault:
            return _use(token, purpose, form.new.data or "")
        form.new.errors = [fault]
    status = 422 if request.method == "POST" else 200
    return render_template("accounts/link.html", form=form, **page), status


def _shown(found: Found, purpose: Purpose) -> dict[str, Any]:
    person = found.the_person
    return {
        "purpose": purpose.value,
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "scope": scope_words(person),
    }


def _use(token: str, purpose: Purpose, password: str) -> Any:
    audit.set_origin(request.remote_addr or "")
    hashed = passwords.hash_password(password)
    secret = session.get(SESSION_KEY)
    try:
        with database().writing() as db:
            links.use(db, token, purpose, hashed, clock().now())
            if secret:
                services.sign_out(db, secret, clock().now())
    except LinkEnded as ended:
        return _ended(ended.fate)
    session.clear()
    flash(SAID[purpose], "success")
    return redirect(url_for("accounts.sign_in"))


def _ended(fate: Fate) -> Any:
    if fate is not Fate.UNKNOWN:
        return render_template("accounts/link_ended.html", said=fate.value), 410
    return _unknown()


def _unknown() -> Any:
    """Counted with the unknown links of surveys, so that whoever tries many is slowed down."""
    now = clock().now()
    source = throttle.source_of(request.remote_addr or "", settings().secret_key, now)
    with database().reading() as db:
        over = throttle.too_many(db, source, now)
    if over:
        said = "Too many unknown links were tried from here. Wait an hour, then open yours again."
        return render_template("accounts/link_ended.html", said=said), 429, {"Retry-After": "3600"}
    with database().writing() as db:
        throttle.count_failure(db, source, now)
    return render_template("accounts/link_ended.html", said=Fate.UNKNOWN.value), 404


@blueprint.route("/sign-in/forgot", methods=["GET", "POST"])
@public
def forgot() -> Any:
    """Ask for a link by mail. Whose address it is, is looked up later, elsewhere: all are treated alike."""
    form = ForgotForm()
    if form.validate_on_submit() and not (form.email.data or "").isprintable():
        form.email.errors = ["This is not an e-mail address."]
    if request.method != "POST" or form.errors:
        status = 422 if request.method == "POST" else 200
        return render_template("accounts/forgot.html", form=form), status
    audit.set_origin(request.remote_addr or "")
    email, now = (form.email.data or "").strip().lower(), clock().now()
    with database().writing() as db:
        wait = wait_for(db, email, request.remote_addr or "", settings().secret_key, now)
        if not wait:
            links.queue(db, LetterKind.RESET, now, address=email)
            audit.record(db, now, None, "password reset asked for", "an e-mail address")
    if wait:
        minutes = max(1, round(wait.total_seconds() / 60))
        form.form_errors = [f"A link was asked for too often. Try again in {minutes} min."]
        page = render_template("accounts/forgot.html", form=form)
        return page, 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}
    return render_template("accounts/forgot_done.html", email=email)
