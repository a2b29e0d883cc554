"""Every route with what it asks of ``access``: a new route fails here until somebody says who may use it."""

from __future__ import annotations

import pytest
from flask import Flask

from assessment.access import TABLE, Action, Role
from tests.conftest import Network

PUBLIC = None
EVERYBODY = Action.USE

ROUTES: dict[str, Action | None] = {
    "GET /": EVERYBODY,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "POST /sign-out": PUBLIC,
    "POST /sign-in/provider": PUBLIC,
    "GET /sign-in/provider/back": PUBLIC,
    "POST /sign-out/provider": PUBLIC,
    "POST /account/provider/link": EVERYBODY,
    "POST /people/<public_id>/provider/unlink": Action.MANAGE_PEOPLE,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /s/<token>": PUBLIC,
    "POST /s/<token>/start": PUBLIC,
    "GET /s/<token>/<slug>": PUBLIC,
    "POST /s/<token>/<slug>": PUBLIC,
    "GET /s/<token>/review": PUBLIC,
    "POST /s/<token>/finish": PUBLIC,
    "GET /s/<token>/done": PUBLIC,
    "GET /opt-out/<token>": PUBLIC,
    "POST /opt-out/<token>": PUBLIC,
    "GET /sign-in/second-factor": PUBLIC,
    "POST /sign-in/second-factor": PUBLIC,
    "POST /sign-in/second-factor/passkey": PUBLIC,
    "POST /sign-in/passkey": PUBLIC,
    "POST /sign-in/passkey/options": PUBLIC,
    "GET /account": EVERYBODY,
    "GET /account/factors": EVERYBODY,
    "GET /account/factors/app": EVERYBODY,
    "POST /account/factors/app": EVERYBODY,
    "POST /account/factors/app/remove": EVERYBODY,
    "GET /account/factors/passkeys": EVERYBODY,
    "POST /account/factors/passkeys": EVERYBODY,
    "POST /account/factors/passkeys/options": EVERYBODY,
    "GET /account/factors/passkeys/<public_id>": EVERYBODY,
    "POST /account/factors/passkeys/<public_id>": EVERYBODY,
    "POST /account/factors/passkeys/<public_id>/remove": EVERYBODY,
    "POST /account/factors/codes": EVERYBODY,
    "GET /account/confirm": EVERYBODY,
    "POST /account/confirm": EVERYBODY,
    "POST /account/confirm/passkey": EVERYBODY,
    "POST /account/confirm/passkey/options": EVERYBODY,
    "POST /people/<public_id>/factors/remove": Action.MANAGE_PEOPLE,
    "POST /account/sign-ins/end": EVERYBODY,
    "POST /account/password": EVERYBODY,
    "GET /sign-in/forgot": PUBLIC,
    "POST /sign-in/forgot": PUBLIC,
    "GET /invitation/<token>": PUBLIC,
    "POST /invitation/<token>": PUBLIC,
    "GET /reset/<token>": PUBLIC,
    "POST /reset/<token>": PUBLIC,
    "GET /account/visible": EVERYBODY,
    "GET /account/time-left": PUBLIC,
    "POST /account/stay": EVERYBODY,
    "GET /people": Action.MANAGE_PEOPLE,
    "GET /people/import": Action.MANAGE_PEOPLE,
    "POST /people/import": Action.MANAGE_PEOPLE,
    "POST /people/<public_id>/invitation": Action.MANAGE_PEOPLE,
    "POST /people/<public_id>/active": Action.MANAGE_PEOPLE,
    "GET /people/new": Action.MANAGE_PEOPLE,
    "POST /people/new": Action.MANAGE_PEOPLE,
    "GET /people/<public_id>": Action.MANAGE_PEOPLE,
    "POST /people/<public_id>": Action.MANAGE_PEOPLE,
    "GET /privacy": PUBLIC,
    "GET /account/data": EVERYBODY,
    "GET /account/data.json": EVERYBODY,
    "GET /people/<public_id>/erase": Action.MANAGE_PEOPLE,
    "POST /people/<public_id>/erase": Action.MANAGE_PEOPLE,
    "GET /audit": Action.READ_TRAIL,
    "GET /audit/events.csv": Action.READ_TRAIL,
    "GET /audit/check": Action.READ_TRAIL,
    "GET /centers/<code>/trail": Action.READ_CENTER_TRAIL,
    "GET /work": EVERYBODY,
    "GET /responses/<public_id>": Action.ANSWER,
    "GET /responses/<public_id>/<slug>": Action.ANSWER,
    "POST /responses/<public_id>/<slug>": Action.ANSWER,
    "GET /responses/<public_id>/review": Action.ANSWER,
    "POST /responses/<public_id>/submit": Action.SUBMIT,
    "GET /responses/<public_id>/people": Action.DELEGATE,
    "POST /responses/<public_id>/people": Action.DELEGATE,
    "GET /responses/<public_id>/receipt": Action.ANSWER,
    "GET /responses/<public_id>/reopen": Action.REOPEN,
    "POST /responses/<public_id>/reopen": Action.REOPEN,
    "GET /cycles": EVERYBODY,
    "GET /cycles/new": Action.RUN_CYCLES,
    "POST /cycles/new": Action.RUN_CYCLES,
    "GET /cycles/<code>": EVERYBODY,
    "POST /cycles/<code>/close": Action.RUN_CYCLES,
    "POST /cycles/<code>/reopen": Action.RUN_CYCLES,
    "GET /centers": EVERYBODY,
    "GET /centers/<code>": EVERYBODY,
    "GET /centers/new": Action.EDIT_DIRECTORY,
    "POST /centers/new": Action.EDIT_DIRECTORY,
    "GET /centers/<code>/edit": Action.EDIT_DIRECTORY,
    "POST /centers/<code>/edit": Action.EDIT_DIRECTORY,
    "GET /centers/import": Action.EDIT_DIRECTORY,
    "POST /centers/import": Action.EDIT_DIRECTORY,
    "GET /pairs": EVERYBODY,
    "GET /pairs/add": Action.EDIT_DIRECTORY,
    "POST /pairs/add": Action.EDIT_DIRECTORY,
    "GET /pairs/import": Action.EDIT_DIRECTORY,
    "POST /pairs/import": Action.EDIT_DIRECTORY,
    "POST /pairs/<fusion_center>/<eoc>/active": Action.EDIT_DIRECTORY,
    "GET /reports/pairs/<fusion_center>/<eoc>": Action.READ_PAIR,
    "POST /reports/pairs/<fusion_center>/<eoc>/sharing": Action.SHARE_PAIR,
    "GET /reports/pairs/<fusion_center>/<eoc>/items.csv": Action.READ_PAIR,
    "GET /api/v1/reports/pair/<fusion_center>/<eoc>": Action.READ_PAIR,
    "GET /surveys": Action.WATCH_SURVEYS,
    "GET /surveys/new": Action.RUN_SURVEYS,
    "POST /surveys/new": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>": Action.WATCH_SURVEYS,
    "GET /surveys/<public_id>/progress": Action.WATCH_SURVEYS,
    "GET /surveys/<public_id>/preview": Action.WATCH_SURVEYS,
    "GET /surveys/<public_id>/schedule": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/schedule": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/promise": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/promise": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/questions": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/questions": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/check": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/check": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/partners": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/partners": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/partners/import": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/partners/import": Action.RUN_SURVEYS,
    "GET /surveys/<public_id>/words/<kind>": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/words/<kind>": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/questions/own": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/questions/own/remove": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/questions/text": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/partners/several": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/partners/<partner>": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/test-message": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/open": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/send": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/remind": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/open-link": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/open-link/end": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/bounces": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/messages/<message>": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/copy": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/share": Action.RUN_SURVEYS,
    "POST /surveys/<public_id>/close": Action.RUN_SURVEYS,
    "GET /reports/centers/<code>": Action.READ_CENTER,
    "GET /reports/centers/<code>/pairs.csv": Action.READ_CENTER,
    "GET /api/v1/reports/centers/<code>": Action.READ_CENTER,
    "GET /reports/network": Action.READ_NETWORK,
    "GET /reports/network/graph": Action.READ_NETWORK,
    "GET /api/v1/reports/network": Action.READ_NETWORK,
    "GET /reports/network/files/<kind>": Action.READ_NETWORK,
    "GET /reports/exports": Action.READ_NETWORK,
    "POST /reports/exports": Action.READ_NETWORK,
    "GET /reports/exports/files/<public_id>": Action.READ_NETWORK,
    "POST /reports/exports/files/<public_id>/delete": Action.READ_NETWORK,
    "GET /reports/products/<fusion_center>": Action.READ_SURVEYS,
    "GET /reports/products/<fusion_center>/results.<kind>": Action.READ_SURVEYS,
    "GET /reports/products/<fusion_center>/comments": Action.RUN_SURVEYS,
    "POST /reports/products/<fusion_center>/comments": Action.RUN_SURVEYS,
    "GET /api/v1/reports/products/<fusion_center>": Action.READ_SURVEYS,
    "GET /api/v1/centers": EVERYBODY,
    "GET /api/v1/pairs": EVERYBODY,
    "GET /api/v1/cycles": EVERYBODY,
    "GET /api/v1/surveys": Action.WATCH_SURVEYS,
    "GET /api/v1/people": Action.MANAGE_PEOPLE,
    "GET /api/v1/openapi.json": EVERYBODY,
    "GET /api": EVERYBODY,
    "GET /account/tokens": EVERYBODY,
    "POST /account/tokens": EVERYBODY,
    "POST /account/tokens/<public_id>/revoke": EVERYBODY,
    "GET /methods": EVERYBODY,
    "GET /glossary": EVERYBODY,
}


