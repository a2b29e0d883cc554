"""From the database to the network report: which cycle and scope, what is released, what this reader may see.

The numbers of a cycle are computed once, from what was released, and kept; after that they are only read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assessment.access import Action, NetworkScope, Person, Role, may
from assessment.clock import Clock
from assessment.cycles.services import find_cycle
from assessment.database import Database, Session
from assessment.errors import NotFound
from assessment.models.cycles import Cycle
from assessment.models.network import NetworkRelease
from assessment.network import frames, release, stored
from questionnaires.definition import Questionnaire
from questionnaires.library import Library
from reports import network, network_report, network_values
from reports.calculation import PairScores, score_pairs
from reports.network import Numbers, Scope
from reports.network_report import NetworkReport
from reports.network_trend import Change
from reports.network_values import PairValues
from reports.scoring import plan
from reports.trend import changes, same_items

CALCULATION = "2"  # to be counted up where the same answers give other numbers
GROUPS, MEMBERS, INDEXES = "groups", "members", "indexes"  # what is kept beside the scopes
_CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)


@dataclass(frozen=True, eq=False)
class GatheredNetwork:
    """The report, and what its page needs beside it."""

    cycle: Cycle
    report: NetworkReport
    pairs: pd.DataFrame  # of every scope; who has answered is never hidden
    readable: list[Scope] | None  # None: every scope
    own: frozenset[int]  # pairs that the reader belongs to; empty for reviewers


def gather_network(
    database: Database,
    clock: Clock,
    library: Library,
    person: Person,
    cycle_code: str | None,
    scope: Scope,
) -> GatheredNetwork:
    """The network for this reader; NotFound where the cycle or the scope is not theirs or not there."""
    release.release_due(database, clock)
    with database.reading() as session:
        cycle = _cycle(session, cycle_code)
        released = stored.released(session, cycle)
        if released is None:
            return _completeness(session, library, person, cycle, scope)
        missing = not stored.kept_numbers(session, cycle.id, CALCULATION)
    if missing:
        compute(database, library, cycle.id)
    with database.reading() as session:
        return _released(session, library, person, _cycle(session, cycle_code or cycle.code), scope)


def _cycle(session: Session, code: str | None) -> Cycle:
    """The checklist cycle of this code; without one the latest released, else the latest there is."""
    if code:
        cycle = find_cycle(session, code)
        if not stored.asks_pairs(session, cycle):
            raise NotFound
        return cycle
    found = stored.latest_cycle(session)
    if found is None:
        raise NotFound("There is no checklist cycle yet.")
    return found


def _completeness(
    session: Session, library: Library, person: Person, cycle: Cycle, scope: Scope
) -> GatheredNetwork:
    """Before the release there is only who has answered."""
    pairs = frames.pairs_in_cycle(session, cycle.id)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    _check(person, pairs, scope)
    numbers = network_report.not_released(questionnaire)
    return _gathered(cycle, None, questionnaire, pairs, scope, numbers, {}, [], frozenset())


def _released(
    session: Session, library: Library, person: Person, cycle: Cycle, scope: Scope
) -> GatheredNetwork:
    pairs = frames.released_pairs(session, cycle.id)
    _check(person, pairs, scope)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    kept = {
        name: json.loads(text)
        for name, text in stored.kept_numbers(
            session, cycle.id, CALCULATION, [scope.key, INDEXES, MEMBERS]
        ).items()
    }
    own: frozenset[int] = frozenset()
    numbers = kept.get(scope.key) or network_report.nobody(questionnaire)
    if person.role in _CENTER_ROLES:
        own = frozenset(frames.own_pairs(session, person))
    if own and scope.key in kept:
        values = network_values.of_membership(questionnaire, pairs, kept[MEMBERS])
        left = kept[MEMBERS]["trend_left"]
        numbers = network.benchmark(plan(questionnaire).rules, values, set(own), numbers, left)
    readable = readable_scopes(person, pairs)
    released = stored.released(session, cycle)
    return _gathered(cycle, released, questionnaire, pairs, scope, numbers, kept[INDEXES], readable, own)


def _gathered(
    cycle: Cycle,
    released: NetworkRelease | None,
    questionnaire: Questionnaire,
    pairs: pd.DataFrame,
    scope: Scope,
    numbers: Numbers,
    indexes: dict[str, Numbers],
    readable: list[Scope] | None,
    own: frozenset[int],
) -> GatheredNetwork:
    report = NetworkReport(
        cycle=cycle.code,
        questionnaire=questionnaire,
        released=released.released_on if released else None,
        scope=scope,
        pairs=network_report.in_scope(pairs, scope),
        numbers=numbers,
        groups=network_report.groups_of(pairs, scope, indexes, readable),
    )
    return GatheredNetwork(cycle, report, pairs, readable, own)


def readable_scopes(person: Person, pairs: pd.DataFrame) -> list[Scope] | None:
    """The scopes of these pairs whose numbers the person may read; None for all of them."""
    if may(person, Action.READ_NETWORK, NetworkScope()) and _reads_everything(person):
        return None
    places = pairs[["region", "state"]].drop_duplicates()
    found = [Scope(network.NATION)] if may(person, Action.READ_NETWORK, NetworkScope()) else []
    for region in sorted(places["region"].unique()):
        if may(person, Action.READ_NETWORK, NetworkScope(region=int(region))):
            found.append(Scope("region", str(region)))
    for region, state in sorted(zip(places["region"], places["state"], strict=True)):
        if may(person, Action.READ_NETWORK, NetworkScope(region=int(region), state=str(state))):
            found.append(Scope("state", str(state)))
    return found


def _reads_everything(person: Person) -> bool:
    return person.role is Role.ADMINISTRATOR or person.whole_nation


def _check(person: Person, pairs: pd.DataFrame, scope: Scope) -> None:
    """NotFound for a scope in which there is no pair, or that is not this reader's."""
    if scope.kind != network.NATION and network_report.in_scope(pairs, scope).empty:
        raise NotFound
    readable = readable_scopes(person, pairs)
    if readable is not None and scope not in readable:
        raise NotFound


