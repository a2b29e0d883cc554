"""The load that ``make bench`` measures is real: what is counted is in the database."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from benchmarks.load.crowd import EMPTY, SAVE, SUBMIT, Crowd, Result, Run, gathered
from benchmarks.load.world import World, served

pytestmark = pytest.mark.xdist_group("load")  # one server
RESPONSES, VISITORS, RESPONDENTS = 60, 4, 20


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Crowd]]:
    folder = tmp_path_factory.mktemp("load") / "few"
    with served(folder, RESPONSES, VISITORS, RESPONDENTS) as world, gathered() as crowd:
        yield world, crowd


def run(place: tuple[World, Crowd], counted: str) -> Result:
    world, crowd = place
    people, visitors = (world.people, VISITORS) if counted != SUBMIT else (world.respondents, 2 * VISITORS)
    return crowd.run(Run(counted, world.host, str(people), visitors, 0.5, hurried=True))


def test_every_save_that_is_counted_is_stored(place: tuple[World, Crowd]) -> None:
    world, _ = place
    before = world.saves_stored()
    result = run(place, SAVE)
    assert (result.failures, result.failed) == ([], 0)
    assert 0 < len(result.times) == world.saves_stored() - before


def test_every_submission_that_is_counted_is_stored(place: tuple[World, Crowd]) -> None:
    world, _ = place
    before = world.submissions_stored()
    result = run(place, SUBMIT)
    assert result.failures == []
    assert 0 < len(result.times) == world.submissions_stored() - before


def test_the_empty_route_is_counted_and_saves_nothing(place: tuple[World, Crowd]) -> None:
    world, _ = place
    before = world.saves_stored()
    result = run(place, EMPTY)
    assert result.failures == []
    assert result.times
    assert world.saves_stored() == before


def test_the_empty_route_asks_who_is_there(place: tuple[World, Crowd]) -> None:
    """Else it would do less than what a save is measured against must do."""
    world, _ = place
    connection = HTTPConnection(world.host.removeprefix("http://"))
    connection.request("POST", "/bench/empty", headers={"X-Background-Save": "1"})
    assert connection.getresponse().status == 401
    connection.close()


def test_a_run_says_what_went_wrong(place: tuple[World, Crowd]) -> None:
    """Who is not signed in cannot save, and no save of theirs is counted."""
    world, crowd = place
    strangers = world.people.with_name("strangers.jsonl")
    strangers.write_text('{"cookie": "tandem=none", "form": "nothing", "report": "/"}', encoding="utf-8")
    result = crowd.run(Run(SAVE, world.host, str(strangers), 1, 0.5, hurried=True))
    assert result.times == []
    assert result.failed > 0
    assert "was answered" in result.failures[0]