def routes_of(app: Flask) -> dict[str, Action | None]:
    found = {}
    for rule in app.url_map.iter_rules():
        action = getattr(app.view_functions[rule.endpoint], "asked_action", "says nothing")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {rule.rule}"] = action
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_says_who_may_use_it(app: Flask) -> None:
    assert routes_of(app) == ROUTES


def sample(path: str, network: Network) -> str:
    """An address of this route with things that are there."""
    values = {
        "<public_id>": network.response_id("FC-CO", "EOC-CO", "eoc"),
        "<slug>": "GOV",
        "<fusion_center>": "FC-CO",
        "<eoc>": "EOC-CO",
        "<kind>": "csv",
        "<code>": "spring" if path.startswith("/cycles") else "EOC-CO",
    }
    for name, value in values.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_is_not_signed_in_gets_the_sign_in_page_and_the_api_says_401(network: Network) -> None:
    network.open()
    stranger = network.browser()
    for route, action in ROUTES.items():
        method, path = route.split(" ", 1)
        address = sample(path, network)
        if action is PUBLIC:
            continue
        answer = stranger.client.open(address, method=method, base_url="http://localhost")
        if path.startswith("/api/"):
            assert answer.status_code == 401, route
        elif method == "GET":
            assert answer.status_code == 302, route
            assert answer.location.startswith("/sign-in?next="), route
        else:
            assert answer.status_code == 401, route


