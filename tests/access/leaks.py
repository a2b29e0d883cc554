"""Leaks made on purpose, each of another kind, to show whether the comparison of worlds finds them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import Response, make_response
from sqlalchemy import text

from tests.access.sides import DRAFTS, FUSION_CENTER
from tests.access.world import World

Row = tuple[str, str]  # how a question was answered by the EOC, and with which words
Leak = Callable[[World, Response, list[Row]], Any]
ENDPOINT, PATH = "responding.work", "/work"


def a_word(_world: World, response: Response, rows: list[Row]) -> None:
    response.data += rows[0][1][:20].encode()


def a_number(_world: World, response: Response, rows: list[Row]) -> None:
    answered = sum(status == "answered" for status, _ in rows)
    response.data += f"<!-- {answered / len(rows)} -->".encode()


def a_length(_world: World, response: Response, rows: list[Row]) -> None:
    """As a form that is cut off, or a hidden element, would."""
    response.data += b" " * sum(len(note) for _, note in rows)


def a_header(_world: World, response: Response, rows: list[Row]) -> None:
    response.headers["ETag"] = f'"{hash(tuple(rows))}"'


def a_status(_world: World, response: Response, rows: list[Row]) -> None:
    response.status_code = 203 if any(status == "not_applicable" for status, _ in rows) else 200


def a_statement_more(world: World, _response: Response, rows: list[Row]) -> None:
    """Time: a look for each answer of a kind."""
    with world.network.database.reading() as session:
        for status, _ in rows:
            if status == "do_not_know":
                session.execute(text("SELECT 1"))


def another_parameter(world: World, _response: Response, rows: list[Row]) -> None:
    with world.network.database.reading() as session:
        session.execute(text("SELECT 1 WHERE :status = 'answered'"), {"status": rows[1][0]})


def a_line_of_the_log(_world: World, _response: Response, rows: list[Row]) -> None:
    logging.getLogger("assessment").info(
        "The EOC has written %s characters", sum(len(note) for _, note in rows)
    )


LEAKS: dict[Leak, str] = {  # and in which respect it shows
    a_word: "body",
    a_number: "body",
    a_length: "headers",
    a_header: "headers",
    a_status: "status",
    a_statement_more: "statements",
    another_parameter: "statements",
    a_line_of_the_log: "log",
}


@contextmanager
def leaking(world: World, leak: Leak) -> Iterator[None]:
    """One page of this world gives away something of what the EOC has answered."""
    views = world.network.app.view_functions
    sound = views[ENDPOINT]
    rows = _answers_of_the_eoc(world)

    @wraps(sound)
    def leaky(**arguments: Any) -> Response:
        response = make_response(sound(**arguments))
        leak(world, response, rows)
        return response

    views[ENDPOINT] = leaky
    try:
        yield
    finally:
        views[ENDPOINT] = sound


def _answers_of_the_eoc(world: World) -> list[Row]:
    response_id = world.network.response_id(FUSION_CENTER, DRAFTS, "eoc")
    query = text(
        "SELECT a.status, a.text FROM answers a JOIN responses r ON r.id = a.response_id"
        " WHERE r.public_id = :id ORDER BY a.question"
    )
    with world.network.database.reading() as session:
        return [(row[0], row[1]) for row in session.execute(query, {"id": response_id})]
