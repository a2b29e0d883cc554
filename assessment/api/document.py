"""The OpenAPI 3.1 document, made of what the routes say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from assessment.api.endpoints import Endpoint, Parameter, Schema
from assessment.api.limits import TIMES_A_PERSON
from assessment.api.scopes import MEANING
from assessment.api.shapes import TEXT, WHOLE, named, thing
from assessment.settings import Settings

API = "/api/"
ERRORS = {
    400: "A parameter is not known or its value means nothing; the sentence names it.",
    401: "No token, or one that is unknown, expired or revoked; nobody is signed in.",
    403: "The token was not made for this.",
    404: "Not there, or not yours: the same answer for both.",
    413: "The request brings a body; nothing is taken here.",
    429: "Too often; Retry-After says how many seconds to wait.",
    500: "Something failed here.",
    503: "The data cannot be reached just now.",
}
_CHALLENGE = {"WWW-Authenticate": {"required": True, "schema": TEXT}}
_HEADERS: dict[int, Any] = {
    401: _CHALLENGE,
    403: _CHALLENGE,
    429: {"Retry-After": {"required": True, "schema": WHOLE}},
}
_INTRODUCTION = (
    "The reports and the lists of Tandem, to be read by programs. A token reads what its person may read at"
    " that moment, and of it only what the token was made for. Nothing can be changed here."
)


def described_routes(app: Flask) -> Iterator[tuple[Rule, Endpoint]]:
    """Every route under /api/ by its path, with what it says of itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        endpoint = getattr(app.view_functions[rule.endpoint], "endpoint", None)
        if rule.rule.startswith(API) and endpoint is not None:
            yield rule, endpoint


def path_of(rule: Rule) -> str:
    """The path as the document writes it, its variable parts in braces."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def api_document(app: Flask, settings: Settings) -> dict[str, Any]:
    """The document as JSON would hold it."""
    paths, schemas = {}, {"Error": _error()}
    for rule, endpoint in described_routes(app):
        paths[path_of(rule)] = {"get": _operation(endpoint)}
        schemas |= endpoint.schemas
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tandem", "version": "1", "description": _INTRODUCTION + _limits(settings)},
        "servers": [{"url": settings.base_url}],
        "security": [{"token": []}, {"browser": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A personal access token, made on the page /account/tokens. Scopes: "
                    + "; ".join(f"{scope}: {meaning}" for scope, meaning in MEANING.items()),
                },
                "browser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": app.config["SESSION_COOKIE_NAME"],
                    "description": "A browser in which somebody is signed in reads the same without a token.",
                },
            },
        },
    }


def _limits(settings: Settings) -> str:
    limit = settings.api_per_minute
    if not limit:
        return ""
    return f" At most {limit} requests a minute with one token, {limit * TIMES_A_PERSON} from one person."


def _error() -> Schema:
    sentence = {**TEXT, "description": "A sentence that says what is wrong."}
    request_id = {**TEXT, "description": "There where something failed here: by it the log tells of it."}
    return thing({"error": sentence, "code": WHOLE, "request_id": request_id}, optional=["request_id"])


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    parameters = [_parameter(one, "path") for one in endpoint.path]
    parameters += [_parameter(one, "query") for one in endpoint.query]
    answer = named(endpoint.answer) if isinstance(endpoint.answer, str) else endpoint.answer
    good = {"description": endpoint.summary, "content": _json(answer)}
    return {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Scope: {endpoint.scope}" if endpoint.scope else "Any token.",
        "parameters": parameters,
        "responses": {"200": good} | {str(code): _error_answer(code) for code in ERRORS},
    }


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    found = {
        "name": parameter.name,
        "in": place,
        "description": parameter.description,
        "schema": parameter.schema,
    }
    return found | ({"required": True} if place == "path" else {})


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _error_answer(code: int) -> dict[str, Any]:
    headers = {"headers": _HEADERS[code]} if code in _HEADERS else {}
    return {"description": ERRORS[code], "content": _json(named("Error")), **headers}
