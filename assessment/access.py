"""Who may do what to which center, pair and response: one table, asked by every handler and by frames.

Pure: it gets facts and answers yes or no. What is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from questionnaires.definition import Side


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    DIRECTOR = "director"
    MANAGER = "manager"
    STAFF = "staff"
    REVIEWER = "reviewer"


class Action(StrEnum):
    USE = "use the pages that every signed-in person has"
    ANSWER = "fill in one side's answers"
    SUBMIT = "submit one side's answers"
    REOPEN = "reopen a submission"
    READ_PAIR = "read what a pair's page may show this reader"
    READ_JOINT = "read both sides of a revealed pair"
    READ_OWN_SIDE = "read one's own side's profile before the reveal"
    SEE_PROGRESS = "see how far the sides of a pair are"
    EDIT_DIRECTORY = "add, change and import centers and pairs"
    RUN_CYCLES = "open, close and reopen cycles"
    MANAGE_PEOPLE = "add people and say what they may do"


@dataclass(frozen=True)
class Person:
    """Whoever asks. A reviewer without regions and states has the nation."""

    id: int
    name: str
    email: str
    role: Role
    centers: frozenset[str] = frozenset()
    regions: frozenset[int] = frozenset()
    states: frozenset[str] = frozenset()

    @property
    def whole_nation(self) -> bool:
        return self.role is Role.REVIEWER and not self.regions and not self.states


@dataclass(frozen=True)
class PairFacts:
    """What must be known of a pair in a cycle to say who may see it."""

    fusion_center: str
    eoc: str
    region: int = 0  # of the EOC, as is the state
    state: str = ""
    submitted: frozenset[Side] = frozenset()
    shared: bool = False
    acted_for: frozenset[Side] = frozenset()  # sides whose form this person has opened in this cycle

    @property
    def revealed(self) -> bool:
        return len(self.submitted) == len(Side)


def center_sides(person: Person, pair: PairFacts) -> frozenset[Side]:
    """The sides whose center this person belongs to."""
    owned = {Side.FUSION_CENTER: pair.fusion_center, Side.EOC: pair.eoc}
    return frozenset(side for side, code in owned.items() if code in person.centers)


def own_side(person: Person, pair: PairFacts) -> Side | None:
    """The one side that this person may act for and read as; none for who belongs to, or has seen, both."""
    sides = center_sides(person, pair)
    if len(sides | pair.acted_for) != 1 or not sides:
        return None
    return next(iter(sides))


def in_scope(person: Person, pair: PairFacts) -> bool:
    """Whether a reviewer's grant covers the pair, which belongs where its EOC stands."""
    return person.whole_nation or pair.region in person.regions or pair.state in person.states


Rule = Callable[[Person, PairFacts | None, Side | None], bool]


def _anything(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return True


def _own_form(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return pair is not None and side is not None and own_side(person, pair) is side


def _own_pair(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return pair is not None and bool(center_sides(person, pair))


def _own_joint(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return _own_pair(person, pair, side) and pair is not None and pair.revealed


def _own_submitted(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return _own_form(person, pair, side) and pair is not None and side in pair.submitted


def _shared_in_scope(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return pair is not None and pair.shared and in_scope(person, pair)


def _shared_revealed(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return _shared_in_scope(person, pair, side) and pair is not None and pair.revealed


def _revealed(person: Person, pair: PairFacts | None, side: Side | None) -> bool:
    return pair is not None and pair.revealed


_CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)
_LEADERS = (Role.DIRECTOR, Role.MANAGER)
_ADMINISTRATOR: dict[Role, Rule] = {Role.ADMINISTRATOR: _anything}

TABLE: dict[Action, dict[Role, Rule]] = {
    Action.USE: dict.fromkeys(Role, _anything),
    Action.ANSWER: dict.fromkeys(_CENTER_ROLES, _own_form),
    Action.SUBMIT: dict.fromkeys(_LEADERS, _own_form),
    Action.REOPEN: _ADMINISTRATOR,
    Action.READ_PAIR: {
        **dict.fromkeys(_CENTER_ROLES, _own_pair),
        Role.REVIEWER: _shared_in_scope,
        Role.ADMINISTRATOR: _anything,
    },
    Action.READ_JOINT: {
        **dict.fromkeys(_CENTER_ROLES, _own_joint),
        Role.REVIEWER: _shared_revealed,
        Role.ADMINISTRATOR: _revealed,
    },
    Action.READ_OWN_SIDE: dict.fromkeys(_CENTER_ROLES, _own_submitted),
    Action.SEE_PROGRESS: {**dict.fromkeys(_CENTER_ROLES, _own_pair), Role.ADMINISTRATOR: _anything},
    Action.EDIT_DIRECTORY: _ADMINISTRATOR,
    Action.RUN_CYCLES: _ADMINISTRATOR,
    Action.MANAGE_PEOPLE: _ADMINISTRATOR,
}


def may(
    person: Person | None, action: Action, pair: PairFacts | None = None, side: Side | None = None
) -> bool:
    """Whether the person may do this; nobody who is not signed in may do anything here."""
    if person is None:
        return False
    rule = TABLE[action].get(person.role)
    return rule is not None and rule(person, pair, side)
