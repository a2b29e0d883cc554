"""How many statements a page or a save takes grows neither with what is stored nor with the items touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.engine import Engine

from assessment.models.directory import Center, Pair
from assessment.models.responses import Answer, Response
from tests.answering_client import Sheet
from tests.conftest import NOW, Network

MORE_CYCLES, MORE_PAIRS = 3, 47  # with the three pairs of the network: 3 cycles x 50 pairs x 2 sides
FEW, MANY = 6, 306
MOST_TO_OPEN, MOST_TO_SAVE = 12, 14  # statements, those that begin transactions included


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that the engine is given while the block runs."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def add_responses(network: Network) -> None:
    """Forty-seven more pairs and three more cycles with all, every response of them answered."""
    with network.database.writing() as session:
        fusion_center = session.scalar(select(Center).where(Center.code == "FC-WY"))
        for number in range(MORE_PAIRS):
            code = f"EOC-{number}"
            eoc = Center(code=code, name=code, kind="eoc", level="county", state="WY", fema_region=8)
            session.add(Pair(fusion_center=fusion_center, eoc=eoc))
    for number in range(MORE_CYCLES):
        network.open(f"more-{number}")
    answer = {"part": "", "status": "answered", "number": 2.0, "text": "", "revision": 1, "changed_at": NOW}
    with network.database.writing() as session:
        ids = session.scalars(select(Response.id)).all()
        answered = set(session.scalars(select(Answer.response_id)))
        questions = [question.id for question in network.library.get("worked-example").questions]
        session.execute(
            insert(Answer),
            [answer | {"response_id": i, "question": q} for i in ids if i not in answered for q in questions],
        )


def stored_responses(network: Network) -> int:
    with network.database.reading() as session:
        return len(session.scalars(select(Response.id)).all())


@pytest.fixture
def sheet(network: Network) -> Sheet:
    """A form that is filled in and has been opened before, so that opening it writes nothing any more."""
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.fill("2")
    return sheet


def save_items(sheet: Sheet, count: int) -> None:
    """The Save button after so many items of the page have been changed."""
    fields = sheet.open("GOV")
    for number in range(1, count + 1):
        name = f"q_GOV-0{number}"
        fields[name] = str((int(fields[name]) + 1) % 5)
    assert sheet.post("GOV", fields | {"then": "stay"}).status_code == 302


def save_one(sheet: Sheet) -> None:
    fields = sheet.open("GOV")
    reply = sheet.save(fields, "GOV-01", str((int(fields["q_GOV-01"]) + 1) % 5))
    assert reply.status_code == 200


WORK: dict[str, tuple[Callable[[Sheet], object], int]] = {
    "open a section": (lambda sheet: sheet.open("GOV"), MOST_TO_OPEN),
    "open and save in the background": (save_one, MOST_TO_OPEN + MOST_TO_SAVE),
    "open and save with the button": (lambda sheet: save_items(sheet, 4), MOST_TO_OPEN + MOST_TO_SAVE),
    "go on where one was": (lambda sheet: sheet.browser.get(f"/responses/{sheet.id}"), MOST_TO_OPEN),
    "review": (lambda sheet: sheet.open("review"), MOST_TO_OPEN),
}


@pytest.mark.parametrize("work", list(WORK))
def test_as_many_statements_with_few_responses_as_with_many(
    network: Network, sheet: Sheet, work: str
) -> None:
    do, most = WORK[work]
    do(sheet)  # from here on the form remembers the same last question each time
    counts = []
    for stored in (FEW, MANY):
        if stored == MANY:
            add_responses(network)
        assert stored_responses(network) == stored
        with counted(network.database.engine) as statements:
            do(sheet)
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
    assert 0 < counts[0] <= most, statements


def test_saving_four_items_takes_as_many_statements_as_saving_one(network: Network, sheet: Sheet) -> None:
    save_items(sheet, 4)
    counts = []
    for items in (1, 4):
        with counted(network.database.engine) as statements:
            save_items(sheet, items)
        counts.append(len(statements))
    assert counts[0] == counts[1], statements


def test_a_section_of_five_items_takes_as_many_statements_as_one_of_four(
    network: Network, sheet: Sheet
) -> None:
    counts = []
    for slug in ("GOV", "ACT"):
        with counted(network.database.engine) as statements:
            sheet.open(slug)
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