NAMES = {
    Role.ADMINISTRATOR: "admin",
    Role.DIRECTOR: "wyoming",
    Role.MANAGER: "denver",
    Role.STAFF: "analyst",
    Role.REVIEWER: "reviewer",
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_role_that_the_table_does_not_name_finds_nothing_there(network: Network, role: Role) -> None:
    network.open()
    browser = network.browser(NAMES[role])
    token = browser.token("/work" if role not in (Role.ADMINISTRATOR, Role.REVIEWER) else "/cycles")
    for route, action in ROUTES.items():
        method, path = route.split(" ", 1)
        if action is PUBLIC or role in TABLE[action]:
            continue
        answer = browser.client.open(
            sample(path, network), method=method, data={"csrf_token": token}, base_url="http://localhost"
        )
        assert answer.status_code == 404, route


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_without_its_token_changes_nothing(network: Network) -> None:
    network.open()
    for name in ("admin", "manager"):
        browser = network.browser(name)
        for route, action in ROUTES.items():
            method, path = route.split(" ", 1)
            if method != "POST" or action is PUBLIC or network.person(name).role not in TABLE[action]:
                continue
            answer = browser.client.post(sample(path, network), data={"q": "1"}, base_url="http://localhost")
            assert answer.status_code == 400, route


WITHOUT_A_TOKEN = {
    "POST /opt-out/<token>"
}  # a mail program's own button, which has no form of ours (RFC 8058)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_public_form_alone_needs_no_token(network: Network) -> None:
    """Of those that need no sign-in; whoever sends it can do nothing but leave a list."""
    stranger = network.browser().client
    public = {route for route, action in ROUTES.items() if action is PUBLIC and route.startswith("POST")}
    addresses = {route: route.split(" ", 1)[1].replace("<token>", "a" * 32) for route in public}
    codes = {
        route: stranger.post(path, data={"q": "1"}, base_url="http://localhost").status_code
        for route, path in addresses.items()
    }
    assert codes == {route: 404 if route in WITHOUT_A_TOKEN else 400 for route in public}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_that_another_site_sends_changes_nothing(network: Network) -> None:
    """Its token is good; the browser says where it comes from, as every current one does over HTTPS."""
    browser = network.browser("admin")
    form = {"csrf_token": browser.token("/people/new"), "code": "x"}
    for site, code in (
        ("cross-site", 400),
        ("same-site", 400),
        ("same-origin", 422),
        ("none", 422),
        ("", 400),
    ):
        answer = browser.client.post(
            "/people/new", data=form, base_url="http://localhost", headers={"Sec-Fetch-Site": site}
        )
        assert answer.status_code == code, site