def compute(database: Database, library: Library, cycle_id: int) -> None:
    """Compute and keep the numbers of a released cycle, and of earlier ones that it stands on."""
    with database.reading() as session:
        chain = _chain(session, cycle_id)
    before: _Computed | None = None
    for link in chain:
        with database.reading() as session:
            before = _compute_one(session, library, link, before)
        if before.numbers:
            stored.keep_numbers(database, link, CALCULATION, before.numbers)


@dataclass(frozen=True, eq=False)
class _Computed:
    """One cycle's scores, and what is to be kept of it (nothing where it was kept before)."""

    cycle: Cycle
    questionnaire: Questionnaire
    scores: PairScores
    values: PairValues
    groups: Numbers
    numbers: dict[str, str]


def _chain(session: Session, cycle_id: int) -> Sequence[int]:
    """This cycle and those before it, the earliest first, back to the latest one whose numbers are kept."""
    found = [cycle_id]
    while (earlier := stored.previous_release(session, found[-1])) is not None:
        found.append(earlier)
        if stored.kept_numbers(session, earlier, CALCULATION):
            break
    return found[::-1]


def _compute_one(session: Session, library: Library, cycle_id: int, before: _Computed | None) -> _Computed:
    cycle = session.get_one(Cycle, cycle_id)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    released = frames.released_pairs(session, cycle_id)
    frame = frames.network_frame(session, cycle_id)
    complete = released.loc[released["status"] == "complete", "pair"]
    scores = score_pairs(questionnaire, frame, pairs=sorted(complete), submitted=_both_sides(complete))
    values = network_values.of_scores(released, scores, frame)
    kept = stored.kept_numbers(session, cycle_id, CALCULATION)
    if kept:
        return _Computed(cycle, questionnaire, scores, values, json.loads(kept[GROUPS]), {})
    found = network.release(plan(questionnaire).rules, values, _change(scores, questionnaire, before))
    also = {
        GROUPS: found.groups,
        MEMBERS: network_values.membership(values) | {"trend_left": found.trend_left},
        INDEXES: {scope: {"index": numbers["index"]} for scope, numbers in found.scopes.items()},
    }
    texts = {name: _text(content) for name, content in {**found.scopes, **also}.items()}
    return _Computed(cycle, questionnaire, scores, values, found.groups, texts)


def _text(content: Any) -> str:
    return json.dumps(content, allow_nan=False, separators=(",", ":"))


def _both_sides(complete: Collection[Any]) -> pd.DataFrame:
    """Released pairs that are complete have two submitted sides, also where one left everything blank."""
    return pd.DataFrame(
        [(pair, side) for pair in complete for side in ("fusion_center", "eoc")], columns=["pair", "side"]
    )


def _change(scores: PairScores, questionnaire: Questionnaire, before: _Computed | None) -> Change | None:
    if before is None:
        return None
    common = same_items(questionnaire, before.questionnaire)
    pairs = changes(scores, before.scores, common).pairs
    return Change(
        previous_cycle=before.cycle.code,
        pairs=pairs["pair"].to_numpy(),
        previous=pairs["previous"].to_numpy(dtype=float),
        current=pairs["current"].to_numpy(dtype=float),
        earlier=before.values,
        earlier_groups=before.groups,
        items=common,
    )
