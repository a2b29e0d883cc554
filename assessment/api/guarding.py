"""What is asked of every request under /api/: a good token or a sign-in, a described route, not too often."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import g, request
from werkzeug.datastructures import MultiDict, WWWAuthenticate
from werkzeug.exceptions import NotFound, TooManyRequests, Unauthorized

from assessment.access import Person
from assessment.api import limits, tokens
from assessment.api.endpoints import Endpoint, read_query
from assessment.api.scopes import Scope
from assessment.api.tokens import Holder
from assessment.database import Database
from assessment.settings import Settings

NOBODY = "Sign in, or send a token: Authorization: Bearer tandem_..."
REFUSED = "This token is not good: it is unknown, expired or revoked. Make a new one on your account page."


def has_token() -> bool:
    """Whether the request brings something to be known by; then no session counts."""
    return "Authorization" in request.headers


def find_holder(database: Database, now: datetime, settings: Settings) -> Holder | None:
    """Who the token in the request's header belongs to."""
    kind, _, secret = request.headers["Authorization"].strip().partition(" ")
    if kind.lower() != "bearer" or not secret.strip().startswith(tokens.PREFIX):
        return None
    with database.reading() as session:
        return tokens.find_holder(session, secret.strip(), now, settings.demo)


def refuse(database: Database, now: datetime, settings: Settings) -> NoReturn:
    """Nobody, or a token that is not good: 401; after many bad ones from one address 429 for a minute."""
    if not has_token():
        raise _unauthorized(NOBODY)
    source = limits.address_source(request.remote_addr or "", settings.secret_key, now)
    with database.reading() as session:
        many = limits.counted(session, source, now) >= limits.WRONG_TOKENS
    if many:
        raise _too_many("There were too many wrong tokens from here.", now)
    with database.writing() as session:
        limits.count(session, [source], now)
    raise _unauthorized(REFUSED, error="invalid_token")


def _unauthorized(sentence: str, **more: str) -> Unauthorized:
    return Unauthorized(sentence, www_authenticate=WWWAuthenticate("bearer", {"realm": "Tandem", **more}))


def _too_many(sentence: str, now: datetime) -> TooManyRequests:
    wait = limits.seconds_left(now)
    return TooManyRequests(f"{sentence} Wait {wait} seconds, then go on.", retry_after=wait)


def check(
    view: Any, person: Person, holder: Holder | None, database: Database, now: datetime, settings: Settings
) -> None:
    """Raise what stands in the way of this request, else put the values of its query into ``g``."""
    endpoint: Endpoint | None = getattr(view, "endpoint", None)
    if endpoint is None:
        raise NotFound  # nothing that is not in the document is served
    _note(person, holder, database, now, settings.api_per_minute)
    if holder and endpoint.scope is not None and endpoint.scope not in holder.scopes:
        raise _lacks(endpoint.scope)
    # As it was sent: what pages leave out of a query, a program is told of.
    asked = parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True)
    g.api_query = read_query(endpoint, MultiDict(asked))


def _note(person: Person, holder: Holder | None, database: Database, now: datetime, limit: int) -> None:
    """Count the request, and keep the day of the token's use."""
    first_today = holder is not None and holder.used_on != now.date()
    if not (limit or first_today):
        return
    mine = limits.person_source(person.id)
    allowed = {mine: limit * limits.TIMES_A_PERSON}
    if holder:
        allowed[limits.token_source(holder.token_id)] = limit
    with database.writing() as session:
        counted = limits.count(session, list(allowed), now) if limit else {}
        if holder and first_today:
            tokens.note_use(session, holder, now)
    if any(number > allowed[source] for source, number in counted.items()):
        whose = "with this token" if counted[mine] <= allowed[mine] else "from you"
        raise _too_many(f"There were too many requests {whose} in this minute.", now)


class LacksScope(Unauthorized):
    """The token is good and was not made for this: known by the token and the address alone."""

    code = 403


def _lacks(scope: Scope) -> LacksScope:
    header = WWWAuthenticate(
        "bearer", {"realm": "Tandem", "error": "insufficient_scope", "scope": str(scope)}
    )
    return LacksScope(f"This token was not made for this; it lacks {scope}.", www_authenticate=header)
