"""Page, JSON and files of a scope show the same numbers, for every role: the demonstration, random networks.

The JSON is the network report as it is; the page's tables are read as they stand, to the digits shown.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.network_cells import with_sign
from tests.conftest import Browser, FixedClock, settings_in
from tests.network import demonstration
from tests.network.exported import json_of
from tests.network.page_numbers import Compared, Page, compare, heat, shown
from tests.network.random_networks import random_cycles, small_items
from tests.network.reading import scopes_of
from tests.network.stored_networks import Account, Stored, fitting, stored
from tests.network.test_attack_roles import Life
from tests.network.test_exports import KINDS, digits, read_back
from tests.network.two_worlds import differing, world_in

PAGE, JSON = "/reports/network", "/api/v1/reports/network"
SEEN = ("cards", "index", "levels", "domains mean", "domains gap", "items mean", "guidance", "changes")
SEEN += ("gaps", "groups", "map", "heat")


class Reader:
    """One account in a browser, comparing what it reads."""

    def __init__(self, found: Stored, account: Account, codes: list[str], folder: Path) -> None:
        self.found, self.account, self.codes, self.folder = found, account, codes, folder
        self.browser: Browser = found.network.browser(account.name)
        self.compared = Compared()
        self.read: dict[tuple[Any, ...], Any] = {}

    def json(self, code: str, scope: dict[str, str]) -> Any:
        """Asked for once; what pages and files show later is compared with it."""
        key = (code, *scope.items())
        if key not in self.read:
            answer = self.browser.get(JSON, query_string={"cycle": code, **scope})
            self.read[key] = answer.get_json() if answer.status_code == 200 else None
        return self.read[key]

    def scopes(self, pairs: Collection[int]) -> list[dict[str, str]]:
        """Everything that this reader may read, the nation first."""
        places = [self.found.places[pair] for pair in pairs]
        keys = [key for key in scopes_of(places) if self.account.reads(key, places)]
        parts = [key.partition(":") for key in sorted(keys, key=lambda key: key != "nation")]
        return [{kind: value} if value else {} for kind, _, value in parts]

    def scope(self, number: int, scope: dict[str, str], kinds: Iterable[str]) -> None:
        """One scope of one cycle, on its page, in JSON and in files of these kinds."""
        code = self.codes[number]
        report = self.json(code, scope)
        answer = self.browser.get(PAGE, query_string={"cycle": code, **scope})
        page = Page(answer.get_data(as_text=True))
        before = len(self.compared.wrong)
        trends = [self.json(code, scope) for code in self.codes[1 : number + 1]]
        compare(page, report, [trend and trend["trend"] for trend in trends], self.compared)
        if not scope and report["released"]:
            heat(page, dict(self._regions(code, report)), self.compared)
        for kind in kinds:
            files = self.browser.get(f"{PAGE}/files/{kind}", query_string={"cycle": code, **scope})
            tables = digits(json_of(read_back(files.data, kind, self.folder)))
            if tables != {name: digits(report[name]) for name in tables}:
                apart = list(differing({name: digits(report[name]) for name in tables}, tables))
                self.compared.wrong.append((kind, apart[:3]))
        for place in range(before, len(self.compared.wrong)):
            self.compared.wrong[place] = (self.account.name, code, scope, *self.compared.wrong[place])

    def _regions(self, code: str, report: Any) -> Iterator[tuple[str, Any]]:
        for group in report["groups"]:
            if group["by"] == "fema_region":
                found = self.json(code, {"region": str(group["value"])})
                if found is not None:
                    yield str(group["value"]), found


def some(scopes: list[dict[str, str]], count: int) -> list[dict[str, str]]:
    """The nation, and of the parts some of each size."""
    return [scopes[0], *scopes[1 :: max(1, len(scopes[1:]) // count)]]


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    folder = tmp_path_factory.mktemp("demonstration")
    found = demonstration.demonstration(folder, sqlite_template, respondents=0)  # the network has no surveys
    yield found
    found.network.database.engine.dispose()


def checklists(found: Stored) -> list[tuple[str, list[int]]]:
    """Every checklist cycle with its pairs, the earliest first."""
    query = (
        "SELECT c.code, cp.pair_id FROM cycles c JOIN cycle_pairs cp ON cp.cycle_id = c.id"
        " ORDER BY c.opens_on, cp.pair_id"
    )
    pairs: dict[str, list[int]] = {}
    for code, pair in demonstration.rows(found.network, query):
        pairs.setdefault(code, []).append(pair)
    return list(pairs.items())


MOST = pytest.param(None, marks=pytest.mark.soak)


@pytest.mark.xdist_group("demonstration")  # that is loaded once
@pytest.mark.parametrize("count", [2, MOST])
def test_the_demonstration(demo: Stored, tmp_path: Path, count: int | None) -> None:
    """In `make test` some scopes of each reader, of the latest cycle that is closed and of one of the others;
    in the long form every scope of every cycle."""
    cycles = checklists(demo)
    codes = [code for code, _ in cycles]
    assert len(codes) == 4
    every = Compared()
    for place, account in enumerate(demo.accounts):
        reader = Reader(demo, account, codes, tmp_path)
        for number in range(4) if count is None else (2, (3, 1, 0)[place % 3]):
            scopes = reader.scopes(cycles[number][1])
            for turn, scope in enumerate(scopes if count is None else some(scopes, count)):
                reader.scope(number, scope, [KINDS[(place + number + turn) % len(KINDS)]])
        every.wrong += reader.compared.wrong
        every.seen.update(reader.compared.seen)
    assert every.wrong == []
    assert {name for name in SEEN if not every.seen[name]} == set()


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.soak)])
def test_random_networks(sqlite_template: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(f"same {seed}")
    made = fitting(random_cycles(rng, rng.randint(24, 45), 3, small_items(rng), tidy=True))
    settings = settings_in(tmp_path, world_in(tmp_path, sqlite_template, "random"))
    life = Life(stored(settings, FixedClock(settings.timezone), made), made, seed)
    for number, cycle in enumerate(made):
        life.answer(number)
        if number < 2:
            life.close(cycle)
    codes = [cycle.code for cycle in made]
    seen = 0
    for place, account in enumerate(life.found.accounts):
        reader = Reader(life.found, account, codes, tmp_path)
        for number in (1, 2):
            for scope in some(reader.scopes(list(made[number].status)), 1):
                reader.scope(number, scope, [KINDS[place % len(KINDS)]])
        assert reader.compared.wrong == []
        seen += sum(reader.compared.seen.values())
    assert seen > 100


@pytest.mark.xdist_group("demonstration")
def test_a_page_with_another_number_is_found(demo: Stored, tmp_path: Path) -> None:
    """Each number of a table, one digit changed at a time."""
    code = checklists(demo)[2][0]
    reader = Reader(demo, demo.accounts[0], [code], tmp_path)
    report = reader.json(code, {})
    text = reader.browser.get(PAGE, query_string={"cycle": code}).get_data(as_text=True)
    cells = [found.span(1) for found in re.finditer(r'<td class="number">([^<]*\d)</td>', text)]
    assert len(cells) > 60
    rng = random.Random(1)
    for start, end in rng.sample(cells, 25):
        digit = str((int(text[end - 1]) + rng.choice((2, 5))) % 10)
        found = Compared()
        try:
            compare(Page(text[: end - 1] + digit + text[end:]), report, [], found)
        except ValueError:
            continue  # a table of the changes, of which this reader compares none
        assert found.wrong, text[start - 200 : end]
    assert sum(1 for _ in shown(report)) > 100


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.25, "+0.3"), (-0.25, "\u22120.3"), (11.25, "+11.3"), (0.0, "+0.0"), (-2.0, "\u22122.0")],
)
def test_differences_are_rounded_as_all_numbers_are(value: float, words: str) -> None:
    """Half away from zero: a domain's 0.25 is not 0.2 as a gap and 0.3 as a mean."""
    assert with_sign(value) == words
