"""What a list of entries would change in the directory: added, changed, unchanged, and what does not fit.

A plan reads the directory and writes nothing. A dry run shows it; ``services`` carries it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from assessment.directory.csv_files import Line, Problem, quoted
from assessment.directory.entries import PAIR_COLUMNS, CenterEntry, center_entry
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonCenter
from questionnaires.definition import Side

FIELDS = ("name", "kind", "level", "state", "fema_region", "city", "confidence")


@dataclass(frozen=True)
class CenterChange:
    """A center that is there, with field -> (what it is, what it shall be)."""

    center: Center
    fields: dict[str, tuple[object, object]]

    @property
    def words(self) -> str:
        return ", ".join(f'{name} "{old}" -> "{new}"' for name, (old, new) in self.fields.items())


@dataclass
class CenterPlan:
    added: list[CenterEntry] = field(default_factory=list)
    changed: list[CenterChange] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass
class PairPlan:
    added: list[tuple[Center, Center]] = field(default_factory=list)
    reactivated: list[Pair] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def plan_centers(session: Session, lines: Iterable[Line]) -> CenterPlan:
    """What these lines would do to the centers; every line that cannot be taken is among the problems."""
    known = {center.code.casefold(): center for center in session.scalars(select(Center))}
    bound = _bound_centers(session)
    plan = CenterPlan()
    seen: dict[str, tuple[int, str]] = {}
    for line in lines:
        entry = center_entry(line.cells)
        if isinstance(entry, dict):
            plan.problems += [Problem(line.number, column, reason) for column, reason in entry.items()]
            continue
        existing = known.get(entry.code.casefold())
        fault = _code_taken(entry.code, seen, existing)
        seen.setdefault(entry.code.casefold(), (line.number, entry.code))
        if fault:
            plan.problems.append(Problem(line.number, "code", fault))
        elif existing is None:
            plan.added.append(entry)
        elif existing.kind != entry.kind and existing.id in bound:
            plan.problems.append(Problem(line.number, "kind", _kind_is_bound(existing)))
        else:
            _plan_change(plan, existing, entry)
    return plan


def _plan_change(plan: CenterPlan, existing: Center, entry: CenterEntry) -> None:
    wanted = {name: getattr(entry, name) for name in FIELDS if getattr(entry, name) is not None}
    there = {name: getattr(existing, name) for name in wanted}
    fields = {name: (there[name], wanted[name]) for name in wanted if there[name] != wanted[name]}
    if fields:
        plan.changed.append(CenterChange(existing, fields))
    else:
        plan.unchanged += 1


def _code_taken(code: str, seen: dict[str, tuple[int, str]], existing: Center | None) -> str | None:
    if code.casefold() in seen:
        line, other = seen[code.casefold()]
        if other == code:
            return f"{code} is already in line {line}. Keep one of the two."
        return f"{code} and {other} in line {line} differ only in small and capital letters. Keep one."
    if existing is not None and existing.code != code:
        return f"the directory has this center as {existing.code}. Write the code in the same letters."
    return None


def _kind_is_bound(center: Center) -> str:
    return (
        f"{center.code} is {_kind(center.kind)} in the directory and cannot change its kind, because it is"
        " in a pair or somebody acts for it. Add a center with another code."
    )


def _kind(kind: str) -> str:
    return "a fusion center" if kind == Side.FUSION_CENTER else "an EOC"


def _bound_centers(session: Session) -> set[int]:
    """Ids of the centers whose kind others rest on."""
    query = union(select(Pair.fusion_center_id), select(Pair.eoc_id), select(PersonCenter.center_id))
    return set(session.scalars(query))


def plan_pairs(session: Session, lines: Sequence[Line]) -> PairPlan:
    """What these lines would do to the pairs; every line that cannot be taken is among the problems."""
    known = {center.code.casefold(): center for center in session.scalars(select(Center))}
    pairs = {(pair.fusion_center_id, pair.eoc_id): pair for pair in session.scalars(select(Pair))}
    people = _people_of_centers(session)
    plan = PairPlan()
    seen: dict[tuple[int, int], int] = {}
    for line in lines:
        faults = _side_faults(line, known)
        if faults:
            plan.problems += faults
            continue
        sides = [known[line.cells[column].casefold()] for column in PAIR_COLUMNS]
        fusion_center, eoc = sides
        key = (fusion_center.id, eoc.id)
        existing = pairs.get(key)
        if key in seen:
            plan.problems.append(
                Problem(line.number, PAIR_COLUMNS[1], _pair_twice(fusion_center, eoc, seen[key]))
            )
        elif existing is not None and existing.active:
            plan.unchanged += 1
        elif fault := _pair_fault(fusion_center, eoc, people):
            plan.problems.append(Problem(line.number, PAIR_COLUMNS[1], fault))
        elif existing is not None:
            plan.reactivated.append(existing)
        else:
            plan.added.append((fusion_center, eoc))
        seen.setdefault(key, line.number)
    return plan


def _people_of_centers(session: Session) -> dict[int, set[int]]:
    people: dict[int, set[int]] = defaultdict(set)
    for person_id, center_id in session.execute(select(PersonCenter.person_id, PersonCenter.center_id)):
        people[center_id].add(person_id)
    return people


def _side_faults(line: Line, known: dict[str, Center]) -> list[Problem]:
    faults = []
    for column, side in zip(PAIR_COLUMNS, Side, strict=True):
        if fault := _side_fault(line.cells[column], side, known):
            faults.append(Problem(line.number, column, fault))
    return faults


def _side_fault(code: str, side: Side, known: dict[str, Center]) -> str | None:
    if not code:
        return "is empty. A pair names both centers by their codes."
    center = known.get(code.casefold())
    if center is None:
        return f"there is no center {quoted(code)} in the directory. Add it first, or mend the code."
    if center.code != code:
        return f"the directory has this center as {center.code}. Write the code in the same letters."
    if center.kind != side:
        return f"{code} is {_kind(center.kind)}. Name {_kind(side)} here."
    return None


def _pair_twice(fusion_center: Center, eoc: Center, line: int) -> str:
    return f"the pair {fusion_center.code} with {eoc.code} is already in line {line}. Take one away."


def _pair_fault(fusion_center: Center, eoc: Center, people: dict[int, set[int]]) -> str | None:
    """Inactive centers take part in nothing, and nobody acts for both sides of a pair."""
    names = f"{fusion_center.code} with {eoc.code}"
    for center in (fusion_center, eoc):
        if not center.active:
            return f"{names} cannot be a pair: {center.code} is not active. Make it active on its page first."
    if people.get(fusion_center.id, set()) & people.get(eoc.id, set()):
        return (
            f"{names} cannot be a pair: somebody acts for both centers. Change that on the page People first."
        )
    return None
