"""Requests as somebody, what came back less what is different each time, and what they changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, event, select
from werkzeug.routing import Rule

from assessment.models.base import Base
from tests.access.people import Actor
from tests.access.world import Thing, World
from tests.conftest import CSRF, Network

RANDOM = (
    re.compile(r'(name="csrf_token"[^>]*value=")[^"]+'),
    re.compile(r'("csrf_token": ?")[^"]+'),
    re.compile(r'(<input[^>]*name="page"[^>]*value=")[^"]+'),
)
RANDOM_HEADERS = ("Set-Cookie", "Date", "X-Request-ID")
TRAIL = frozenset({"audit_events", "audit_centers", "sign_in_tries", "link_failures", "api_requests"})
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+\"?(\w+)", re.IGNORECASE)
BASE = "http://localhost"


@dataclass(frozen=True)
class Seen:
    """What somebody can tell of an answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def location(self) -> str:
        return dict(self.headers).get("Location", "")

    def without_body(self) -> Seen:
        return Seen(self.status, self.headers, "")


def address(rule: Rule, thing: Thing) -> str:
    """The rule's address of this thing; a KeyError says that the family lacks an argument."""
    path = rule.rule
    for name in rule.arguments:
        path = re.sub(rf"<(?:[^<>:]+:)?{name}>", lambda _found, value=thing.args[name]: value, path)
    return path + thing.query


def visit(world: World, actor: Actor, method: str, path: str, **request: Any) -> Seen:
    answer = world.browser(actor).client.open(path, method=method, base_url=BASE, **request)
    headers = tuple(sorted((k, v) for k, v in answer.headers if k not in RANDOM_HEADERS))
    body = answer.get_data().decode(errors="replace")
    for pattern in RANDOM:
        body = pattern.sub(r"\1", body)
    return Seen(answer.status_code, headers, body)


def token(world: World, actor: Actor) -> str:
    """A form token of the person's own, as good as any that they can get."""
    path = "/account" if actor.role else "/sign-in"
    found = CSRF.search(world.browser(actor).client.get(path, base_url=BASE).get_data(as_text=True))
    assert found, f"{actor} finds no form on {path}"
    return found[1]


@contextmanager
def changed_tables(network: Network) -> Iterator[set[str]]:
    """Tables that a committed transaction wrote to meanwhile, less the trail and the throttles."""
    changed: set[str] = set()
    open_ones: dict[int, set[str]] = {}

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found = WRITES.match(statement)
        if found:
            open_ones.setdefault(id(connection), set()).add(found[1])

    def commit(connection: Any) -> None:
        changed.update(open_ones.pop(id(connection), set()) - TRAIL)

    def rollback(connection: Any) -> None:
        open_ones.pop(id(connection), None)

    engine = network.database.engine
    listeners = (("before_cursor_execute", note), ("commit", commit), ("rollback", rollback))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield changed
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


@cache
def rows_of(table: Table, left_out: tuple[str, ...]) -> Select[Any]:
    """Put together once: that takes longer than reading most tables."""
    return select(*(column for column in table.columns if column.name not in left_out))


def digest(network: Network, without: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, str]:
    """Of each table a hash of its rows, less the trail and the throttles; ``without``: columns left out."""
    found = {}
    with network.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in TRAIL:
                continue
            query = rows_of(table, (without or {}).get(table.name, ()))
            rows = sorted(repr(tuple(row)) for row in session.execute(query))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
