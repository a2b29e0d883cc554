"""Changing the directory, by file or one by one: each use case is one transaction, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, or_, select, text
from sqlalchemy.orm import Session

from assessment import audit
from assessment.directory import csv_files
from assessment.directory.csv_files import Line
from assessment.directory.entries import OPTIONAL, PAIR_COLUMNS, REQUIRED, CenterEntry
from assessment.directory.pair_centers import is_pair, with_centers
from assessment.directory.plans import CenterChange, CenterPlan, PairPlan, plan_centers, plan_pairs
from assessment.errors import NotFound, Refused
from assessment.models.directory import Center, Pair

SEED = Path(__file__).parent / "seed"


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or in a dry run would do: a sentence each, and how many lines said nothing new."""

    added: list[str]
    changed: list[str]
    unchanged: int

    @property
    def sentence(self) -> str:
        return f"{len(self.added):,} added, {len(self.changed):,} changed, {self.unchanged:,} unchanged."


class BadFields(Refused):
    """A form that was not taken: ``faults`` has the sentence for each field; "" is the form as a whole."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(f"{field}: {fault}" if field else fault for field, fault in faults.items()))
        self.faults = faults


def import_centers(
    session: Session, content: bytes | str, now: datetime, by: int | None = None, dry_run: bool = False
) -> ImportResult:
    """Add and change the centers of a file; BadLines with all its problems, and nothing is written."""
    file = csv_files.read(content, REQUIRED, OPTIONAL)
    if not dry_run:
        _lock(session)
    plan = plan_centers(session, file.lines)
    if file.problems or plan.problems:
        raise csv_files.bad_lines([*file.problems, *plan.problems])
    result = ImportResult(
        added=[f"{entry.code}: {entry.name}" for entry in plan.added],
        changed=[f"{change.center.code}: {change.words}" for change in plan.changed],
        unchanged=plan.unchanged,
    )
    if not dry_run:
        _write_centers(session, plan, now, by)
        audit.record(session, now, by, "centers imported", "directory", result.sentence)
    return result


def import_pairs(
    session: Session, content: bytes | str, now: datetime, by: int | None = None, dry_run: bool = False
) -> ImportResult:
    """Add the pairs of a file and make inactive ones active; BadLines as above."""
    file = csv_files.read(content, PAIR_COLUMNS)
    if not dry_run:
        _lock(session)
    plan = plan_pairs(session, file.lines)
    if file.problems or plan.problems:
        raise csv_files.bad_lines([*file.problems, *plan.problems])
    result = ImportResult(
        added=[f"{fusion_center.code} with {eoc.code}" for fusion_center, eoc in plan.added],
        changed=[f"{pair_words(pair)}: active again" for pair in plan.reactivated],
        unchanged=plan.unchanged,
    )
    if not dry_run:
        _write_pairs(session, plan, now, by)
        audit.record(session, now, by, "pairs imported", "directory", result.sentence)
    return result


def _lock(session: Session) -> None:
    """One change of the directory at a time. On SQLite there is only one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE centers, pairs IN SHARE ROW EXCLUSIVE MODE"))


def _write_centers(session: Session, plan: CenterPlan, now: datetime, by: int | None) -> None:
    if plan.added:
        session.execute(insert(Center), [_row(entry) for entry in plan.added])
    for entry in plan.added:
        audit.record(session, now, by, "center added", f"center {entry.code}", entry.name)
    for change in plan.changed:
        _write_change(session, change, now, by)
    session.flush()


def _row(entry: CenterEntry) -> dict[str, object]:
    return {
        "code": entry.code,
        "name": entry.name,
        "kind": entry.kind,
        "level": entry.level,
        "state": entry.state,
        "fema_region": entry.fema_region,
        "city": entry.city or "",
        "confidence": entry.confidence or "",
        "active": True,
    }


def _write_change(session: Session, change: CenterChange, now: datetime, by: int | None) -> None:
    for field, (_, wanted) in change.fields.items():
        setattr(change.center, field, wanted)
    center = change.center
    audit.record(session, now, by, "center changed", f"center {center.code}", change.words, [center.id])


def _write_pairs(session: Session, plan: PairPlan, now: datetime, by: int | None) -> None:
    if plan.added:
        rows = [{"fusion_center_id": fc.id, "eoc_id": eoc.id, "active": True} for fc, eoc in plan.added]
        session.execute(insert(Pair), rows)
    for fusion_center, eoc in plan.added:
        subject, both = f"pair {fusion_center.code} {eoc.code}", [fusion_center.id, eoc.id]
        audit.record(session, now, by, "pair added", subject, centers=both)
    for pair in plan.reactivated:
        _switch(session, pair, True, now, by)
    session.flush()


