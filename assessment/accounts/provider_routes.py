"""Signing in, and out, at an identity provider."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from assessment import audit
from assessment.access import Action
from assessment.accounts import provider_identities as identities
from assessment.accounts import provider_journeys as journeys
from assessment.accounts import services, tries
from assessment.accounts.factor_routes import after_asking
from assessment.accounts.forms import SignInForm
from assessment.accounts.links_throttle import count, counter_of
from assessment.accounts.provider import BUSY, WAY_BACK, Asserted, NotTrusted, Provider, provider
from assessment.accounts.provider_answers import ProviderDown
from assessment.accounts.provider_journeys import Journey, Wanted
from assessment.accounts.signing_in import sign_in_browser
from assessment.web import (
    KEPT_LIMIT,
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

blueprint = Blueprint("provider", __name__)
# The links that set a password refuse by themselves. Passkeys go too: whoever the provider no longer lets in
# would still come in by one.
WITH_A_PASSWORD = {
    ("POST", "accounts.sign_in"),
    ("POST", "own_account.change_password"),
    ("GET", "second_factor.ask"),
    ("POST", "second_factor.ask"),
    ("POST", "second_factor.passkey_options"),
    ("POST", "second_factor.sign_in_by_passkey"),
    ("POST", "second_factor.second_factor_by_passkey"),
}
FAILURES_AN_HOUR = 60  # from one address of the network, behind which a whole EOC may sit
TOO_MANY = "There were too many failed sign-ins from here. Wait an hour, then try again."
FAILED = "sign-in by provider failed"
SUBJECT = "identity provider"
DOWN = "{name} cannot be reached just now. Try again in a few minutes."
BAD_STATE = "This sign-in was not begun in this browser, was used already or took too long. Begin again."
GONE_WRONG = "{name} did not sign you in. Nothing is lost; try again."
UNVERIFIED = "{name} has not verified your e-mail address. Verify it there, then sign in here again."
NOT_TRUSTED = "What {name} said could not be trusted, so you are not signed in. Tell your administrator."
OF_ANOTHER = "This account at {name} is linked to somebody else here. Ask an administrator to unlink it."
TAKEN = (
    "Your e-mail address is listed here, but another account at {name} is linked to it."
    " Ask an administrator to unlink it."
)


def _provider() -> Provider:
    return provider() or abort(404)


@blueprint.post("/sign-in/provider")
@public
def start() -> Any:
    """Off to the provider; what was typed here waits on our side."""
    found, form = _provider(), SignInForm()
    kept = form.kept.data or ""
    wanted = Wanted(
        next_path=local_path(form.next.data, ""),
        kept=kept if len(kept) <= KEPT_LIMIT else "",
        kept_path=local_path(form.kept_path.data, ""),
    )
    return _send_away(found, wanted)


def _send_away(found: Provider, wanted: Wanted) -> Any:
    """A page that goes on to the provider by itself.

    Not a redirect: to follow one after a form, browsers would want the provider, and every other that it
    sends people on to, in form-action of the content security policy.
    """
    place = tries.try_of("", request.remote_addr or "", settings().secret_key).place
    try:
        found.load_server_metadata()
        with database().writing() as db:
            proof = journeys.set_out(db, wanted, place, clock().now())
        address = found.way_there(proof)
    except ProviderDown as error:
        return _down(error, wanted)
    return render_template("accounts/sign_in_away.html", address=address, name=found.known.name)


@blueprint.post("/account/provider/link")
@asks(Action.USE)
@after_asking
def start_link() -> Any:
    """Somebody who is signed in here adds their account at the provider, and can use it from then on."""
    return _send_away(_provider(), Wanted(link_to=signed_in().id))


@blueprint.get(WAY_BACK)
@public
def back() -> Any:
    """Back from the provider, with its word for who this is."""
    found = _provider()
    audit.set_origin(request.remote_addr or "")
    state = request.args.get("state", "")
    journey = None
    if journeys.of_this_browser(state):
        with database().writing() as db:
            journey = journeys.came_back(db, state, clock().now())
    if journey is None:
        return _refuse("unknown state", BAD_STATE, 400, Wanted())
    try:
        return _come_in(found, journey)
    except ProviderDown as error:
        return _down(error, journey.wanted)
    except NotTrusted as error:
        return _not_trusted(error, journey.wanted)


def _come_in(found: Provider, journey: Journey) -> Any:
    """Who it is, and their sign-in."""
    asserted = found.who_came_back(_code(request.args, found), journey.proof)
    if journey.wanted.link_to is not None:
        return _link(asserted, journey.wanted.link_to, found)
    email = ""
    try:
        with database().reading() as db:
            known = _known(db, asserted)
        email = "" if known else found.verified_email(asserted)
        secret = _signed_in(asserted, email)
    except identities.NobodyListed as error:
        return _nobody(error, email, journey.wanted)
    except identities.PlaceTaken:
        return _refuse("the place is taken", TAKEN, 403, journey.wanted)
    wanted = journey.wanted
    return sign_in_browser(secret, wanted.next_path, wanted.kept, wanted.kept_path)


def _signed_in(asserted: Asserted, email: str) -> str:
    """The secret of a new sign-in of whoever this is; the browser's one before ends."""
    now = clock().now()
    with database().writing() as db:
        person_id = _known(db, asserted) or identities.claim_place(
            db, asserted.issuer, asserted.subject, email, now
        )
        if SESSION_KEY in session:
            services.sign_out(db, session[SESSION_KEY], clock().now())
        return services.start_sign_in(db, person_id, now, method=services.SignedInBy.PROVIDER)


