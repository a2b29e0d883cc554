"""Whether reviewers may read a pair by name: each of its two centers says so for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from assessment import audit
from assessment.access import Action, PairFacts, Person, center_sides, may
from assessment.directory.pair_centers import is_pair, with_centers
from assessment.errors import NotFound
from assessment.models.directory import Pair
from assessment.models.network import PairShare
from questionnaires.definition import Side


@dataclass(frozen=True)
class Share:
    """Who turned it on for a center, and when."""

    by: str
    since: datetime


@dataclass(frozen=True)
class Sharing:
    """What both centers of a pair have said; ``mine`` is the side that this person may say it for."""

    shares: dict[Side, Share | None]
    mine: Side | None

    @property
    def both(self) -> bool:
        return all(self.shares.values())


def sharing_of(session: Session, person: Person, fusion_center: str, eoc: str) -> Sharing:
    """How the pair is shared now; NotFound where there is no such pair."""
    pair = _pair(session, fusion_center, eoc)
    facts = PairFacts(fusion_center=fusion_center, eoc=eoc)
    centers = {Side.FUSION_CENTER: pair.fusion_center_id, Side.EOC: pair.eoc_id}
    found = {
        share.center_id: Share(share.shared_by.name, share.shared_at)
        for share in session.scalars(_current(pair.id).options(joinedload(PairShare.shared_by)))
    }
    mine = next(iter(center_sides(person, facts))) if may(person, Action.SHARE_PAIR, facts) else None
    return Sharing({side: found.get(center) for side, center in centers.items()}, mine)


def set_shared(
    session: Session, person: Person, fusion_center: str, eoc: str, shared: bool, now: datetime
) -> None:
    """Turn it on or off for the person's own center; nothing happens where it is so already."""
    facts = PairFacts(fusion_center=fusion_center, eoc=eoc)
    if not may(person, Action.SHARE_PAIR, facts):
        raise NotFound
    pair = _pair(session, fusion_center, eoc, lock=True)
    side = next(iter(center_sides(person, facts)))
    centers = {Side.FUSION_CENTER: pair.fusion_center_id, Side.EOC: pair.eoc_id}
    center_id = centers[side]
    current = session.scalar(_current(pair.id).where(PairShare.center_id == center_id))
    if shared == (current is not None):
        return
    if current is None:
        session.add(PairShare(pair_id=pair.id, center_id=center_id, shared_at=now, shared_by_id=person.id))
    else:
        current.withdrawn_at, current.withdrawn_by_id = now, person.id
    action = "pair shared by name" if shared else "pair no longer shared by name"
    center = fusion_center if side is Side.FUSION_CENTER else eoc
    audit.record(
        session, now, person.id, action, f"pair {fusion_center} {eoc}", f"for {center}", centers.values()
    )


def _current(pair_id: int) -> Select[PairShare]:
    return select(PairShare).where(PairShare.pair_id == pair_id, PairShare.withdrawn_at.is_(None))


def _pair(session: Session, fusion_center: str, eoc: str, lock: bool = False) -> Pair:
    """One at a time where it is to be changed: two leaders of one center may press the button at once."""
    query = with_centers(select(Pair)).where(is_pair(fusion_center, eoc))
    pair = session.scalar(query.with_for_update(of=Pair) if lock else query)
    if pair is None:
        raise NotFound
    return pair
