"""From the database to a center's report: which cycle, which of its pairs this reader may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from assessment.access import Person
from assessment.cycles.removed import require_answers
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.errors import NotFound
from assessment.frames import joint_answers
from assessment.models.cycles import Cycle
from assessment.models.directory import Center
from assessment.network import centers
from assessment.network.centers import CenterPair
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library
from reports import center
from reports.center import PLACES, CenterReport


@dataclass(frozen=True, eq=False)
class GatheredCenter:
    """The report, and what its page needs beside it."""

    center: Center
    cycle: Cycle
    cycles: Sequence[Cycle]
    places: list[CenterPair]
    report: CenterReport


def gather_center(
    session: Session, library: Library, person: Person, code: str, cycle_code: str | None
) -> GatheredCenter:
    """The center's pairs for this reader; NotFound where center or cycle is not theirs or not there."""
    found = centers.find_center(session, person, code)
    cycles = centers.cycles_of_center(session, found)
    cycle = _cycle(session, found, cycles, cycle_code)
    require_answers(cycle)
    places = centers.pairs_of_center(session, person, found, cycle)
    questionnaire = library.get(cycle.questionnaire_id, cycle.version)
    report = center.build(
        questionnaire,
        _places_frame(found, places),
        _answers(session, places),
        cycle=cycle.code,
        center=found.code,
        kind=Side(found.kind),
        previous=_previous(session, library, person, found, cycles, cycle),
    )
    return GatheredCenter(found, cycle, cycles, places, report)


def _cycle(session: Session, found: Center, cycles: Sequence[Cycle], code: str | None) -> Cycle:
    """The cycle of this code, of those that ask the center; without one the latest with a report."""
    if code:
        cycle = find_cycle(session, code)
        if cycle.id not in {known.id for known in cycles}:
            raise NotFound
        return cycle
    latest = centers.cycle_with_report(session, found, cycles)
    if latest is None:
        raise NotFound("No cycle has asked a pair of this center yet.")
    return latest


def _places_frame(found: Center, places: Sequence[CenterPair]) -> pd.DataFrame:
    rows = [
        (
            place.pair_id,
            place.partner(found).code,
            place.partner(found).name,
            place.partner(found).level,
            place.partner(found).state,
            place.partner(found).fema_region,
            len(place.submitted),
            _waits_for(place),
            place.opens,
            place.joint,
        )
        for place in places
    ]
    return pd.DataFrame(rows, columns=PLACES).astype({"pair": "int64", "opens": bool, "joint": bool})


def _waits_for(place: CenterPair) -> str:
    """The side that has not submitted, where it is one and the reader may open the pair."""
    missing = [str(side) for side in Side if side not in place.submitted]
    return missing[0] if len(missing) == 1 and place.opens else ""


def _answers(session: Session, places: Sequence[CenterPair]) -> pd.DataFrame:
    """The answers of the pairs of which this reader may read both sides, and of no other."""
    responses = {
        response.id: (place.pair_id, side)
        for place in places
        if place.joint
        for side, response in place.responses.items()
    }
    return joint_answers(session, responses)


def _previous(
    session: Session,
    library: Library,
    person: Person,
    found: Center,
    cycles: Sequence[Cycle],
    cycle: Cycle,
) -> tuple[Questionnaire, str, pd.DataFrame] | None:
    """The cycle before that asked the same questionnaire of this center."""
    earlier = next(
        (
            other
            for other in cycles
            if other.questionnaire_id == cycle.questionnaire_id
            and other.opens_on < cycle.opens_on
            and other.reduction_begun_at is None
        ),
        None,
    )
    if earlier is None:
        return None
    places = centers.pairs_of_center(session, person, found, earlier)
    questionnaire = library.get(earlier.questionnaire_id, earlier.version)
    return questionnaire, earlier.code, _answers(session, places)
