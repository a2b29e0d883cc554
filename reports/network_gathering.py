"""From the database to the network report: which cycle and scope, what is released, what this reader may see.

The numbers of a cycle are computed once, from what was released, and kept; after that they are only read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

import pandas as pd

from assessment.access import Action, NetworkScope, Person, Role, may
from assessment.clock import Clock
from assessment.cycles.services import find_cycle
from assessment.database import Database, Session
from assessment.errors import NotFound
from assessment.models.cycles import Cycle
from assessment.network import frames, release, stored
from questionnaires.definition import Questionnaire
from questionnaires.library import Library
from reports import network, network_report, network_values
from reports.calculation import PairScores, score_pairs
from reports.network import Numbers, Release, Scope
from reports.network_parts import both_sides
from reports.network_report import NetworkReport, Place
from reports.network_trend import Change
from reports.network_values import PairValues
from reports.scoring import plan
from reports.trend import changes, same_items

CALCULATION = "4"  # to be counted up where the same answers give other numbers
GROUPS, MEMBERS, INDEXES, PLACES = "groups", "members", "indexes", "places"  # what is kept beside the scopes
OWN_NAME = 32  # characters of the hash by which a reader's own pairs are found again
_CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)


@dataclass(frozen=True, eq=False)
class GatheredNetwork:
    """The report, and what its page needs beside it."""

    cycle: Cycle
    report: NetworkReport
    places: list[Place]  # of every scope; who has answered is never hidden
    readable: list[Scope] | None  # None: every scope
    own: frozenset[int]  # pairs that the reader belongs to; empty for reviewers

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs of every scope, read when asked for."""
        return self.report.load_pairs()


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
        cycle = asked_cycle(session, cycle_code)
        found = _found(session, database, library, person, cycle, scope)
    if found is None:
        compute(database, library, cycle.id)
        with database.reading() as session:
            found = _found(session, database, library, person, asked_cycle(session, cycle.code), scope)
    assert found is not None, "what was computed is kept"
    return found


def _found(
    session: Session, database: Database, library: Library, person: Person, cycle: Cycle, scope: Scope
) -> GatheredNetwork | None:
    """None where the numbers of a released cycle are still to be computed."""
    released = stored.released(session, cycle)
    if released is None:
        return _completeness(session, database, library, person, cycle, scope)
    own = own_pairs(session, person)
    names = [scope.key, INDEXES, PLACES, own_name(own)]
    kept = {
        name: json.loads(text)
        for name, text in stored.kept_numbers(session, cycle.id, CALCULATION, names).items()
    }
    if PLACES not in kept:
        return None
    benchmark = partial(_benchmark, session, database, library, cycle, own)
    return selected(database, library, person, cycle, scope, released.released_on, kept, own, benchmark)


def own_pairs(session: Session, person: Person) -> frozenset[int]:
    """The pairs of somebody who belongs to a center; none of whoever reads for a part of the network."""
    if person.role not in _CENTER_ROLES:
        return frozenset()
    return frozenset(frames.own_pairs(session, person))


def selected(
    database: Database,
    library: Library,
    person: Person,
    cycle: Cycle,
    scope: Scope,
    released_on: date,
    kept: Mapping[str, Any],
    own: frozenset[int],
    benchmark: Callable[[Numbers], Numbers],
) -> GatheredNetwork:
    """What this reader may see of a released cycle's numbers (``numbers_of``): a selection, never more."""
    places = [Place(*place) for place in kept[PLACES]]
    readable = readable_scopes(person, places)
    _check(readable, places, scope)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    numbers = kept.get(scope.key) or network_report.nobody(questionnaire)
    if own and scope.key in kept:
        numbers = kept.get(own_name(own)) or benchmark(numbers)
    report = NetworkReport(
        cycle=cycle.code,
        questionnaire=questionnaire,
        released=released_on,
        scope=scope,
        places=network_report.places_in(places, scope),
        load_pairs=partial(_load_pairs, database, frames.released_pairs, cycle.id),
        numbers=numbers,
        groups=network_report.groups_of(places, scope, kept[INDEXES], readable),
    )
    return GatheredNetwork(cycle, report, places, readable, own)


