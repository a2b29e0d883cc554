"""No address is made by counting: what stands in links is a code that people know, or random."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy.orm import configure_mappers
from werkzeug.routing import IntegerConverter

from assessment.models.base import Base, new_public_id
from tests.access.people import BY_NAME
from tests.access.table import LINES
from tests.access.test_every_route import READ, may, rule_of
from tests.access.visits import address, visit
from tests.access.world import World

LINK = re.compile(r'(?:href|action|formaction|hx-get|hx-post|src)="([^"]+)"')
ID_BITS = 96
COUNTING_QUERY = {"page", "region", "floor"}  # numbers of pages, regions, respondents
OF_ADMINISTRATORS = {"before"}  # the number of an event, in the trail that only administrators read


def test_no_route_takes_a_number(world: World) -> None:
    numbers = [
        rule.rule
        for rule in world.network.app.url_map.iter_rules()
        if any(isinstance(converter, IntegerConverter) for converter in rule._converters.values())
    ]
    assert not numbers


def test_public_ids_are_random() -> None:
    configure_mappers()
    columns = [
        table.columns["public_id"] for table in Base.metadata.sorted_tables if "public_id" in table.columns
    ]
    assert len(columns) >= 5
    for column in columns:
        assert column.unique, column
        assert column.default is not None, column
        assert getattr(column.default.arg, "__name__", "") == new_public_id.__name__, column
    made = [new_public_id() for _ in range(200)]
    assert len(set(made)) == len(made)
    assert made != sorted(made)
    assert all(len(one) * 6 >= ID_BITS for one in made)


def test_the_random_ids_come_from_a_source_that_cannot_be_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []
    monkeypatch.setattr(secrets, "token_urlsafe", lambda length=None: asked.append(length) or "x")
    assert new_public_id() == "x"
    assert [length for length in asked if length and length * 8 >= ID_BITS] == asked


def links(body: str) -> Iterator[str]:
    for found in LINK.findall(body):
        target = unescape(found)
        if target.startswith("/") and not target.startswith("/static/"):
            yield target


@pytest.mark.parametrize("name", ["admin", "director", "manager", "reviewer"])
def test_no_link_on_any_page_counts(world: World, name: str) -> None:
    actor = BY_NAME[name]
    for endpoint, line in READ.items():
        if LINES[endpoint].slow and endpoint != "reports.pair":
            continue
        things = [thing for thing in world.things[line.things] if may(line.read, line, actor, thing)]
        for thing in things[:1]:
            path = address(rule_of(world, endpoint, "GET"), thing)
            for link in links(visit(world, actor, "GET", path).body):
                parts = urlsplit(link)
                counted = [segment for segment in parts.path.split("/") if segment.isdigit()]
                allowed = COUNTING_QUERY | (OF_ADMINISTRATORS if name == "admin" else set())
                counted += [
                    f"{key}={value}"
                    for key, value in parse_qsl(parts.query)
                    if value.isdigit() and key not in allowed
                ]
                assert not counted, f"{path} links to {link}"
