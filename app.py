"""Puts the parts together: settings, database, blueprints, error pages, navigation, commands."""

from __future__ import annotations

import gc
from typing import Any

# Nothing that is imported here becomes garbage, and looking for some takes a sixth of every start.
collecting = gc.isenabled()
gc.disable()

from flask import Flask, g, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from assessment import body_limits, web
from assessment.access import TABLE, Action
from assessment.accounts.factor_confirming import blueprint as confirming
from assessment.accounts.factor_routes import blueprint as factors
from assessment.accounts.factor_sign_in import blueprint as second_factor
from assessment.accounts.links_routes import blueprint as account_links
from assessment.accounts.own_routes import blueprint as own_account
from assessment.accounts.people_routes import blueprint as people
from assessment.accounts.provider import provider_of
from assessment.accounts.provider_routes import blueprint as identity_provider
from assessment.accounts.routes import blueprint as accounts
from assessment.accounts.time_routes import blueprint as sign_in_time
from assessment.accounts.visible_routes import blueprint as visible
from assessment.api.routes import blueprint as api
from assessment.api.token_routes import blueprint as access_tokens
from assessment.assets import serve_static
from assessment.audit_pages.routes import blueprint as audit_pages
from assessment.cli import register_commands
from assessment.clock import Clock
from assessment.cycles.routes import blueprint as cycles
from assessment.cycles.services import any_synthetic
from assessment.database import Database
from assessment.directory.routes import blueprint as directory
from assessment.error_pages import register_error_pages
from assessment.health import blueprint as health
from assessment.monitoring.metrics import Metrics
from assessment.monitoring.requests import watch_requests
from assessment.operations.commands import register_operations
from assessment.page_compression import compress_pages
from assessment.plain_requests import PlainRequest
from assessment.privacy.routes import blueprint as privacy
from assessment.responding.delegation_routes import blueprint as delegation
from assessment.responding.routes import blueprint as responding
from assessment.settings import Settings, SettingsError, from_environment
from assessment.surveys.link_masking import mask_links
from assessment.surveys.partner_routes import blueprint as survey_partners
from assessment.surveys.public_routes import blueprint as survey_links
from assessment.surveys.routes import blueprint as surveys
from assessment.surveys.setup_routes import blueprint as survey_setup
from questionnaires.definition import Side
from questionnaires.library import BUILT_IN, Library, LibraryError
from reports.center_routes import blueprint as center_reports
from reports.cli import register_report_commands
from reports.export_makers import register_export_makers
from reports.export_routes import blueprint as network_exports
from reports.network_routes import blueprint as network_reports
from reports.product_routes import blueprint as product_reports
from reports.retention import register_aggregates
from reports.routes import blueprint as reports

gc.freeze()
if collecting:
    gc.enable()

# style-src-attr: the two constant style attributes that charts set, allowed by their hashes (decision 12)
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-hashes' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        " 'sha256-AR/cKIZjWPcPmBUPDA6oti9XBiTbJvz0Cro2J1VzzS8='",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ]
)

NOT_ASKED_FOR = (
    *("camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb"),
)
PERMISSIONS_POLICY = ", ".join(f"{power}=()" for power in NOT_ASKED_FOR)


def create_app(settings: Settings | None = None, library: Library | None = None) -> Flask:
    """The application; a wrong setting ends the start with one line."""
    try:
        settings = settings or from_environment()
        library = library or Library([BUILT_IN, *([settings.definitions] if settings.definitions else [])])
    except (SettingsError, LibraryError) as error:
        raise SystemExit(f"Tandem cannot start. {error}") from error
    app = Flask(__name__, static_folder=None, template_folder="assessment/templates")
    app.request_class = PlainRequest
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-tandem" if settings.secure else "tandem",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=body_limits.MOST,
        MAX_FORM_MEMORY_SIZE=body_limits.MOST,
        TANDEM_GOV_BANNER=settings.government_banner,
    )
    app.extensions |= {
        "tandem.settings": settings,
        "tandem.database": _database(settings),
        "tandem.library": library,
        "tandem.clock": Clock(settings.timezone),
        "tandem.metrics": Metrics(),
        "tandem.provider": provider_of(settings.identity_provider, settings.base_url),
    }
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    watch_requests(app, settings.proxies)
    mask_links(app.logger)
    compress_pages(app)
    register_error_pages(app)
    web.register_guard(app)
    for blueprint in (accounts, account_links, people, sign_in_time, own_account, visible):
        app.register_blueprint(blueprint)
    for blueprint in (responding, delegation, cycles, directory, health):
        app.register_blueprint(blueprint)
    for blueprint in (reports, center_reports, product_reports, network_reports, network_exports):
        app.register_blueprint(blueprint)
    for blueprint in (surveys, survey_setup, survey_partners, survey_links):
        app.register_blueprint(blueprint)
    for blueprint in (second_factor, factors, confirming):
        app.register_blueprint(blueprint)
    for blueprint in (identity_provider, api, access_tokens):
        app.register_blueprint(blueprint)
    for blueprint in (audit_pages, privacy):
        app.register_blueprint(blueprint)
    app.context_processor(page_context)
    app.after_request(add_headers)
    serve_static(app, transport_security=settings.transport_security)
    register_commands(app)
    register_report_commands(app)
    register_operations(app)
    register_export_makers(app)
    register_aggregates(app)
    return app


def _database(settings: Settings) -> Database:
    return Database(settings.database_url, settings.audit_keys, settings.database_connections, web.limits)


def add_headers(response: Any) -> Any:
    """What every response says to the browser."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    if web.settings().transport_security:
        headers.setdefault("Strict-Transport-Security", web.settings().transport_security)
    return response


NAVIGATION = [
    ("Your work", "responding.work", Action.ANSWER),
    ("Surveys", "surveys.index", Action.WATCH_SURVEYS),
    ("Cycles", "cycles.index", Action.USE),
    ("Network", "network_reports.page", Action.READ_NETWORK),
    ("Centers", "directory.centers", Action.USE),
    ("People", "people.index", Action.MANAGE_PEOPLE),
    ("Audit trail", "audit_pages.index", Action.READ_TRAIL),
    ("Methods", "reports.methods", Action.USE),
]


def page_context() -> dict[str, Any]:
    """What every page shows around its content."""
    if g.get("bare_page"):  # the database does not answer; the page does without it
        return {"marking": web.settings().marking, "navigation": []}
    person = web.current_person()
    items = [
        {"label": label, "href": url_for(endpoint), "current": _is_current(endpoint)}
        for label, endpoint, action in NAVIGATION
        if person and person.role in TABLE[action]
    ]
    return {
        "navigation": items,
        "signed_in_person": person,
        "person": _person_shown(person),
        "marking": web.settings().marking,
        "synthetic": _synthetic(),
        "use_banner": web.settings().use_banner,
        "timezone": web.settings().timezone.key,
        "demo": web.settings().demo,
        "Side": Side,
    }


def _is_current(endpoint: str) -> bool:
    """Whether the page asked for stands below this entry of the navigation."""
    path, here = url_for(endpoint), request.path
    return here == path or here.startswith(path + "/")


def _person_shown(person: Any) -> dict[str, str] | None:
    if person is None:
        return None
    return {
        "name": person.name,
        "role": person.role.value.capitalize(),
        "center": ", ".join(sorted(person.centers)),
    }


def _synthetic() -> bool:
    """Whether there is demonstration data here, so that every page says so."""
    if "synthetic" not in g:
        with web.database().reading() as db:
            g.synthetic = any_synthetic(db)
    return bool(g.synthetic)
