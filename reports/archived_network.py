"""The network report from an archive of answers: the same numbers for the same readers, computed elsewhere.

What was released, who may read what, and which pairs a reader belongs to come from the database; the archive
has the answers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from assessment.access import Person
from assessment.clock import Clock
from assessment.cycles.removed import require_answers
from assessment.database import Database, Session
from assessment.models.cycles import Cycle
from assessment.network import frames, release, stored
from questionnaires.definition import Questionnaire
from questionnaires.library import Library
from reports import network
from reports.archives import AGAIN, Archive, ArchiveError, Held
from reports.engines import Engine
from reports.network import Numbers, Scope
from reports.network_gathering import GatheredNetwork, asked_cycle, numbers_of, own_pairs, selected
from reports.network_parts import CyclePart, PartWork, ReleasedNumbers, release_parts, score_part
from reports.scoring import plan

CHUNK_FACTS = ("pair", "fusion_center", "eoc", "region", "state", "eoc_level", "status", "shared")


@dataclass(frozen=True, eq=False)
class _Link:
    """A cycle as the database has it and what the archive holds of it."""

    code: str
    questionnaire: Questionnaire
    released: pd.DataFrame
    held: Held


def gather_archived(
    database: Database,
    clock: Clock,
    library: Library,
    person: Person,
    cycle_code: str,
    scope: Scope,
    archive: Archive,
    engine: Engine,
) -> GatheredNetwork:
    """As ``gather_network``. ArchiveError where the archive is not of this release; nothing is kept."""
    release.release_due(database, clock)
    with database.reading() as session:
        cycle = asked_cycle(session, cycle_code)
        released = stored.released(session, cycle)
        if released is None:
            raise ArchiveError(f"Cycle {cycle_code} is not closed yet, so there is nothing to compute.")
        require_answers(cycle)
        links = _chain(session, library, archive, cycle)
        own = own_pairs(session, person)
    found = _compute(archive, links, engine)
    benchmark = partial(_benchmark, links[-1].questionnaire, found, own)
    kept = numbers_of(links[-1].released, found.values, found.release)
    return selected(database, library, person, cycle, scope, released.released_on, kept, own, benchmark)


def _chain(session: Session, library: Library, archive: Archive, cycle: Cycle) -> list[_Link]:
    """The cycle and those before it, the earliest first; no further back than answers are kept."""
    links: list[_Link] = []
    here: Cycle | None = cycle
    while here is not None and here.reduction_begun_at is None:
        links.insert(0, _link(session, library, archive, here))
        earlier = stored.previous_release(session, here.id)
        here = None if earlier is None else session.get_one(Cycle, earlier)
    return links


def _link(session: Session, library: Library, archive: Archive, cycle: Cycle) -> _Link:
    released = frames.released_pairs(session, cycle.id)
    held = archive.find(cycle.code)
    if held.released != released_at(session, cycle) or held.members != complete_in(released):
        raise ArchiveError(f"The archive {archive.folder} is not of this database's {cycle.code}. {AGAIN}.")
    return _Link(cycle.code, library.get(cycle.questionnaire_id, cycle.version), released, held)


def released_at(session: Session, cycle: Cycle) -> str:
    """When a cycle was released, as archives write it; empty where it is not."""
    found = stored.released(session, cycle)
    return found.released_at.isoformat() if found else ""


def complete_in(released: pd.DataFrame) -> int:
    return int((released["status"] == "complete").sum())


def _compute(archive: Archive, links: Sequence[_Link], engine: Engine) -> ReleasedNumbers:
    places = sorted(set().union(*(link.released["pair"] // archive.size for link in links))) or [0]
    parts = engine(score_part, [_work(archive, links, int(place)) for place in places])
    return release_parts([(link.code, link.questionnaire) for link in links], parts)


def _work(archive: Archive, links: Sequence[_Link], place: int) -> PartWork:
    return PartWork(archive.folder, tuple(_cycle_part(archive, link, place) for link in links))


def _cycle_part(archive: Archive, link: _Link, place: int) -> CyclePart:
    inside = link.released["pair"] // archive.size == place
    part = next((part for part in link.held.parts if part.first // archive.size == place), None)
    return CyclePart(link.questionnaire, link.released.loc[inside, [*CHUNK_FACTS]], part)


def _benchmark(
    questionnaire: Questionnaire, found: ReleasedNumbers, own: frozenset[int], numbers: Numbers
) -> Any:
    left = found.release.trend_left
    return network.benchmark(plan(questionnaire).rules, found.values, set(own), numbers, left)
