"""Writing down who has read what is not theirs alone: a revealed pair's report, a center's, a survey's.

An administrator's every view is in the trail; anybody else's once an hour for each object, so that reading
stays cheap: one look at an index, and at most one small write. What cannot be written down is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Person, Role, own_side
from assessment.database import Database
from assessment.models.cycles import Cycle, CyclePair
from assessment.models.directory import Center
from questionnaires.definition import Side

if TYPE_CHECKING:
    from assessment.frames import PairInCycle


def note_first_read(session: Session, cycle_pair_id: int, side: Side, now: datetime) -> None:
    """Keep when a side first read the joint report, so that a later change can say so."""
    column = CyclePair.fusion_center_read_at if side is Side.FUSION_CENTER else CyclePair.eoc_read_at
    session.execute(
        update(CyclePair).where(CyclePair.id == cycle_pair_id, column.is_(None)).values({column: now})
    )


def note_pair_view(database: Database, person: Person, place: PairInCycle, now: datetime) -> None:
    """Somebody has opened the report of a pair; before the reveal it shows nothing of the other side."""
    if not place.facts.revealed:
        return
    side, subject = own_side(person, place.facts), f"cycle pair {place.cycle_pair_id}"
    first = side is not None and side not in place.read_by
    due = is_due(database, person, "pair report viewed", subject, now)
    if not (first or due):
        return
    with database.writing() as session:
        if first and side is not None:
            note_first_read(session, place.cycle_pair_id, side, now)
        if due:
            both = [place.fusion_center.id, place.eoc.id]
            audit.record(session, now, person.id or None, "pair report viewed", subject, centers=both)


def note_command_view(database: Database, place: PairInCycle, reader: int, now: datetime) -> None:
    """Somebody at the command line has read a pair, as the person of that number or, at 0, as itself."""
    if not place.readable:
        return
    owners = {Side.FUSION_CENTER: place.fusion_center.id, Side.EOC: place.eoc.id}
    subject, detail = f"cycle pair {place.cycle_pair_id}", f"as person {reader}" if reader else ""
    with database.writing() as session:
        shown = [owners[side] for side in place.readable]
        audit.record(session, now, None, "pair report viewed", subject, detail, shown)


def note_center_view(
    database: Database, person: Person, code: str, cycle: str, partners: Iterable[str], now: datetime
) -> None:
    """The same for all pairs of a center at once; ``partners`` are those whose answers were shown."""
    subject, detail = f"center {code}", f"cycle {cycle}"
    if not is_due(database, person, "center report viewed", subject, now):
        return
    with database.writing() as session:
        centers = session.scalars(select(Center.id).where(Center.code.in_([code, *partners]))).all()
        audit.record(session, now, person.id or None, "center report viewed", subject, detail, centers)


def note_network_view(database: Database, person: Person, cycle: Cycle, now: datetime) -> None:
    """A reviewer reads a network in which pairs that their centers share are shown by name."""
    action, subject = "network viewed", f"cycle {cycle.code}"
    if person.role is not Role.REVIEWER or not is_due(database, person, action, subject, now):
        return
    from assessment.network.opened import open_pairs  # pandas loads with the first report

    with database.writing() as session:
        codes = {
            code for pair in open_pairs(session, person, cycle.id) for code in (pair.fusion_center, pair.eoc)
        }
        centers = session.scalars(select(Center.id).where(Center.code.in_(codes))).all()
        audit.record(session, now, person.id, action, subject, "pairs that are shared by name", centers)


def note_export(
    database: Database, person: Person, what: tuple[str, str, str], centers: Iterable[str], now: datetime
) -> None:
    """A file has been fetched: ``what`` are action, subject and detail. Each time is in the trail."""
    with database.writing() as session:
        concerned = session.scalars(select(Center.id).where(Center.code.in_([*centers]))).all()
        audit.record(session, now, person.id or None, *what, centers=concerned)


def is_due(database: Database, person: Person, action: str, subject: str, now: datetime) -> bool:
    """Whether a view is to be written down, or was within the hour."""
    if person.role is Role.ADMINISTRATOR:
        return True
    with database.reading() as session:
        return not audit.seen_lately(session, now, person.id, action, subject)
