"""Every route, asked by somebody of every role for their own things, others' things, and things not there.

The table says who gets a page. Everybody else gets what there is where nothing is: the same bytes, nothing
changed. A route without a line fails here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote

import pytest
from sqlalchemy import delete
from werkzeug.routing import Rule

from assessment.models.surveys import LinkFailure
from assessment.models.tokens import ApiRequests
from tests.access.people import NOBODY, SHUT_OUT, SIGNED_IN, Actor
from tests.access.table import LINES, Line
from tests.access.visits import Seen, address, changed_tables, visit
from tests.access.world import Thing, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READ = {endpoint: line for endpoint, line in LINES.items() if line.read}
WRITTEN = {endpoint: line for endpoint, line in LINES.items() if line.write}
DIFFERENT_EACH_TIME = {"audit_pages.index", "audit_pages.events_file", "factors.add_app"}
LINK_CODES = (200, 302, 410)  # gone: a survey link that was one
LOOKING_WRITES = frozenset(
    {"contributors", "cycle_pairs", "survey_partners", "sign_ins", "network_numbers"}
)  # who has opened or read what and when; a copy of what was released
Kind = TypeVar("Kind")


def rules_of(world: World, endpoint: str) -> list[Rule]:
    return [rule for rule in world.network.app.url_map.iter_rules() if rule.endpoint == endpoint]


def rule_of(world: World, endpoint: str, method: str) -> Rule:
    return next(rule for rule in rules_of(world, endpoint) if method in (rule.methods or ()))


def test_every_route_has_a_line(world: World) -> None:
    served: dict[str, set[str]] = {}
    for rule in world.network.app.url_map.iter_rules():
        served.setdefault(rule.endpoint, set()).update(rule.methods or ())
    told = (
        "tests/access/table.py has no line for {}. Add one to LINES: the family of things.py that its address"
        " names, and the rule of rules.py that says who may read or write it."
    )
    assert not served.keys() - LINES, told.format(", ".join(sorted(served.keys() - LINES)))
    assert not LINES.keys() - served, f"no such route any more: {sorted(LINES.keys() - served)}"
    for endpoint, methods in served.items():
        line = LINES[endpoint]
        said = {"GET" for _ in [1] if line.read} | {"POST" for _ in [1] if line.write}
        assert methods - {"HEAD", "OPTIONS"} == said, f"{endpoint} serves {methods}, its line says {said}"


def forget_tries(world: World) -> None:
    """These tests try many unknown links; being slowed down for it is tested elsewhere."""
    with world.network.database.writing() as session:
        session.execute(delete(LinkFailure))
        session.execute(delete(ApiRequests))


def may(rule: object, line: Line, actor: Actor, thing: Thing) -> bool:
    return thing.there and (line.public or (callable(rule) and bool(rule(actor, thing))))


def asked_by(world: World, line: Line, rule: object, actor: Actor) -> list[tuple[Thing, bool]]:
    """What this person asks for, and whether they get it. Who gets none of a kind need not ask for all of it,
    and hostile ids are for two people to try."""
    things = [(thing, may(rule, line, actor, thing)) for thing in world.things[line.things]]
    tries_all = actor.name in ("admin", "director")
    plain = [(thing, allowed) for thing, allowed in things if tries_all or "hostile" not in thing.marks]
    if tries_all or any(allowed for _, allowed in plain):
        return plain
    return spread(plain)


def spread(all_of_a_kind: list[Kind]) -> list[Kind]:
    """The first, one from the middle, and the last, which is nobody's where there are several."""
    places = sorted({0, len(all_of_a_kind) // 2, len(all_of_a_kind) - 1})
    return [all_of_a_kind[place] for place in places]


def visits_of(world: World, line: Line, actor: Actor, every: bool) -> Iterator[tuple[Thing, bool]]:
    """Pages that take long are opened once a person."""
    opened = False
    for thing, allowed in asked_by(world, line, line.read, actor):
        if allowed and opened and line.slow and not every:
            continue
        opened = opened or allowed
        yield thing, allowed


def look(world: World, endpoint: str, every: bool = False) -> None:
    line, rule = READ[endpoint], rule_of(world, endpoint, "GET")
    for actor in SIGNED_IN:
        forget_tries(world)
        refused: dict[Seen, Thing] = {}
        for thing, allowed in visits_of(world, line, actor, every):
            path = address(rule, thing)
            with changed_tables(world.network) as changed:
                seen = visit(world, actor, "GET", path)
            what = f"{actor} GET {path} ({thing}): {seen.status}"
            if allowed:
                assert seen.status in (LINK_CODES if line.public else (200, 302)), what
                assert line.public or not seen.location.startswith("/sign-in"), what
                assert changed <= LOOKING_WRITES, f"{what} wrote to {changed}"
            else:
                assert seen.status == 404, what
                assert not changed, f"{what} wrote to {changed}"
                if "hostile" not in thing.marks:
                    refused[seen] = thing
        assert len(refused) <= 1, f"{actor} can tell apart {[str(thing) for thing in refused.values()]}"


@pytest.mark.parametrize("endpoint", READ)
def test_a_page_is_there_for_whom_the_table_says(world: World, endpoint: str) -> None:
    look(world, endpoint)


@pytest.mark.soak
@pytest.mark.parametrize("endpoint", [endpoint for endpoint, line in READ.items() if line.slow])
def test_a_slow_page_is_there_in_every_condition(world: World, endpoint: str) -> None:
    look(world, endpoint, every=True)


def without_address(seen: Seen, path: str) -> Seen:
    """What somebody who is not signed in is told, less where they wanted to go."""
    plain = path.split("?")[0]
    quoted = {path, plain, quote(path, safe="/"), html.escape(plain), quote(path, safe="/?=&")}
    headers, body = repr(seen.headers), seen.body
    for text in sorted(quoted, key=len, reverse=True):
        headers, body = headers.replace(text, "PATH"), body.replace(text, "PATH")
    headers = re.sub(r"next=[^']*|'Content-Length', '\d+'", "", headers)
    return Seen(seen.status, ((headers, ""),), re.sub(r"next=[^\"<]*", "next=PATH", body))


@pytest.mark.parametrize("actor", SHUT_OUT, ids=str)
def test_who_is_not_let_in_is_asked_to_sign_in_whatever_they_ask_for(world: World, actor: Actor) -> None:
    """Somebody who was switched off, or belongs to a demonstration, like somebody who never was here."""
    for endpoint, line in LINES.items():
        if line.public:
            continue
        for method in [m for m, said in (("GET", line.read), ("POST", line.write)) if said]:
            rule = rule_of(world, endpoint, method)
            told: dict[Seen, str] = {}
            for thing in world.things[line.things]:
                if "hostile" in thing.marks:
                    continue
                path = address(rule, thing)
                with changed_tables(world.network) as changed:
                    seen = visit(world, actor, method, path)
                what = f"{actor} {method} {path}: {seen.status}"
                assert not changed, f"{what} wrote to {changed}"
                if path.startswith("/api/"):
                    assert (seen.status, dict(seen.headers)["Content-Type"]) == (401, "application/json"), (
                        what
                    )
                elif method == "GET":
                    assert seen.status == 302, what
                    assert seen.location.startswith("/sign-in?next="), what
                else:
                    assert seen.status == 401, what
                told[without_address(seen, path)] = path
            assert len(told) == 1, f"{actor} can tell apart {method} {list(told.values())}"


def served_methods(world: World, path: str) -> set[str]:
    """Those that some rule serves there."""
    return set(world.network.app.url_map.bind("localhost").allowed_methods(path.split("?")[0]))


@pytest.mark.parametrize("endpoint", LINES)
def test_a_method_that_is_not_served_says_the_same_of_everything(world: World, endpoint: str) -> None:
    line = LINES[endpoint]
    rule = rules_of(world, endpoint)[0]
    things = [thing for thing in world.things[line.things] if "hostile" not in thing.marks]
    served = served_methods(world, address(rule, things[0]))
    for method in sorted(set(METHODS) - served | {"OPTIONS"}):
        for actor in (*SIGNED_IN[:2], *SIGNED_IN[4:6], NOBODY):
            told = set()
            for thing in spread(things):
                path = address(rule, thing)
                with changed_tables(world.network) as changed:
                    seen = visit(world, actor, method, path)
                what = f"{actor} {method} {path}: {seen.status}"
                assert not changed, f"{what} wrote to {changed}"
                if method != "OPTIONS":
                    assert seen.status == 405, what
                else:
                    assert seen.status in ((401,) if actor is NOBODY and not line.public else (200, 404)), (
                        what
                    )
                told.add(without_address(seen, path))
            assert len(told) == 1, f"{actor} {method} {rule.rule} tells things apart"


@pytest.mark.parametrize("endpoint", READ)
def test_head_is_get_without_its_body(world: World, endpoint: str) -> None:
    """For somebody who may, and for somebody who may not."""
    line, rule = READ[endpoint], rule_of(world, endpoint, "GET")
    forget_tries(world)
    asked: dict[bool, tuple[Actor, Thing]] = {}
    for actor in SIGNED_IN:
        for thing in world.things[line.things]:
            asked.setdefault(may(line.read, line, actor, thing), (actor, thing))
    for actor, thing in asked.values():
        path = address(rule, thing)
        get, head = visit(world, actor, "GET", path), visit(world, actor, "HEAD", path)
        assert not head.body, path
        if endpoint not in DIFFERENT_EACH_TIME:
            assert head.without_body() == get.without_body(), f"{actor} {path}"
        assert head.status == get.status, path
