"""Before the reveal nothing that a fusion center's people can reach depends on what the EOC has answered.

The same story is played in worlds that differ in the EOC's answers and in nothing else: ids and times are the
same in each. From the EOC's answers on, after every step, two people of the fusion center visit every address
there is. What they are sent must be equal to the byte (form tokens aside), and so must the statements that
the database is given, with their parameters: equal work is the best that a page can do against being timed.
"""

from __future__ import annotations

import itertools
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import Rule

from questionnaires.library import Library
from tests.answering_client import Sheet
from tests.conftest import CSRF, NOW, Browser, FixedClock, Network, add_network

WORLDS = {
    "low": ("0", ""),
    "high": ("4", "Exercised with you in March."),
    "unknown": ("DK", "Ask the watch."),
}
READERS = ("director", "analyst")
TOKEN = re.compile(r'(name="csrf_token"[^>]*value=")[^"]+')
RANDOM_HEADERS = ("Set-Cookie",)


@dataclass(frozen=True)
class Seen:
    """What one visit got, and what it made the database do."""

    visit: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: tuple[tuple[str, str], ...]


@dataclass
class World:
    """The small network in a database of its own, and a record of what the readers saw in it."""

    network: Network
    answer: str
    note: str
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network.open()
        self.eoc = Sheet(self.network, "manager", "eoc")
        self.fusion_center = Sheet(self.network, "director", "fusion_center")
        self.readers = {name: self.network.browser(name) for name in READERS}

    def look_around(self, step: str) -> None:
        """Everybody visits everything."""
        for name, browser in self.readers.items():
            for path in self._addresses():
                self._visit(f"{step}: {name} GET {path}", browser, path)
            for path, data in self._posts(browser):
                self._visit(f"{step}: {name} POST {path}", browser, path, method="POST", data=data)

    def _addresses(self) -> Iterator[str]:
        for rule in sorted(self.network.app.url_map.iter_rules(), key=str):
            if "GET" in (rule.methods or ()):
                yield from self._filled(rule)
        yield "/api/v1/reports/pair/FC-CO/EOC-CO?cycle=spring"

    def _filled(self, rule: Rule) -> Iterator[str]:
        """The rule with everything of this pair that fits; a KeyError asks for an entry here."""
        fits = {
            "public_id": (self.fusion_center.id, self.eoc.id),
            "slug": ("GOV", "ACT"),
            "code": ("spring", "FC-CO", "EOC-CO"),
            "fusion_center": ("FC-CO",),
            "eoc": ("EOC-CO",),
            # surveys have nothing of a pair; their addresses are visited with what is not there
            "token": ("A" * 32,),
            "kind": ("invitation",),
            "partner": ("nobody",),
            "message": ("nothing",),
        }
        names = sorted(rule.arguments)
        for values in itertools.product(*(fits[name] for name in names)):
            path = rule.rule
            for name, value in zip(names, values, strict=True):
                path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
            yield path

    def _posts(self, browser: Browser) -> list[tuple[str, dict[str, str]]]:
        """Writing to the other side's form: refused, in words that tell nothing."""
        token = CSRF.search(browser.get("/work").get_data(as_text=True))
        assert token
        fields = {"csrf_token": token[1], "rev_GOV-01": "1", "was_GOV-01": "", "q_GOV-01": "4", "page": "x"}
        return [(self.eoc.path("GOV"), fields), (self.eoc.path("submit"), fields | {"name": "x"})]

    def _visit(self, visit: str, browser: Browser, path: str, **request: Any) -> None:
        with statements_of(self.network) as statements:
            answer = browser.client.open(path, base_url="http://localhost", **request)
        headers = tuple(sorted((k, v) for k, v in answer.headers if k not in RANDOM_HEADERS))
        body = TOKEN.sub(r"\1", answer.get_data(as_text=True))
        self.seen.append(Seen(visit, answer.status_code, headers, body, tuple(statements)))


@contextmanager
def statements_of(network: Network) -> Iterator[list[tuple[str, str]]]:
    """Text and parameters of the statements that run meanwhile."""
    found: list[tuple[str, str]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, repr(parameters)))

    event.listen(network.database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(network.database.engine, "before_cursor_execute", note)


def eoc_answers(world: World) -> None:
    world.eoc.fill(world.answer, world.note)


def eoc_submits(world: World) -> None:
    assert world.eoc.submit().location.endswith("/receipt")


def fusion_center_answers(world: World) -> None:
    world.fusion_center.fill("2")


def fusion_center_submits(world: World) -> None:
    assert world.fusion_center.submit().location.endswith("/receipt")


def cycle_closes(world: World) -> None:
    admin = world.network.browser("admin")
    assert admin.post("/cycles/spring/close", {}, form="/cycles/spring").status_code == 302


Step = Callable[[World], None]
STORIES: dict[str, Sequence[Step]] = {
    "the EOC is first": (eoc_answers, eoc_submits, fusion_center_answers, cycle_closes),
    "the fusion center is first": (fusion_center_answers, fusion_center_submits, eoc_answers, cycle_closes),
}
REVEAL = (eoc_answers, eoc_submits, fusion_center_answers, fusion_center_submits)


@pytest.fixture
def make_world(
    make_app: Callable[..., Flask],
    library: Library,
    clock: FixedClock,
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], World]:
    def make(name: str) -> World:
        numbers = itertools.count()
        monkeypatch.setattr(secrets, "token_urlsafe", lambda length=32: f"id{next(numbers):014d}")
        clock.times[:] = [NOW]
        file = tmp_path / f"{name}.sqlite"
        shutil.copy(sqlite_template, file)
        app = make_app(database_url=f"sqlite:///{file}")
        network = Network(app, app.extensions["tandem.database"], library, clock)
        with network.database.writing() as session:
            add_network(session)
        return World(network, *WORLDS[name])

    return make


def play(world: World, story: Sequence[Step], first_look: Step = eoc_answers) -> list[Seen]:
    looking = False
    for step in story:
        step(world)
        looking |= step is first_look
        if looking:
            world.look_around(step.__name__.replace("_", " "))
    return world.seen


@pytest.mark.parametrize("story", list(STORIES))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_depends_on_the_other_sides_answers(make_world: Callable[[str], World], story: str) -> None:
    first, *others = (play(make_world(name), STORIES[story]) for name in WORLDS)
    for other in others:
        assert [seen.visit for seen in other] == [seen.visit for seen in first]
        for one, two in zip(first, other, strict=True):
            assert (one.status, one.headers) == (two.status, two.headers), one.visit
            assert one.body == two.body, one.visit
            assert one.statements == two.statements, one.visit


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_pages_visited_do_show_the_pair(make_world: Callable[[str], World]) -> None:
    """The visits reach the forms and reports: once both have submitted, the worlds can be told apart."""
    low, high = (play(make_world(name), REVEAL, fusion_center_submits) for name in ("low", "high"))
    told_apart = {one.visit for one, two in zip(low, high, strict=True) if one.body != two.body}
    pair = "/reports/pairs/FC-CO/EOC-CO"
    wanted = (pair, f"{pair}/items.csv", "/api/v1/reports/pair/FC-CO/EOC-CO")
    assert {f"fusion center submits: director GET {path}" for path in wanted} <= told_apart
    statuses = {seen.visit: seen.status for seen in low}
    assert {status for visit, status in statuses.items() if " POST " in visit} == {404}
    for path in ("/work", "/cycles/spring", pair, "/centers/EOC-CO"):
        assert statuses[f"fusion center submits: analyst GET {path}"] == 200