def pair_words(pair: Pair) -> str:
    return f"{pair.fusion_center.code} with {pair.eoc.code}"


def _switch(session: Session, pair: Pair, active: bool, now: datetime, by: int | None) -> None:
    pair.active = active
    action = "pair made active" if active else "pair made inactive"
    subject, both = f"pair {pair.fusion_center.code} {pair.eoc.code}", [pair.fusion_center_id, pair.eoc_id]
    audit.record(session, now, by, action, subject, centers=both)


def seed(session: Session, now: datetime) -> None:
    """Add what is missing of the seed files; what is there, corrected or made inactive, stays as it is."""
    for name in ("fusion_centers.csv", "state_eocs.csv"):
        file = csv_files.read((SEED / name).read_bytes(), REQUIRED, OPTIONAL)
        _write_centers(session, CenterPlan(added=plan_centers(session, file.lines).added), now, None)
    file = csv_files.read((SEED / "pairs.csv").read_bytes(), PAIR_COLUMNS)
    _write_pairs(session, PairPlan(added=plan_pairs(session, file.lines).added), now, None)


def find_center(session: Session, code: str) -> Center:
    """The center of this code; NotFound where there is none."""
    center = session.scalar(select(Center).where(Center.code == code))
    if center is None:
        raise NotFound(f"There is no center {code}.")
    return center


def add_center(session: Session, cells: dict[str, str], now: datetime, by: int | None = None) -> Center:
    """Add one center from the columns of a file; BadFields where something is wrong."""
    _lock(session)
    taken = session.scalar(select(Center.code).where(func.lower(Center.code) == cells["code"].lower()))
    if taken:
        raise BadFields({"code": f"There is already a center {taken}. Choose another code."})
    plan = _plan_one(session, cells)
    _write_centers(session, plan, now, by)
    return find_center(session, plan.added[0].code)


def change_center(
    session: Session, code: str, cells: dict[str, str], active: bool, now: datetime, by: int | None = None
) -> int:
    """Change what is said of a center; BadFields. The number of pairs that became inactive with it."""
    _lock(session)
    center = find_center(session, code)
    _write_centers(session, _plan_one(session, {**cells, "code": code}), now, by)
    if center.active == active:
        return 0
    center.active = active
    action = f"center made {'active' if active else 'inactive'}"
    audit.record(session, now, by, action, f"center {code}", centers=[center.id])
    return 0 if active else _switch_off_pairs(session, center, now, by)


def _plan_one(session: Session, cells: dict[str, str]) -> CenterPlan:
    plan = plan_centers(session, [Line(1, cells)])
    if plan.problems:
        raise BadFields({problem.column: problem.reason for problem in plan.problems})
    return plan


def _switch_off_pairs(session: Session, center: Center, now: datetime, by: int | None) -> int:
    its_own = or_(Pair.fusion_center_id == center.id, Pair.eoc_id == center.id)
    pairs = session.scalars(select(Pair).where(Pair.active, its_own)).all()
    for pair in pairs:
        _switch(session, pair, False, now, by)
    return len(pairs)


def add_pair(session: Session, fusion_center: str, eoc: str, now: datetime, by: int | None = None) -> None:
    """Make a pair of two centers, or an inactive pair active again; BadFields where they do not fit."""
    _lock(session)
    plan = _plan_one_pair(session, fusion_center, eoc)
    if plan.unchanged:
        raise BadFields({"": f"{fusion_center} with {eoc} is already an active pair."})
    _write_pairs(session, plan, now, by)


def _plan_one_pair(session: Session, fusion_center: str, eoc: str) -> PairPlan:
    plan = plan_pairs(session, [Line(1, {"fusion_center": fusion_center, "eoc": eoc})])
    if plan.problems:
        raise BadFields({problem.column: problem.reason for problem in plan.problems})
    return plan


def set_pair_active(
    session: Session, fusion_center: str, eoc: str, active: bool, now: datetime, by: int | None = None
) -> None:
    """Ask a pair in later cycles, or no longer; saying it twice does no harm. NotFound, BadFields."""
    _lock(session)
    pair = _find_pair(session, fusion_center, eoc)
    if pair.active == active:
        return
    if active:
        _plan_one_pair(session, fusion_center, eoc)
    _switch(session, pair, active, now, by)


def _find_pair(session: Session, fusion_center: str, eoc: str) -> Pair:
    pair = session.scalar(with_centers(select(Pair)).where(is_pair(fusion_center, eoc)))
    if pair is None:
        raise NotFound(f"There is no pair {fusion_center} with {eoc}.")
    return pair