def _link(asserted: Asserted, person_id: int, found: Provider) -> Any:
    """Whoever is signed in here adds the account at the provider; their address there does not matter."""
    person, now = current_person(), clock().now()
    if person is None or person.id != person_id:
        return _refuse("signed in as somebody else meanwhile", BAD_STATE, 400, Wanted())
    try:
        with database().writing() as db:
            identities.link(db, asserted.issuer, asserted.subject, person_id, now)
    except identities.PlaceTaken:
        with database().writing() as db:
            audit.record(db, now, person_id, "linking to provider failed", f"person {person_id}", "taken")
        flash(OF_ANOTHER.format(name=found.known.name), "error")
    else:
        flash(
            f"Your account at {found.known.name} is linked. You can sign in with it from now on.", "success"
        )
    return redirect(url_for("own_account.account"))


def _known(db: Any, asserted: Asserted) -> int | None:
    return identities.known_person(db, asserted.issuer, asserted.subject)


def _code(args: Mapping[str, str], found: Provider) -> str:
    """The code that came with the browser; NotTrusted where the answer is another's, or says no."""
    if args.get("iss", found.known.issuer) != found.known.issuer:  # RFC 9207
        raise NotTrusted("answer of another issuer")
    error = args.get("error")
    if error in BUSY:
        raise ProviderDown(f"it says {error}")
    if error:
        raise NotTrusted(f"said no: {error[:60]!r}")
    code = args.get("code", "")
    if not 0 < len(code) <= 4096:
        raise NotTrusted("no code")
    return code


def _not_trusted(error: NotTrusted, wanted: Wanted) -> Any:
    if error.reason.startswith("said no") or error.reason == "no code":
        return _refuse(error.reason, GONE_WRONG, 400, wanted)
    words = UNVERIFIED if "e-mail" in error.reason else NOT_TRUSTED
    return _refuse(error.reason, words, 403, wanted)


def _down(error: ProviderDown, wanted: Wanted) -> Any:
    current_app.logger.warning("The identity provider cannot be used: %s", error)
    audit.set_origin(request.remote_addr or "")
    return _refuse("provider down", DOWN, 502, wanted)


def _refuse(reason: str, words: str, status: int, wanted: Wanted) -> Any:
    if not _write_down(reason):
        words, status = TOO_MANY, 429
    return _page(words.format(name=_provider().known.name), status, wanted)


def _write_down(reason: str) -> bool:
    """A failed sign-in, in the trail; not one of too many from one place, which would only make it longer."""
    now, key = clock().now(), settings().secret_key
    source = counter_of(f"provider {request.remote_addr or ''}", key, now)
    with database().writing() as db:
        few = count(db, source, now) <= FAILURES_AN_HOUR
        if few:
            audit.record(db, now, None, FAILED, SUBJECT, reason)
    return few


def _page(words: str, status: int, wanted: Wanted) -> Any:
    """The sign-in page with what went wrong, and what was typed still in it; or the account, to link it."""
    if wanted.link_to is not None:
        flash(words, "error")
        return redirect(url_for("own_account.account"))
    form = _form(wanted)
    form.form_errors = [words]
    return render_template("accounts/sign_in.html", form=form, kept=bool(wanted.kept)), status


def _form(wanted: Wanted) -> SignInForm:
    form = SignInForm(formdata=None)
    form.next.data, form.kept.data, form.kept_path.data = wanted.next_path, wanted.kept, wanted.kept_path
    return form


def _nobody(error: identities.NobodyListed, email: str, wanted: Wanted) -> Any:
    """Signed in there, but nobody here: said plainly, and no account is made."""
    _write_down(error.reason)
    name = _provider().known.name
    page = render_template("accounts/sign_in_nobody.html", form=_form(wanted), email=email, name=name)
    return page, 403


@blueprint.post("/sign-out/provider")
@public
def sign_out() -> Any:
    """End this browser's sign-in here, then go to the provider to end it there too."""
    found = _provider()
    if SESSION_KEY in session:
        with database().writing() as db:
            services.sign_out(db, session[SESSION_KEY], clock().now())
    session.clear()
    try:
        address = found.way_out(settings().base_url + url_for("accounts.sign_in"), secrets.token_urlsafe(32))
    except ProviderDown as error:
        current_app.logger.warning("The identity provider cannot be used: %s", error)
        address = None
    if address:
        name = found.known.name
        return render_template("accounts/sign_in_away.html", address=address, name=name, out=True)
    flash(f"You are signed out here. At {found.known.name} you may still be signed in.", "warning")
    return redirect(url_for("accounts.sign_in"))


@blueprint.post("/people/<public_id>/provider/unlink")
@asks(Action.MANAGE_PEOPLE)
def unlink(public_id: str) -> Response:
    """Let somebody claim their place anew, with another account at the provider."""
    found, now = _provider(), clock().now()
    with database().writing() as db:
        name = identities.unlink(db, found.known.issuer, public_id, now, signed_in().id)
    flash(f"{name} is no longer linked to an account at {found.known.name}.", "success")
    return redirect(url_for("people.edit", public_id=public_id))


@blueprint.before_app_request
def no_local_passwords() -> None:
    """Where the provider alone says who somebody is, what signs in here or makes a password is not there."""
    if not settings().local_passwords and (request.method, request.endpoint) in WITH_A_PASSWORD:
        abort(404)


@blueprint.app_context_processor
def page_context() -> dict[str, Any]:
    """For the pages on which one signs in."""
    found = provider()
    return {
        "identity_provider": found,
        "local_passwords": settings().local_passwords,
        "provider_link": _link_shown,
    }


def _link_shown(public_id: str = "") -> identities.Linked | None:
    """Of the person with this public id, or of who is asking."""
    found, person = provider(), current_person()
    if found is None or person is None:
        return None
    with database().reading() as db:
        return identities.linked(db, found.known.issuer, public_id or person.id)
