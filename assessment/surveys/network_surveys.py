"""A survey for many fusion centers at once, as ``cycles open`` asks for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.cycles.services import NewCycle, check_new_cycle, new_cycle_row
from assessment.errors import Refused
from assessment.models.cycles import Cycle
from assessment.models.directory import Center, Pair
from assessment.models.surveys import SMALLEST_FLOOR, Survey, SurveyMode
from assessment.surveys.days import months_later
from assessment.surveys.plan_rules import LARGEST_FLOOR, USUAL_FLOOR
from assessment.surveys.sharing import carried_over
from questionnaires.library import Library


def create_for_cycle(
    session: Session,
    library: Library,
    new: NewCycle,
    mode: SurveyMode | None,
    floor: int | None,
    now: datetime,
    by: int | None = None,
) -> Cycle:
    """A survey for each fusion center with an active pair (or those named), opened at once."""
    questionnaire = check_new_cycle(session, library, new)
    if not questionnaire.is_survey:
        raise Refused(f"{questionnaire.title} asks the sides of pairs; it is not a survey.")
    if new.pairs is not None:
        raise Refused("A survey asks the partners of fusion centers; leave --pairs out and use --center.")
    smallest = USUAL_FLOOR if floor is None else floor
    if not SMALLEST_FLOOR <= smallest <= LARGEST_FLOOR:
        raise Refused(f"--floor {smallest} cannot be used; it takes {SMALLEST_FLOOR} to {LARGEST_FLOOR}.")
    cycle = new_cycle_row(new, questionnaire.version, now)
    session.add(cycle)
    centers = _centers_asked(session, new)
    session.add_all(
        _survey(session, cycle, center, mode or SurveyMode.CONFIDENTIAL, smallest, by) for center in centers
    )
    session.flush()
    detail, concerned = f"{len(centers)} surveys", [center.id for center in centers]
    audit.record(session, now, by, "cycle opened", f"cycle {cycle.code}", detail, concerned)
    return cycle


def _survey(
    session: Session, cycle: Cycle, center: Center, mode: SurveyMode, floor: int, by: int | None
) -> Survey:
    """About the twelve months before it, and open."""
    shared_on, shared_by_id = carried_over(session, center)
    return Survey(
        cycle=cycle,
        fusion_center=center,
        mode=mode.value,
        floor=floor,
        period_from=months_later(cycle.opens_on, -12),
        period_to=cycle.opens_on,
        created_by_id=by,
        opened_at=cycle.created_at,
        shared_on=shared_on,
        shared_by_id=shared_by_id,
    )


def _centers_asked(session: Session, new: NewCycle) -> list[Center]:
    query = select(Center).where(Center.id.in_(select(Pair.fusion_center_id).where(Pair.active)))
    centers = list(session.scalars(query.order_by(Center.code)))
    unknown = set(new.centers) - {center.code for center in centers}
    if unknown:
        raise Refused(f"No active pair has the fusion center {', '.join(sorted(unknown))}.")
    chosen = [center for center in centers if not new.centers or center.code in new.centers]
    if not chosen:
        raise Refused("There is no fusion center with an active pair. Add pairs to the directory first.")
    return chosen
