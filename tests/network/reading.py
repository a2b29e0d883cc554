"""What one account reads of a network by GET requests, in every scope, put together over time.

``Reader.scopes``: cycle -> scope -> its numbers, each that was shown at some time. ``Reader.known``: cycle ->
the pairs whose report was open. ``Reader.wrong``: what should not have been: an open scope that is not the
reader's, a number that changed, two views that do not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assessment.access import Role
from tests.conftest import Browser
from tests.network.random_networks import Place
from tests.network.stored_networks import Account

JSON, PAIR = "/api/v1/reports/network", "/api/v1/reports/pair"
PARTS = ("index", "levels", "domains", "items", "guidance", "trend")
OF_GROUP = {"fema_region": "region", "state": "state", "eoc_level": "level"}
Numbers = dict[str, Any]


def scopes_of(places: Iterable[Place]) -> list[str]:
    found = {"nation"}
    for place in places:
        found |= {f"region:{place.region}", f"state:{place.state}", f"level:{place.eoc_level}"}
    return sorted(found)


@dataclass(eq=False)
class Reader:
    """An account with its browser, and all that it has read."""

    account: Account
    browser: Browser
    places: dict[int, Place]
    scopes: dict[str, dict[str, Numbers]] = field(default_factory=dict)
    known: dict[str, set[int]] = field(default_factory=dict)
    wrong: list[Any] = field(default_factory=list)

    def get(self, address: str, **query: str) -> Any:
        """The JSON that the address has for this account; None where it has nothing."""
        answer = self.browser.get(address, query_string=query)
        assert answer.status_code in (200, 404), (address, query, answer.status_code)
        return answer.get_json() if answer.status_code == 200 else None

    def read_network(
        self, cycle: str, asked: Iterable[int], which: Callable[[bool], bool] = lambda mine: True
    ) -> None:
        """The scopes of the cycle (``which``: of the reader's and of others'), and some that are none."""
        places = [self.places[pair] for pair in asked]
        for key in scopes_of(places):
            kind, _, value = key.partition(":")
            if kind == "nation" or which(self.account.reads(key, places)):
                self._note(cycle, key, self._one(cycle, key, {kind: value} if value else {}, places))
        for query in ({"region": "11"}, {"state": "ZZ"}, {"level": "moon"}, {"region": "x"}):
            if which(False) and self.get(JSON, cycle=cycle, **query) is not None:
                self.wrong.append((cycle, query, "there is no such scope"))

    def read_mixed(self, cycle: str, asked: Iterable[int]) -> None:
        """Two scopes in one address give one of the two, and that only to its readers."""
        places = [self.places[pair] for pair in asked]
        for place in places[:: max(1, len(places) // 3)]:
            other = max(places, key=lambda one: (one.region != place.region, one.state))
            for query in (
                {"region": str(place.region), "state": other.state},
                {"region": str(other.region), "level": place.eoc_level},
                {"state": place.state, "level": other.eoc_level},
            ):
                first = next(
                    f"{kind}:{query[kind]}" for kind in ("state", "region", "level") if kind in query
                )
                self._note(cycle, first, self._one(cycle, first, query, places))

    def _one(self, cycle: str, key: str, query: dict[str, str], places: list[Place]) -> Numbers | None:
        found: Numbers | None = self.get(JSON, cycle=cycle, **query)
        if (found is not None) != self.account.reads(key, places):
            self.wrong.append((cycle, query, "foreign" if found is not None else "not open"))
        return found

    def read_pairs(self, cycle: str, pairs: Iterable[int], shared: set[int]) -> None:
        """Reports by name; what was open at some time stays known."""
        if self.account.role is Role.ADMINISTRATOR:
            return  # who reads aggregates as somebody with whom no pair is shared
        known = self.known.setdefault(cycle, set())
        for pair in pairs:
            place = self.places[pair]
            report = self.get(f"{PAIR}/{place.fusion_center}/{place.eoc}", cycle=cycle)
            if (report is not None) != self.account.opens(place, pair in shared):
                self.wrong.append((cycle, pair, "foreign" if report is not None else "not open"))
            if report is not None and report["status"] in ("complete", "insufficient"):
                known.add(pair)

    def _note(self, cycle: str, key: str, found: Numbers | None) -> None:
        if found is None:
            return
        self._add(cycle, key, found, {part: found[part] for part in PARTS})
        items = {item["id"]: item for item in found["items"]}
        for gap in found["common_gaps"]:
            if any(gap[name] != items[gap["item"]][name] for name in ("n", "mean")):
                self.wrong.append((cycle, key, gap, items[gap["item"]]))
        for group in found["groups"]:
            if group["n"] is None and group["mean"] is None:
                continue
            of_group = f"{OF_GROUP[group['by']]}:{group['value']}"
            if not self.account.reads(of_group, self.places.values()):
                self.wrong.append((cycle, of_group, group))
            shown = {"index": {"n": group["n"], "mean": group["mean"]}}
            self._add(cycle, of_group, found, shown)

    def _add(self, cycle: str, key: str, like: Numbers, shown: Numbers) -> None:
        scopes = self.scopes.setdefault(cycle, {})
        before = scopes.get(key) or {part: blank(like[part]) for part in PARTS}
        now = {part: blank(like[part]) for part in PARTS} | shown
        self.wrong += [(cycle, key, *change) for change in changes(before, now, ())]
        scopes[key] = together(before, now)


def blank(value: Any) -> Any:
    """The same without its numbers."""
    if isinstance(value, dict):
        kept = ("id", "level", "name", "previous_cycle")
        return {name: part if name in kept else blank(part) for name, part in value.items()}
    return [blank(part) for part in value] if isinstance(value, list) else None


def together(first: Any, second: Any) -> Any:
    """What is known to somebody who has seen both."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = dict.fromkeys([*first, *second])
        return {name: together(first.get(name), second.get(name)) for name in names}
    if isinstance(first, list) and isinstance(second, list):
        return [together(one, other) for one, other in zip(first, second, strict=True)]
    return second if first is None else first


def changes(first: Any, second: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """Numbers that were not the same at two times."""
    if isinstance(first, dict) and isinstance(second, dict):
        for name in first.keys() & second.keys():
            yield from changes(first[name], second[name], (*path, name))
    elif isinstance(first, list) and isinstance(second, list):
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from changes(one, other, (*path, place))
    elif first is not None and second is not None and first != second:
        yield path, first, second
