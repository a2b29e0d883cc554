"""Two worlds for one reader: the same network, answered alike but for answers outside of the scope.

Where nobody else's answers may be seen, everything that the reader can reach is the same in both, letter by
letter. What may be hidden in a scope depends by design on which items other pairs leave unanswered, on their
levels and on what their centers say of the guide; so of an answered item another rating is given, such that
the pair stays at its level, and all else stays.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from werkzeug.test import Client

from assessment.exports import one_page
from assessment.settings import Settings
from reports.network_values import GUIDANCE
from tests.conftest import Browser, FixedClock, email_of
from tests.network.random_networks import RATINGS, Cycle, Habits, Place, random_answers
from tests.network.reading import scopes_of
from tests.network.stored_networks import Account, Stored, stored
from tests.reports import reference
from tests.reports.builder import EOC, FC

Sides = dict[str, dict[str, str]]
PAGE, JSON, GRAPH, FILES = (
    "/reports/network", "/api/v1/reports/network", "/reports/network/graph", "/reports/network/files",
)  # fmt: skip
KINDS = ("csv", "xlsx", "sav", "parquet")
TRIES = 400
RANDOM = re.compile(
    rb'(name="csrf_token"[^>]*value="[^"]*")|("X-CSRF-Token": "[^"]*")|(/responses/[\w-]+)|(nonce="[^"]*")'
)
WRITTEN_WHEN = slice(84, 101)  # of an SPSS file: day and time


@dataclass(frozen=True)
class Given:
    """What the pairs of one cycle answer. ``halves``: one side of pairs whose other side says nothing.
    ``late``: what a pair submits when the cycle was closed and is open once more."""

    cycle: Cycle
    halves: dict[int, tuple[str, Sides]] = field(default_factory=dict)
    late: dict[int, Sides] = field(default_factory=dict)


def given(cycles: list[Cycle], seed: int) -> list[Given]:
    """The cycles with everything that is not released: halves, and three late corrections in the first."""
    rng = random.Random(seed)
    found = []
    for number, cycle in enumerate(cycles):
        halves = {
            pair: (rng.choice((FC, EOC)), random_answers(rng, cycle.items, HABITS, set()))
            for pair, status in cycle.status.items()
            if status == "one_sided"
        }
        pairs = rng.sample(cycle.complete, 3) if number == 0 else []
        late = {pair: random_answers(rng, cycle.items, HABITS, set()) for pair in pairs}
        found.append(Given(cycle, halves, late))
    return found


ITEMS = [
    (f"{domain}-{place}", domain, asked, weight)
    for domain in ("A", "B", "C")
    for place, (asked, weight) in enumerate((("both", 1), ("both", 2), ("both", 1), (FC, 1)))
]
HABITS = Habits(missing=0.004, domain_missing=0, blank_guide=0.1, good=0.6, together=0.5)
STATES = {"AL": 1, "AK": 1, "AZ": 2, "AR": 2}  # state -> region
OF_STATE, CENTERS = 12, 6


def wide_cycles(rng: random.Random, count: int = 3) -> list[Cycle]:
    """Two regions of two states with twelve pairs each, in which most is shown; every fusion center has pairs
    in every state. Of each state one pair answers on one side, and every fourth pair is shared."""
    places = {
        pair: Place(pair, f"FC-{pair % CENTERS}", f"EOC-{pair}", STATES[state], state, LEVELS[pair % 2])
        for pair, state in enumerate((state for state in STATES for _ in range(OF_STATE)), start=1)
    }
    cycles: list[Cycle] = []
    for number in range(count):
        alone = {OF_STATE * place + number + 1 for place in range(len(STATES))}
        complete = sorted(set(places) - alone)
        cycles.append(
            Cycle(
                code=f"C{number}",
                items=ITEMS,
                places=places,
                status={pair: "one_sided" if pair in alone else "complete" for pair in places},
                shared={pair for pair in places if pair % 4 == 0},
                answers={pair: random_answers(rng, ITEMS, HABITS, set()) for pair in complete},
                guide={pair: {side: rng.choice(GUIDANCE) for side in (FC, EOC)} for pair in complete},
                before=cycles[-1] if cycles else None,
            )
        )
    return cycles


LEVELS = ("county", "city")
Keeps = Callable[[int, int, str], bool]  # number of the cycle, pair, what -> whether it stays as it is


def changed(world: list[Given], keeps: Keeps, seed: int = 1) -> list[Given]:
    """The same, with other answers of all that is not kept: what is "complete", a side alone, "late"."""
    rng = random.Random(seed)
    found = []
    for number, one in enumerate(world):
        items = one.cycle.items
        answers = {
            pair: sides if keeps(number, pair, "complete") else otherwise(rng, items, sides)
            for pair, sides in one.cycle.answers.items()
        }
        halves = {
            pair: (side, sides if keeps(number, pair, side) else any_other(rng, sides))
            for pair, (side, sides) in one.halves.items()
        }
        late = {
            pair: sides if keeps(number, pair, "late") else any_other(rng, sides)
            for pair, sides in one.late.items()
        }
        found.append(Given(replace(one.cycle, answers=answers), halves, late))
    return found


def any_other(rng: random.Random, sides: Sides) -> Sides:
    return {
        side: {item: rng.choice(RATINGS) if raw in RATINGS else raw for item, raw in answers.items()}
        for side, answers in sides.items()
    }


def otherwise(rng: random.Random, items: list[Any], sides: Sides) -> Sides:
    """Other ratings of the same items at the same level, with another index where there is one."""
    before = reference.report(items, sides)
    for _ in range(TRIES):
        now = {
            side: {item: _near(rng, raw) if raw in RATINGS else raw for item, raw in answers.items()}
            for side, answers in sides.items()
        }
        after = reference.report(items, now)
        other = before["index"] is None or after["index"] != before["index"]
        if now != sides and other and after["level"] == before["level"]:
            return now
    return sides


def _near(rng: random.Random, raw: str) -> str:
    return str(min(4, max(0, int(raw) + rng.choice((-1, 0, 0, 1)))))


def built(settings: Settings, world: list[Given]) -> Stored:
    """All cycles but the last are closed, the first was open once more, the last is open."""
    found = stored(settings, FixedClock(settings.timezone), [one.cycle for one in world])
    for number, one in enumerate(world):
        cycle = one.cycle
        found.open(cycle, number)
        forms = [(p, s, cycle.answers[p][s], cycle.guide[p][s]) for p in cycle.complete for s in (FC, EOC)]
        forms += [(pair, side, sides[side], None) for pair, (side, sides) in one.halves.items()]
        found.hand_in(cycle.code, forms)
        found.share(cycle.shared)
        if one is not world[-1]:
            found.close(cycle.code)
    first = world[0].cycle
    found.reopen(first.code)
    for pair, sides in world[0].late.items():
        for side in (FC, EOC):
            found.correct(first.code, (pair, side, sides[side], first.guide[pair][side]))
    found.close(first.code)
    return found


Views = dict[str, Any]  # address or command -> what it gives, without what is random


@dataclass(eq=False)
class Eyes:
    """One reader of one world: everything that they can reach of it."""

    found: Stored
    account: Account
    cycles: list[Cycle]

    @cached_property
    def browser(self) -> Browser:
        return self.found.network.browser(self.account.name)

    def get(self, address: str) -> Any:
        answer = self.browser.get(address)
        assert answer.status_code in (200, 404), (address, answer.status_code)
        if answer.mimetype == "application/zip":
            return dict(packed(answer.data))
        return answer.status_code, RANDOM.sub(b"", answer.data)

    def scope(self, cycle: Cycle, key: str, kinds: Collection[str] = ("csv",)) -> Views:
        """Page, JSON, graph, files, the page on paper and the command, of one scope."""
        kind, _, value = key.partition(":")
        asked = {"cycle": cycle.code} | ({kind: value} if value else {})
        query = "?" + "&".join(f"{name}={given}" for name, given in asked.items())
        views = {path + query: self.get(path + query) for path in (PAGE, JSON)}
        views |= {f"{FILES}/{each}{query}": self.get(f"{FILES}/{each}{query}") for each in kinds}
        views[f"paper {query}"] = self._paper(asked)
        views[f"command {query}"] = self._command(asked)
        return views

    def _paper(self, asked: Mapping[str, str]) -> Any:
        person = self.found.network.person(self.account.name)
        page = one_page.page_of(self.found.network.app, person, PAGE, asked, "https://tandem.example.gov")
        answer = Client(page).get(page.door)
        return answer.status_code, RANDOM.sub(b"", answer.data)

    def _command(self, asked: Mapping[str, str]) -> tuple[int, str]:
        words = [word for name, given in asked.items() for word in (f"--{name}", given)]
        run = self.found.network.app.test_cli_runner().invoke
        result = run(args=["report", "network", *words, "--as", email_of(self.account.name)])
        return result.exit_code, result.output

    def by_name(self, cycle: Cycle, pairs: Collection[int], centers: Collection[str]) -> Views:
        """The graph, and the pages, JSON and files of these centers and pairs."""
        query = f"?cycle={cycle.code}"
        addresses = [f"{GRAPH}{query}", f"{GRAPH}{query}&layout=region&region=1"]
        for code in centers:
            addresses += [f"/reports/centers/{code}{end}{query}" for end in ("", "/pairs.csv")]
            addresses.append(f"/api/v1/reports/centers/{code}{query}")
        for pair in pairs:
            names = "/".join(self.found.codes(pair))
            addresses += [f"/reports/pairs/{names}{end}{query}" for end in ("", "/items.csv")]
            addresses.append(f"/api/v1/reports/pair/{names}{query}")
        return {address: self.get(address) for address in addresses}

    def shared(self, cycle: Cycle) -> set[int]:
        """What was shared when the cycle closed and is so now."""
        return cycle.shared & self.cycles[-1].shared

    def opens(self, number: int, pair: int) -> bool:
        """Whether the reader may read both sides of a complete pair in this cycle by name."""
        cycle = self.cycles[number]
        shared = number < len(self.cycles) - 1 and pair in self.shared(cycle)
        return self.account.opens(self.found.places[pair], shared)

    def granted(self, cycle: Cycle) -> list[str]:
        """The parts of the network that are the reader's, the nation apart."""
        places = [self.found.places[pair] for pair in cycle.status]
        keys = [key for key in scopes_of(places) if key != "nation"]
        return [key for key in keys if self.account.reads(key, places)]