def asked_cycle(session: Session, code: str | None) -> Cycle:
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
    session: Session, database: Database, library: Library, person: Person, cycle: Cycle, scope: Scope
) -> GatheredNetwork:
    """Before the release there is only who has answered."""
    places = network_report.places_counted(frames.places_in_cycle(session, cycle.id))
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    _check(readable_scopes(person, places), places, scope)
    report = NetworkReport(
        cycle=cycle.code,
        questionnaire=questionnaire,
        released=None,
        scope=scope,
        places=network_report.places_in(places, scope),
        load_pairs=partial(_load_pairs, database, frames.pairs_in_cycle, cycle.id),
        numbers=network_report.not_released(questionnaire),
        groups=network_report.groups_of(places, scope, {}, []),
    )
    return GatheredNetwork(cycle, report, places, [], frozenset())


def _load_pairs(
    database: Database, load: Callable[[Session, int], pd.DataFrame], cycle_id: int
) -> pd.DataFrame:
    with database.reading() as session:
        return load(session, cycle_id)


def _benchmark(
    session: Session,
    database: Database,
    library: Library,
    cycle: Cycle,
    own: frozenset[int],
    numbers: Numbers,
) -> Numbers:
    """The nation for somebody with these pairs: computed by the first of them, and kept."""
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    kept = json.loads(stored.kept_numbers(session, cycle.id, CALCULATION, [MEMBERS])[MEMBERS])
    values = network_values.of_membership(questionnaire, frames.released_pairs(session, cycle.id), kept)
    found = network.benchmark(plan(questionnaire).rules, values, set(own), numbers, kept["trend_left"])
    session.rollback()  # a transaction that reads must not stand in the way of the one that writes
    stored.keep_numbers(database, cycle.id, CALCULATION, {own_name(own): _text(found)})
    return found


def own_name(own: frozenset[int]) -> str:
    """The name under which the nation's numbers are kept for whoever has these pairs."""
    return "own:" + hashlib.sha256(json.dumps(sorted(own)).encode()).hexdigest()[:OWN_NAME]


def readable_scopes(person: Person, places: Iterable[Place]) -> list[Scope] | None:
    """The scopes of these places whose numbers the person may read; None for all of them."""
    if may(person, Action.READ_NETWORK, NetworkScope()) and _reads_everything(person):
        return None
    found = [Scope(network.NATION)] if may(person, Action.READ_NETWORK, NetworkScope()) else []
    states = {(place.region, place.state) for place in places}
    for region in sorted({region for region, _ in states}):
        if may(person, Action.READ_NETWORK, NetworkScope(region=region)):
            found.append(Scope("region", str(region)))
    for region, state in sorted(states):
        if may(person, Action.READ_NETWORK, NetworkScope(region=region, state=state)):
            found.append(Scope("state", state))
    return found


def _reads_everything(person: Person) -> bool:
    return person.role is Role.ADMINISTRATOR or person.whole_nation


def _check(readable: Collection[Scope] | None, places: Iterable[Place], scope: Scope) -> None:
    """NotFound for a scope in which there is no pair, or that is not this reader's."""
    if scope.kind != network.NATION and not network_report.places_in(places, scope):
        raise NotFound
    if readable is not None and scope not in readable:
        raise NotFound


def compute(database: Database, library: Library, cycle_id: int) -> None:
    """Compute and keep the numbers of a released cycle, and of earlier ones that it stands on."""
    with database.reading() as session:
        chain = _chain(session, cycle_id)
    before: _Computed | None = None
    for link in chain:
        with database.reading() as session:
            if session.get_one(Cycle, link).reduction_begun_at is not None:
                continue  # no change can be told from a cycle whose answers are removed
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
    scores = score_pairs(questionnaire, frame, pairs=sorted(complete), submitted=both_sides(complete))
    values = network_values.of_scores(released, scores, frame)
    kept = stored.kept_numbers(session, cycle_id, CALCULATION)
    if kept:
        return _Computed(cycle, questionnaire, scores, values, json.loads(kept[GROUPS]), {})
    found = network.release(plan(questionnaire).rules, values, _change(scores, questionnaire, before))
    texts = {name: _text(content) for name, content in numbers_of(released, values, found).items()}
    return _Computed(cycle, questionnaire, scores, values, found.groups, texts)


def numbers_of(released: pd.DataFrame, values: PairValues, found: Release) -> dict[str, Any]:
    """Everything that is kept of a released cycle: its scopes' numbers, and what stands beside them."""
    also = {
        GROUPS: found.groups,
        MEMBERS: network_values.membership(values) | {"trend_left": found.trend_left},
        PLACES: network_report.places_of(released),
        INDEXES: {scope: {"index": numbers["index"]} for scope, numbers in found.scopes.items()},
    }
    return {**found.scopes, **also}


def _text(content: Any) -> str:
    return json.dumps(content, allow_nan=False, separators=(",", ":"))


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
