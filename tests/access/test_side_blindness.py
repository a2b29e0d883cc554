"""Before the reveal nothing that one side, or a reader elsewhere, can reach depends on the other's answers.

The same network stands in worlds that differ in one side's answers alone (``sides.py``). In each, somebody of
the other side opens every address there is and saves in their own forms; an administrator and a reviewer do
so where both sides differ. What they are sent must be equal to the byte, and so must the statements that the
database is given, with their parameters, and what is logged (``looking.py`` says what is left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from assessment.cycles import services as cycles
from questionnaires.definition import Side
from questionnaires.library import Library
from tests.access import sides
from tests.access.conftest import network_over
from tests.access.databases import Databases, finish
from tests.access.leaks import LEAKS, PATH, leaking
from tests.access.looking import Visit, look
from tests.access.people import BY_NAME
from tests.access.sides import FURTHER, MANY_SAVES, OTHER_WORDS, FixedChance, Version, fixed_chance
from tests.access.world import World

FC, EOC = Side.FUSION_CENTER, Side.EOC
WORLDS: dict[str, dict[Side, Version]] = {
    "plain": {},
    "other_eoc": {EOC: MANY_SAVES},
    "other_fusion_center": {FC: MANY_SAVES},
    "other_both": {FC: OTHER_WORDS, EOC: OTHER_WORDS},
    "further": {EOC: FURTHER},
}
READERS = {  # the world beside the plain one that each must not be able to tell from it
    "director": "other_eoc",
    "manager": "other_fusion_center",
    "admin": "other_both",
    "reviewer": "other_both",
}


BACKENDS = ["sqlite", "postgresql"]


@pytest.fixture(scope="module", params=BACKENDS)
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Databases]:
    """In which a world is built, under its name, when somebody first looks at it."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else ""
    found = Databases(tmp_path_factory.mktemp("worlds"), sqlite_template, server)
    yield found
    found.drop()


def build(databases: Databases, library: Library, chance: FixedChance, name: str) -> None:
    chance.start(0)
    network = network_over(databases.folder, databases.empty(name), library)
    sides.build(network, chance, WORLDS[name])
    finish(network)


@contextmanager
def opened(
    databases: Databases, library: Library, chance: FixedChance, name: str, reader: str, mark: str = ""
) -> Iterator[World]:
    """A copy of a world for one reader alone, so that nobody else's looking shows in what they see."""
    if name not in databases.made:
        build(databases, library, chance, name)
    url = databases.copy(name, f"{name}_{reader}{mark}")
    network = network_over(databases.folder, url, library)
    world = World(network)
    chance.start(90_000)  # the secret of the sign-in
    world.browser(BY_NAME[reader])
    yield world
    finish(network)


def seen_by(databases: Databases, library: Library, name: str, reader: str) -> list[Visit]:
    """What somebody gets while the cycle is open, and once it has closed."""
    actor = BY_NAME[reader]
    with fixed_chance() as chance, opened(databases, library, chance, name, reader) as world:
        found = list(look(world, chance, actor, "open"))
        with world.network.database.writing() as session:
            cycles.close_cycle(session, "spring", *world.moment)
        return found + list(look(world, chance, actor, "closed"))


@pytest.mark.parametrize("reader", READERS)
def test_nothing_depends_on_the_other_sides_answers(
    databases: Databases, library: Library, reader: str
) -> None:
    first, second = (seen_by(databases, library, name, reader) for name in ("plain", READERS[reader]))
    assert [visit.what for visit in first] == [visit.what for visit in second]
    told = [
        f"{one.what} {one.differences(two)}: {one.first_difference(two)}"
        for one, two in zip(first, second, strict=True)
        if one.differences(two)
    ]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("databases", BACKENDS[:1], indirect=True)
def test_what_is_told_on_purpose_is_found(databases: Databases, library: Library) -> None:
    """One page of both worlds leaks in one way after the other, and in between not at all."""
    with fixed_chance() as chance, ExitStack() as stack:
        first, second = (
            stack.enter_context(opened(databases, library, chance, name, "director", "_leaks"))
            for name in ("plain", "other_eoc")
        )

        def compare() -> list[str]:
            one, two = (
                next(look(world, chance, BY_NAME["director"], "leak", [PATH])) for world in (first, second)
            )
            return one.differences(two)

        for leak, respect in LEAKS.items():
            assert compare() == []
            with leaking(first, leak), leaking(second, leak):
                assert respect in compare(), leak.__name__
        assert compare() == []


PROGRESS = re.compile(r"\(\d+ of \d+")
PATHS_WITH_PAIRS = (
    "/work",
    "/cycles",
    "/cycles/spring",
    "/centers/EOC-CO",
    "/pairs",
    "/reports/centers/FC-CO",
    "/api/v1/reports/centers/FC-CO",
    "/reports/network",
    "/reports/network/graph",
    *(f"/reports/pairs/FC-CO/{eoc}" for eoc in sides.EOCS),
    *(f"/api/v1/reports/pair/FC-CO/{eoc}" for eoc in sides.EOCS),
)


@pytest.mark.parametrize("databases", BACKENDS[:1], indirect=True)
def test_of_how_far_the_other_side_is_the_count_alone_shows(databases: Databases, library: Library) -> None:
    """On one page: how many questions of a draft are answered, of how many. All else is the same."""
    with fixed_chance() as chance, ExitStack() as stack:
        first, second = (
            list(
                look(
                    stack.enter_context(opened(databases, library, chance, name, "director", "_far")),
                    chance,
                    BY_NAME["director"],
                    "far",
                    PATHS_WITH_PAIRS,
                )
            )
            for name in ("plain", "further")
        )
    differing = [(one, two) for one, two in zip(first, second, strict=True) if one.differences(two)]
    assert [one.what for one, _ in differing] == ["far: director GET /cycles/spring"]
    ((one, two),) = differing
    assert one.statements == two.statements
    assert PROGRESS.findall(one.seen.body) != PROGRESS.findall(two.seen.body)
    assert PROGRESS.sub("", one.seen.body) == PROGRESS.sub("", two.seen.body)


@pytest.mark.parametrize("databases", BACKENDS[:1], indirect=True)
def test_the_worlds_do_differ(databases: Databases, library: Library) -> None:
    """Who may read a side's answers can tell the worlds apart, and its words are found where they may be."""
    with fixed_chance() as chance, ExitStack() as stack:
        worlds = [
            stack.enter_context(opened(databases, library, chance, name, "manager", "_own"))
            for name in ("plain", "other_eoc")
        ]
        own = worlds[0].network.response_id(sides.FUSION_CENTER, sides.DRAFTS, "eoc")
        path = f"/responses/{own}/GOV"
        plain, other = (next(look(world, chance, BY_NAME["manager"], "own", [path])) for world in worlds)
    assert plain.seen.status == other.seen.status == 200
    assert sides.SECRET in other.seen.body
    assert sides.SECRET not in plain.seen.body
