"""Between the password and the second factor; and signing in by passkey, which needs no password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from assessment import audit
from assessment.accounts import factor_apps, factor_codes, factor_passkeys, factors, services, tries
from assessment.accounts.factor_challenges import (
    Purpose,
    new_challenge,
    no_passkeys_here,
    passkey_site,
    take_challenge,
)
from assessment.accounts.factor_forms import PasskeySignInForm, SecondFactorForm
from assessment.accounts.factor_passkeys import PasskeyRefused, site_of
from assessment.accounts.forms import SignInForm
from assessment.accounts.services import SignedInBy
from assessment.accounts.signing_in import sign_in_browser
from assessment.models.people import PersonRow
from assessment.web import clock, database, local_path, public, settings

blueprint = Blueprint("second_factor", __name__)

PENDING_KEY = "pending_sign_in"
NOT_RIGHT = "That code is not right, or it was used before. Try again."
TOO_LATE = "You took longer than 10 minutes. Sign in again."


@blueprint.app_context_processor
def page_context() -> dict[str, Any]:
    """For pages on which a passkey may be used: why not here, and whether elsewhere."""
    return {"no_passkeys": no_passkeys_here, "passkeys_at": site_of(settings())}


def ask_second_factor(
    secret: str, next_path: str | None = None, kept: str | None = None, kept_path: str | None = None
) -> Response:
    """After a right password: ``secret`` is that of ``factors.begin_pending``."""
    session.clear()  # as after a complete sign-in; nothing may be done with this session but what follows
    g.pop("csrf_token", None)
    session[PENDING_KEY] = secret
    if not kept:
        return redirect(url_for("second_factor.ask", next=local_path(next_path, "") or None))
    form = SecondFactorForm(formdata=None, data={"next": next_path, "kept": kept, "kept_path": kept_path})
    return make_response(_page(form))


def _page(form: SecondFactorForm) -> str:
    with database().reading() as db:
        person = _pending(db)
        found = factors.factors_of(db, person.id) if person else None
        if found is None:
            return _sign_in_again(form)
        return render_template("accounts/sign_in_second.html", form=form, factors=found)


def _pending(db: Any) -> PersonRow | None:
    secret = session.get(PENDING_KEY)
    return factors.find_pending(db, secret, clock().now(), settings().demo) if secret else None


def _sign_in_again(form: SecondFactorForm | PasskeySignInForm, sentence: str = TOO_LATE) -> str:
    """The sign-in page from its beginning, with what was kept."""
    again = SignInForm(formdata=None)
    again.next.data, again.kept.data = local_path(form.next.data, ""), form.kept.data
    again.kept_path.data = form.kept_path.data
    again.form_errors = [sentence]
    return render_template("accounts/sign_in.html", form=again, kept=bool(form.kept.data))


@blueprint.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
def ask() -> Any:
    """The code of an app, or a recovery code."""
    form = SecondFactorForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next"), "")
        with database().reading() as db:
            waiting = _pending(db) is not None
        return _page(form) if waiting else redirect(url_for("accounts.sign_in", next=form.next.data or None))
    with database().reading() as db:
        person = _pending(db)
    if person is None:
        return _sign_in_again(form), 422
    if not form.code.data and not form.recovery.data:
        form.code.errors = ["Enter the code that your app shows, or a recovery code below."]
        return _page(form), 422
    outcome = _try(form, person)
    if isinstance(outcome, str):
        return sign_in_browser(outcome, form.next.data, form.kept.data, form.kept_path.data)
    if outcome:
        form.form_errors = [f"There were too many tries. Wait {minutes_of(outcome)}, then try again."]
        return _page(form), 429, {"Retry-After": str(int(outcome.total_seconds()) + 1)}
    form.form_errors = [NOT_RIGHT]
    form.code.data = form.recovery.data = ""
    return _page(form), 422


def minutes_of(wait: timedelta) -> str:
    """In words."""
    minutes = max(1, round(wait.total_seconds() / 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _try(form: SecondFactorForm, person: PersonRow) -> str | timedelta:
    """The secret of a complete sign-in, or how long to wait; nothing where the code is not right."""
    now, key = clock().now(), settings().secret_key
    audit.set_origin(request.remote_addr or "")
    one = tries.code_try_of(person.email, request.remote_addr or "", key)
    with database().writing() as db:
        wait = tries.begin(db, one, now)
    if wait:
        return wait
    with database().reading() as db:
        recovery = factor_codes.hash_of(db, person.id, form.recovery.data or "")
    with database().writing() as db:
        right = factor_apps.take(db, person.id, form.code.data or "", key, now)
        right = right or factor_codes.take(db, person.id, recovery, now)
        if right and factors.end_pending(db, session[PENDING_KEY]):
            tries.succeeded(db, one, now)
            return services.start_sign_in(db, person.id, now, method=SignedInBy.SECOND_FACTOR)
        audit.record(db, now, None, "sign-in failed", f"person {person.id}", "second factor")
    return timedelta(0)


@blueprint.post("/sign-in/passkey/options")
@public
def passkey_options() -> Any:
    """What the browser asks a passkey to sign: any of this site's, or one of whoever has given a password."""
    try:
        site = passkey_site()
        with database().reading() as db:
            person = _pending(db) if request.form.get("second") else None
            if person is None and request.form.get("second"):
                return jsonify(message=TOO_LATE), 422
            challenge = new_challenge(Purpose.SECOND_FACTOR if person else Purpose.SIGN_IN)
            return jsonify(
                factor_passkeys.request_options(site, db, challenge, person.id if person else None)
            )
    except PasskeyRefused as refused:
        return jsonify(message=refused.sentence), 422


