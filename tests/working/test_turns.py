"""Of several workers one does what is due once in a while, and what was done is written down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assessment.database import Database
from assessment.working.turns import Ended, done_lately, last_heard, take_turn, write_down
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def turn(database: Database, **later: float) -> bool:
    with database.writing() as session:
        return take_turn(session, "retention", HOUR, NOW + timedelta(**later))


def test_one_turn_in_its_period_whoever_asks(database: Database) -> None:
    assert turn(database)
    assert not turn(database, minutes=59)
    assert turn(database, minutes=60)
    assert not turn(database, minutes=61)


def test_of_many_who_ask_at_once_one_has_it(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: turn(database), range(8))) == 1


@pytest.mark.parametrize("back", [{"hours": -1}, {"days": -365}])
def test_a_clock_that_was_set_back_stops_nothing(database: Database, back: dict[str, float]) -> None:
    assert turn(database)
    assert turn(database, **back)


def test_what_was_done_is_written_down_and_a_good_end_is_remembered(database: Database) -> None:
    with database.reading() as session:
        assert last_heard(session) is None
    for minutes, trouble in ((0, ""), (1, "The mail server does not answer. " * 50)):
        at = NOW + timedelta(minutes=minutes)
        with database.writing() as session:
            write_down(session, {"messages": Ended(at, trouble), "files": Ended(at)})
    with database.reading() as session:
        files, messages = done_lately(session)
        assert (files.name, files.trouble, files.well_at) == ("files", "", at)
        assert messages.trouble.startswith("The mail server does not answer.")
        assert (messages.well_at, messages.ended_at) == (NOW, at)
        assert last_heard(session) == at