class DiffersError(Exception):
    """The other world gives something else."""


@dataclass(eq=False)
class Twin(Eyes):
    """A reader who looks at the same in another world each time, and stops where it differs."""

    other: Eyes

    def get(self, address: str) -> Any:
        return self._compared(address, super().get(address), self.other.get(address))

    def _paper(self, asked: Mapping[str, str]) -> Any:
        return self._compared("paper", super()._paper(asked), self.other._paper(asked))

    def _command(self, asked: Mapping[str, str]) -> Any:
        return self._compared("command", super()._command(asked), self.other._command(asked))

    def _compared(self, what: str, here: Any, there: Any) -> Any:
        if here != there:
            raise DiffersError(what)
        return here


def packed(content: bytes) -> Iterator[tuple[str, Any]]:
    """The files of an archive; a workbook as its sheets, and neither hashes nor lengths of files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".xlsx"):
                book = load_workbook(io.BytesIO(data))
                yield name, {sheet.title: list(sheet.values) for sheet in book}
            elif name.endswith(".sav"):
                yield name, data[: WRITTEN_WHEN.start] + data[WRITTEN_WHEN.stop :]
            elif name != "manifest.json":
                yield name, data


def differing(first: Any, second: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where two things made of dictionaries and lists are not the same."""
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        for name in first:
            yield from differing(first[name], second[name], (*path, name))
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differing(one, other, (*path, place))
    elif first != second:
        yield path


