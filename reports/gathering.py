"""From the database to a report: which cycle, what this reader may see of it, and its frames."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from assessment import frames
from assessment.access import Person
from assessment.cycles.removed import require_answers
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.errors import NotFound
from assessment.frames import PairInCycle
from assessment.models.cycles import Cycle
from questionnaires.definition import Side
from questionnaires.library import Library
from reports import pair
from reports.pair import PairReport


@dataclass(frozen=True)
class GatheredPair:
    """A pair in a cycle as one reader may see it, and the report made of just that."""

    place: PairInCycle
    report: PairReport


def gather_pair(
    session: Session, library: Library, person: Person, fusion_center: str, eoc: str, cycle_code: str | None
) -> GatheredPair:
    """The report for this reader; NotFound where the pair or the cycle is not theirs or not there."""
    place = _place(session, person, fusion_center, eoc, cycle_code)
    require_answers(place.cycle)
    questionnaire = library.get(place.cycle.questionnaire_id, place.cycle.version)
    earlier = _earlier(session, person, place)
    earlier_questionnaire = earlier and library.get(earlier.cycle.questionnaire_id, earlier.cycle.version)
    report = pair.build(
        questionnaire,
        frames.answers_frame(session, place),
        submitted=place.facts.submitted,
        previous=frames.answers_frame(session, earlier) if earlier else None,
        previous_questionnaire=earlier_questionnaire or None,
        previous_cycle=earlier.cycle.code if earlier else None,
        previous_submitted=earlier.facts.submitted if earlier else None,
        cycle=place.cycle.code,
        fusion_center=place.fusion_center.code,
        eoc=place.eoc.code,
        synthetic=place.cycle.synthetic,
    )
    return GatheredPair(place, report)


def _place(
    session: Session, person: Person, fusion_center: str, eoc: str, cycle_code: str | None
) -> PairInCycle:
    """The pair in the named cycle; without a name in the latest that shows this reader something."""
    if cycle_code:
        return frames.find_pair(session, person, fusion_center, eoc, find_cycle(session, cycle_code))
    places = _openable(session, person, fusion_center, eoc)
    if not places:
        raise NotFound
    return next((place for place in places if place.readable), places[0])


def _openable(session: Session, person: Person, fusion_center: str, eoc: str) -> list[PairInCycle]:
    """The pair in each cycle that this person may open; a reviewer may open those that were shared."""
    found = []
    for cycle in frames.cycles_of_pair(session, fusion_center, eoc):
        with suppress(NotFound):
            found.append(frames.find_pair(session, person, fusion_center, eoc, cycle))
    return found


def openable_cycles(session: Session, person: Person, fusion_center: str, eoc: str) -> list[Cycle]:
    """The cycles of this pair whose page this person may open, the latest first."""
    return [place.cycle for place in _openable(session, person, fusion_center, eoc)]


def _earlier(session: Session, person: Person, place: PairInCycle) -> PairInCycle | None:
    """The pair in its latest earlier complete cycle, where this reader may read both sides of both."""
    if len(place.readable) < len(Side):
        return None
    cycle = frames.previous_cycle(session, place)
    if cycle is None:
        return None
    with suppress(NotFound):  # a reviewer, where it was not shared in that cycle
        earlier = frames.find_pair(session, person, place.fusion_center.code, place.eoc.code, cycle)
        return earlier if len(earlier.readable) == len(Side) else None
    return None
