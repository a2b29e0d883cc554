"""What every request needs: the parts that create_app put together, who is asking, and may they."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    has_request_context,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest, Conflict
from werkzeug.exceptions import NotFound as HTTPNotFound
from werkzeug.wrappers import Response as BaseResponse

from assessment import audit, body_limits, rates
from assessment.access import TABLE, Action, Person
from assessment.accounts import factors
from assessment.accounts import services as accounts
from assessment.accounts.forms import SignInForm
from assessment.api import guarding
from assessment.clock import Clock
from assessment.database import Database
from assessment.errors import NotFound, Refused
from assessment.failures import register_failures, where_possible
from assessment.postgresql import PATIENT, REQUEST, Limits
from assessment.settings import Settings
from questionnaires.library import Library

csrf = CSRFProtect()
SESSION_KEY = "sign_in"  # what holds the secret of the sign-in within the cookie
ON_BEHALF_OF = "tandem.on_behalf_of"  # a Person in the WSGI environment, where no header can put one
CAUSED_HERE = ("same-origin", "none")  # by a page of ours, or by the person
KEPT_LIMIT = 200_000  # characters of a form that are carried over a new sign-in

View = TypeVar("View", bound=Callable[..., Any])


def database() -> Database:
    return current_app.extensions["tandem.database"]


def limits() -> Limits:
    """How patient the database is to be: short for whoever sits before a page, long for all else."""
    return REQUEST if has_request_context() else PATIENT


def library() -> Library:
    return current_app.extensions["tandem.library"]


def clock() -> Clock:
    return current_app.extensions["tandem.clock"]


def settings() -> Settings:
    return current_app.extensions["tandem.settings"]


def asks(action: Action) -> Callable[[View], View]:
    """Say what a handler asks of ``access``; one that says nothing is not served."""

    def mark(view: View) -> View:
        view.asked_action = action  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """For the few handlers that need no sign-in."""
    view.asked_action = None  # type: ignore[attr-defined]
    return view


def current_person() -> Person | None:
    """Who is signed in, looked up once a request."""
    if "person" not in g:
        g.person = request.environ.get(ON_BEHALF_OF) or _who_asks()
    return g.person


def _who_asks() -> Person | None:
    """By the token where a program of somebody's sends one, else by this browser's session."""
    if not (in_api() and guarding.has_token()):
        return _look_up(session.get(SESSION_KEY))
    g.api_holder = guarding.find_holder(database(), clock().now(), settings())
    return g.api_holder.person if g.api_holder else None


def in_api() -> bool:
    return request.path.startswith("/api/")


def signed_in() -> Person:
    """Who is signed in, where the route has made sure that somebody is."""
    person = current_person()
    if person is None:
        abort(401)
    return person


def _look_up(secret: str | None) -> Person | None:
    if not secret:
        return None
    now = clock().now()
    with database().reading() as db:
        visit = accounts.find_visit(db, secret, now, settings().demo, settings().sign_in_limits)
    if visit and visit.due:
        with where_possible(), database().writing() as db:
            accounts.note_visit(db, secret, now)
    if visit is None:
        return None
    g.synthetic = visit.synthetic  # asked for along with it
    return visit.person


def guard() -> BaseResponse | None:
    """Before every request: a known host, a marked route, a person who may, a form that is ours."""
    if request.host.rsplit(":", 1)[0].strip("[]") not in settings().hosts:
        abort(400, "This address is not served here.")
    if request.method == "HEAD":
        request.method = "GET"  # for handlers it is one; the body is left out on the way
    if request.endpoint is None:
        return None
    audit.set_origin("")  # a respondent's address is never written down
    view = current_app.view_functions[request.endpoint]
    action: Action | bool | None = getattr(view, "asked_action", False)
    if isinstance(action, bool) or (action is not None and _no_name()):
        abort(404)
    within = body_limits.within(request)  # before anything reads the form
    if action is not None:
        person = current_person()
        if person is None:
            return _ask_to_sign_in() if within else body_limits.too_large(request, give_back=False)
        audit.set_origin(request.remote_addr or "")
        if settings().second_factor_required and _lacks_factor():
            return _ask_for_factor()
        if in_api():
            guarding.check(view, person, g.get("api_holder"), database(), clock().now(), settings())
        if person.role not in TABLE[action]:
            abort(404)
        rates.check(database(), request.endpoint, request.method, person.id, clock().now())
    if not within:
        return body_limits.too_large(request, give_back=action is not None and not in_api())
    _check_form()
    return None


def _no_name() -> bool:
    """Nothing has a name with this character, and PostgreSQL cannot be asked for one.

    Public addresses hold secrets, which are hashed before anybody looks for them.
    """
    return any("\0" in str(value) for value in (request.view_args or {}).values())


FOR_FACTORS = ("factors", "confirming")  # the blueprints in which a second factor is set up


def _lacks_factor() -> bool:
    """Whether this sign-in must come to a second factor before all else. A token has none, and needs none."""
    secret = session.get(SESSION_KEY)
    if not secret or request.blueprint in FOR_FACTORS or g.get("api_holder"):
        return False
    with database().reading() as db:
        return factors.lacks_factor(db, secret)


def _ask_for_factor() -> BaseResponse:
    message = "Set up a second factor first. Your answer is still here."
    if in_api():
        return make_response(jsonify(error="Set up a second factor first.", code=403), 403)
    if request.headers.get("X-Background-Save"):
        return make_response(jsonify(state="signed_out", message=message), 401)
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("factors.overview"))
    fields = json.loads(posted_form())
    page = render_template("accounts/factor_first.html", fields=fields, path=request.path)
    return make_response(page, 403)


def _check_form() -> None:
    """A posted form is one of ours: by its token, and by what the browser says of who caused it.

    Its word is Sec-Fetch-Site, not the referrer: pages whose address is a secret send none.
    """
    csrf.protect(apply_exemptions=True)
    if g.get("csrf_valid") and request.headers.get("Sec-Fetch-Site", "same-origin") not in CAUSED_HERE:
        abort(400, "This form was sent from another site.")


def _ask_to_sign_in() -> BaseResponse:
    if in_api():
        guarding.refuse(database(), clock().now(), settings())
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if request.headers.get("X-Background-Save"):
        response = jsonify(state="signed_out", message="You are signed out. Your answer is still here.")
        response.status_code = 401
        return response
    return _sign_in_page_that_keeps_the_form()


def _sign_in_page_that_keeps_the_form() -> BaseResponse:
    """The sign-in page in place of a posted form, which travels on in it so that nothing typed is lost."""
    form = SignInForm(formdata=None)
    form.kept.data, form.kept_path.data = posted_form(), request.path
    form.next.data = request.path
    return Response(render_template("accounts/sign_in.html", form=form, kept=True), 401)


def posted_form() -> str:
    """The fields of the posted form as JSON pairs, less the token."""
    pairs = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "password")]
    text = json.dumps(pairs)
    return text if len(text) <= KEPT_LIMIT else "[]"


def local_path(target: str | None, default: str) -> str:
    """``target`` where it is a plain path on this site, else ``default``: nobody is sent elsewhere."""
    if not target or "\\" in target or any(ord(c) < 33 for c in target):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return default
    return target


def _form_open_too_long(error: CSRFError) -> Any:
    """A form whose token is no longer good: shown once more with what was typed, to be sent by its owner."""
    if request.headers.get("X-Background-Save"):
        return jsonify(state="signed_out", message="You are signed out. Your answer is still here."), 401
    if request.endpoint and current_person() and request.mimetype == "application/x-www-form-urlencoded":
        fields = json.loads(posted_form())
        return render_template("accounts/go_on.html", fields=fields, path=request.path), 400
    return current_app.handle_http_exception(BadRequest(error.description))


def _service_errors(app: Flask) -> None:
    """What services raise, as the pages that people know."""

    def not_found(_error: NotFound) -> Any:
        return app.handle_http_exception(HTTPNotFound())

    def refused(error: Refused) -> Any:
        return app.handle_http_exception(Conflict(error.message))

    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _form_open_too_long)


def register_guard(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # guard() checks, after it knows who is asking
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lasts as long as the sign-in
    app.config["WTF_CSRF_SSL_STRICT"] = False  # it wants a referrer, which pages of a survey link never send
    csrf.init_app(app)
    app.before_request(guard)
    app.teardown_request(lambda _error: audit.set_origin())
    _service_errors(app)
    register_failures(app)