def world_in(folder: Path, template: Path, name: str) -> str:
    """The address of an empty database for a world of this name."""
    file = folder / f"{name}.sqlite"
    file.write_bytes(template.read_bytes())
    return f"sqlite:///{file}"


def rearranged(world: list[Given], keeps: Callable[[int, int], bool]) -> list[Given]:
    """The same pairs complete, but those that are not kept answer anything, blanks and the guide included."""
    rng = random.Random(len(world))
    loose = replace(HABITS, missing=0.05, domain_missing=0.1, good=0.3)
    found = []
    for number, one in enumerate(world):
        cycle = one.cycle
        answers = {
            pair: sides if keeps(number, pair) else random_answers(rng, cycle.items, loose, set())
            for pair, sides in cycle.answers.items()
        }
        guide = {
            pair: said if keeps(number, pair) else {side: rng.choice((None, *GUIDANCE)) for side in said}
            for pair, said in cycle.guide.items()
        }
        found.append(replace(one, cycle=replace(cycle, answers=answers, guide=guide)))
    return found


def leaves(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Numbers at the same place in both."""
    if isinstance(first, dict):
        for name in first.keys() & second.keys():
            yield from leaves(first[name], second[name])
    elif isinstance(first, list):
        for one, other in zip(first, second, strict=False):
            yield from leaves(one, other)
    elif not isinstance(first, bool | str):
        yield first, second
