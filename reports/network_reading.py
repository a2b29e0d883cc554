"""What the network page reads beside the report of a scope: earlier changes, regions, what is open by name.

Nothing here is more than the reader finds on the page of that cycle or scope, or in that pair's report.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise

from assessment.access import Person, Role
from assessment.clock import Clock
from assessment.database import Database, Session
from assessment.models.cycles import Cycle
from assessment.network import stored
from assessment.network.opened import OpenPair, open_pairs
from questionnaires.library import Library
from reports import network_report
from reports.network import NATION, Numbers, Scope
from reports.network_gathering import CALCULATION, GatheredNetwork, gather_network, own_name
from reports.network_history import Step
from reports.opened_pairs import opened_pairs


@dataclass(frozen=True, eq=False)
class Beside:
    """``steps``: the changes up to this cycle. ``regions``: region -> its numbers, where the reader may read
    them. ``opened``: pairs of the scope that are open by name. ``own_indexes``: of a center's own pairs."""

    steps: list[Step]
    regions: dict[str, Numbers]
    opened: list[OpenPair]
    own_indexes: list[float]


def read_beside(
    database: Database, clock: Clock, library: Library, person: Person, found: GatheredNetwork
) -> Beside:
    """All of it; nothing before the release."""
    if found.report.released is None:
        return Beside([], {}, [], [])
    with database.reading() as session:
        cycles = stored.releases_back(session, found.cycle.id)
        kept = _kept(session, found, cycles)
        opened = [pair for pair in open_pairs(session, person, found.cycle.id) if _in_scope(pair, found)]
        regions = _regions(session, found)
        own = _own_indexes(session, library, person, found, opened)
    trends = {cycle.id: _trend(database, clock, library, person, found, cycle, kept) for cycle in cycles[1:]}
    steps = [
        Step(before.title, after.title, (before.version, after.version), trends[after.id])
        for before, after in pairwise(cycles)
    ]
    return Beside(steps, regions, opened, own)


def _kept(session: Session, found: GatheredNetwork, cycles: list[Cycle]) -> dict[int, str]:
    name = own_name(found.own) if found.own else found.report.scope.key
    return stored.kept_over_cycles(session, [cycle.id for cycle in cycles], CALCULATION, name)


def _trend(
    database: Database,
    clock: Clock,
    library: Library,
    person: Person,
    found: GatheredNetwork,
    cycle: Cycle,
    kept: dict[int, str],
) -> Numbers | None:
    """The trend of the scope in a cycle, as the page of that cycle shows it to this reader."""
    numbers: Numbers
    if cycle.id == found.cycle.id:
        numbers = found.report.numbers
    elif cycle.id in kept:
        numbers = json.loads(kept[cycle.id])
    elif found.own:  # nobody with these pairs has opened that cycle's page yet
        numbers = gather_network(database, clock, library, person, cycle.code, Scope(NATION)).report.numbers
    else:
        return None
    trend: Numbers | None = numbers["trend"]
    return trend


def _regions(session: Session, found: GatheredNetwork) -> dict[str, Numbers]:
    """Of the nation's page: the numbers of the regions that the reader may read."""
    if found.report.scope.kind != NATION:
        return {}
    scopes = [Scope("region", str(region)) for region in sorted({place.region for place in found.places})]
    scopes = [scope for scope in scopes if found.readable is None or scope in found.readable]
    if not scopes:
        return {}
    kept = stored.kept_numbers(session, found.cycle.id, CALCULATION, [scope.key for scope in scopes])
    nobody = network_report.nobody(found.report.questionnaire)
    return {scope.value: json.loads(kept[scope.key]) if scope.key in kept else nobody for scope in scopes}


def _in_scope(pair: OpenPair, found: GatheredNetwork) -> bool:
    scope = found.report.scope
    where = {"region": str(pair.region), "state": pair.state, "level": pair.eoc_level}
    return scope.kind == NATION or where[scope.kind] == scope.value


def _own_indexes(
    session: Session, library: Library, person: Person, found: GatheredNetwork, opened: list[OpenPair]
) -> list[float]:
    """The indexes of a center's own pairs, where the nation's quartiles are there to compare them with."""
    center = person.role in (Role.DIRECTOR, Role.MANAGER, Role.STAFF)
    if not center or found.report.numbers["index"]["median"] is None:
        return []
    numbers = opened_pairs(session, library, found.cycle, [pair.pair for pair in opened])
    return [float(index) for index in numbers["index"].dropna()]
