"""Opening, closing and reopening cycles; what state one is in; how far its sides are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessment import audit
from assessment.cycles.removed import require_answers
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.errors import NotFound, Refused
from assessment.models.base import new_public_id
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Pair
from assessment.models.responses import Response
from assessment.network.release import release
from questionnaires.definition import Questionnaire, Side
from questionnaires.library import Library, UnknownQuestionnaire

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class CycleState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


def state_of(cycle: Cycle, today: date) -> CycleState:
    """By its days, the last one included, or by hand where that came first."""
    if cycle.closed_at is not None or today > cycle.closes_on:
        return CycleState.CLOSED
    return CycleState.PLANNED if today < cycle.opens_on else CycleState.OPEN


@dataclass(frozen=True)
class NewCycle:
    code: str
    title: str
    questionnaire: str
    opens: date
    closes: date
    version: str | None = None
    pairs: Sequence[tuple[str, str]] | None = None  # codes (fusion center, EOC); None: every active pair
    centers: Sequence[str] = ()  # only the active pairs of these fusion centers
    synthetic: bool = False


def open_cycle(
    session: Session, library: Library, new: NewCycle, now: datetime, by: int | None = None
) -> Cycle:
    """Ask both sides of the pairs; Refused with a sentence where something does not fit."""
    questionnaire = check_new_cycle(session, library, new)
    if questionnaire.is_survey:
        raise Refused(
            f"{questionnaire.title} is a survey; it asks no pairs. A director sets it up under Surveys."
        )
    pair_ids = _pair_ids(session, new)
    if not pair_ids:
        raise Refused("There is no active pair to ask. Add pairs to the directory first.")
    cycle = new_cycle_row(new, questionnaire.version, now)
    session.add(cycle)
    session.flush()
    _ask_pairs(session, cycle.id, pair_ids)
    audit.record(session, now, by, "cycle opened", f"cycle {cycle.code}", f"{len(pair_ids)} pairs")
    return cycle


def new_cycle_row(new: NewCycle, version: str, now: datetime) -> Cycle:
    return Cycle(
        code=new.code,
        title=new.title.strip(),
        questionnaire_id=new.questionnaire,
        version=version,
        opens_on=new.opens,
        closes_on=new.closes,
        synthetic=new.synthetic,
        created_at=now,
    )


def check_new_cycle(session: Session, library: Library, new: NewCycle) -> Questionnaire:
    """The questionnaire that will be asked; Refused where the code, the title or the days do not do."""
    if not CODE.fullmatch(new.code):
        raise Refused(f"{new.code!r} cannot be a cycle's code: letters, digits, dots and dashes, 40 at most.")
    if session.scalar(select(Cycle.id).where(Cycle.code == new.code)):
        raise Refused(f"There is already a cycle {new.code}.")
    if not new.title.strip():
        raise Refused("A cycle needs a title.")
    if new.opens > new.closes:
        raise Refused(f"The cycle would close on {new.closes}, before it opens on {new.opens}.")
    try:
        return library.get(new.questionnaire, new.version)
    except UnknownQuestionnaire as unknown:
        raise Refused(str(unknown)) from unknown


def _pair_ids(session: Session, new: NewCycle) -> list[int]:
    query = with_centers(select(Pair.id, Pair.active, FUSION_CENTER.code, EOC.code).select_from(Pair))
    rows = session.execute(query.order_by(FUSION_CENTER.code, EOC.code)).all()
    if new.pairs is not None:
        return _named_pairs({(fc, e): (pair_id, active) for pair_id, active, fc, e in rows}, new.pairs)
    unknown = set(new.centers) - {fc for _, active, fc, _ in rows if active}
    if unknown:
        raise Refused(f"No active pair has the fusion center {', '.join(sorted(unknown))}.")
    return [pair_id for pair_id, active, fc, _ in rows if active and (not new.centers or fc in new.centers)]


def _named_pairs(
    known: dict[tuple[str, str], tuple[int, bool]], wanted: Sequence[tuple[str, str]]
) -> list[int]:
    missing = [f"{fc} with {eoc}" for fc, eoc in wanted if not known.get((fc, eoc), (0, False))[1]]
    if missing:
        raise Refused(f"Not an active pair of the directory: {'; '.join(missing)}.")
    return list(dict.fromkeys(known[pair][0] for pair in wanted))


def _ask_pairs(session: Session, cycle_id: int, pair_ids: list[int]) -> None:
    session.execute(insert(CyclePair), [{"cycle_id": cycle_id, "pair_id": pair_id} for pair_id in pair_ids])
    ids = session.scalars(select(CyclePair.id).where(CyclePair.cycle_id == cycle_id)).all()
    session.execute(
        insert(Response),
        [
            {"cycle_pair_id": cycle_pair_id, "side": side.value, "public_id": new_public_id()}
            for cycle_pair_id in ids
            for side in Side
        ],
    )


def close_cycle(session: Session, code: str, now: datetime, today: date, by: int | None = None) -> Cycle:
    """Close it now; drafts stay as they are and can be gone on with if it is reopened."""
    cycle = find_cycle(session, code)
    if state_of(cycle, today) is CycleState.CLOSED:
        raise Refused(f"Cycle {code} is closed already.")
    cycle.closed_at = now
    audit.record(session, now, by, "cycle closed", f"cycle {code}")
    release(session, cycle, now, today)
    return cycle


def reopen_cycle(
    session: Session, code: str, closes: date, now: datetime, today: date, by: int | None = None
) -> Cycle:
    """Let the sides go on until the end of ``closes``."""
    cycle = find_cycle(session, code)
    if state_of(cycle, today) is not CycleState.CLOSED:
        raise Refused(f"Cycle {code} is not closed.")
    if closes < today:
        raise Refused(f"{closes} is over; name today or a later day.")
    if closes < cycle.opens_on:
        raise Refused(f"Cycle {code} opens on {cycle.opens_on}; name that day or a later one.")
    require_answers(cycle)
    release(session, cycle, now, today)  # where it closed by its last day and nobody has read it since
    cycle.closed_at, cycle.closes_on = None, closes
    audit.record(session, now, by, "cycle reopened", f"cycle {code}", f"closes {closes}")
    return cycle


def title_of(code: str | None, cycles: Iterable[Cycle]) -> str:
    """What people call the cycle of this code; in general words where it is not among these."""
    return next((cycle.title for cycle in cycles if cycle.code == code), "the cycle before")


def find_cycle(session: Session, code: str) -> Cycle:
    """The cycle of this code; NotFound where there is none."""
    cycle = session.scalar(select(Cycle).where(Cycle.code == code))
    if cycle is None:
        raise NotFound(f"There is no cycle {code}.")
    return cycle


_SYNTHETIC = select(Cycle.id).where(Cycle.synthetic).limit(1)  # put together once: every page asks for it


def any_synthetic(session: Session) -> bool:
    """Whether any cycle holds demonstration answers."""
    return session.scalar(_SYNTHETIC) is not None