@blueprint.post("/sign-in/passkey")
@public
def sign_in_by_passkey() -> Any:
    """A passkey alone: it has verified its owner, so it counts for both factors."""
    form = PasskeySignInForm()
    try:
        secret = _passkey_sign_in(form.credential.data or "", Purpose.SIGN_IN)
    except PasskeyRefused as refused:
        return _sign_in_again(form, refused.sentence), 422
    return sign_in_browser(secret, form.next.data, form.kept.data, form.kept_path.data)


@blueprint.post("/sign-in/second-factor/passkey")
@public
def second_factor_by_passkey() -> Any:
    """A passkey after the password."""
    form = SecondFactorForm()
    with database().reading() as db:
        person = _pending(db)
    if person is None:
        return _sign_in_again(form), 422
    try:
        secret = _passkey_sign_in(form.credential.data or "", Purpose.SECOND_FACTOR, person)
    except PasskeyRefused as refused:
        form.form_errors = [refused.sentence]
        return _page(form), 422
    return sign_in_browser(secret, form.next.data, form.kept.data, form.kept_path.data)


def _passkey_sign_in(answer: str, purpose: Purpose, person: PersonRow | None = None) -> str:
    """The secret of a complete sign-in; PasskeyRefused otherwise, which is written down.

    Tries are not counted: a signature cannot be guessed, and nobody is to wait because of who tries.
    """
    now = clock().now()
    audit.set_origin(request.remote_addr or "")
    try:
        site, challenge = passkey_site(), take_challenge(purpose)
        with database().reading() as db:
            whose = person.id if person else None
            signed = factor_passkeys.read_signed(db, site, challenge, answer, whose)
            _refuse_who_may_not(db.get_one(PersonRow, signed.person_id))
        with database().writing() as db:
            factor_passkeys.use(db, signed, challenge, now)
            if person is not None and not factors.end_pending(db, session[PENDING_KEY]):
                raise PasskeyRefused(TOO_LATE)
            method = SignedInBy.SECOND_FACTOR if person else SignedInBy.PASSKEY
            return services.start_sign_in(db, signed.person_id, now, method=method)
    except PasskeyRefused as refused:
        if refused.person_id is not None:  # what names nobody's passkey is noise, which could fill the trail
            with database().writing() as db:
                factor_passkeys.note_refused(db, now, refused.person_id, refused.why)
        raise


def _refuse_who_may_not(row: PersonRow) -> None:
    if not row.active or (row.demonstration and not settings().demo):
        raise PasskeyRefused(factor_passkeys.NOT_TAKEN, "may not sign in", row.id)
