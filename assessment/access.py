"""Who may do what to which pair, form and survey: one table, asked by every handler and by frames.

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
    DELEGATE = "give sections of one side's form to people of its center"
    REOPEN = "reopen a submission"
    READ_PAIR = "read what a pair's page may show this reader"
    READ_JOINT = "read both sides of a revealed pair"
    READ_OWN_SIDE = "read one's own side's profile before the reveal"
    SEE_PROGRESS = "see how far the sides of a pair are"
    EDIT_DIRECTORY = "add, change and import centers and pairs"
    RUN_CYCLES = "open, close and reopen cycles"
    RUN_SURVEYS = "set up, send and watch a fusion center's product surveys"
    READ_SURVEYS = "read the released results of a product survey"
    WATCH_SURVEYS = "see how far a product survey is"
    READ_NETWORK = "read what is released of the network, in one scope"
    SHARE_PAIR = "let reviewers read a pair by name, as far as one's own center says so"
    READ_CENTER = "read what a center's page may show this reader"
    MANAGE_PEOPLE = "add people and say what they may do"
    READ_TRAIL = "read the audit trail and check its seals"
    READ_CENTER_TRAIL = "read who looked at or changed what is one center's"


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


@dataclass(frozen=True)
class SurveyFacts:
    """What must be known of a product survey to say who may see it."""

    fusion_center: str
    region: int = 0
    state: str = ""
    shared: bool = False  # its director shares the results
    released: bool = False


@dataclass(frozen=True)
class NetworkScope:
    """A part of the network: the nation where both are empty, else a FEMA region or a state of one."""

    region: int = 0
    state: str = ""

    @property
    def whole(self) -> bool:
        return not self.region and not self.state


@dataclass(frozen=True)
class CenterFacts:
    """What must be known of a center to say who may open its page."""

    code: str
    region: int = 0
    state: str = ""


Target = PairFacts | SurveyFacts | NetworkScope | CenterFacts


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


def in_scope(person: Person, target: Target) -> bool:
    """Whether a reviewer's grant covers it: a pair where its EOC stands, a survey where its center does."""
    return person.whole_nation or target.region in person.regions or target.state in person.states


Rule = Callable[[Person, Target | None, Side | None], bool]


def _anything(person: Person, target: Target | None, side: Side | None) -> bool:
    return True


def _own_form(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and side is not None and own_side(person, target) is side


def _own_pair(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and bool(center_sides(person, target))


def _own_joint(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and _own_pair(person, target, side) and target.revealed


def _own_submitted(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and _own_form(person, target, side) and side in target.submitted


def _shared_in_scope(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts | SurveyFacts) and target.shared and in_scope(person, target)


def _shared_revealed(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and _shared_in_scope(person, target, side) and target.revealed


def _revealed(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and target.revealed


def _own_survey(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, SurveyFacts) and target.fusion_center in person.centers


def _shared_survey(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, SurveyFacts) and target.released and _shared_in_scope(person, target, side)


def _released_survey(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, SurveyFacts) and target.released


def _leads_one_side(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, PairFacts) and len(center_sides(person, target)) == 1


def _whole_network(person: Person, target: Target | None, side: Side | None) -> bool:
    return target is None or (isinstance(target, NetworkScope) and target.whole)


def _granted_network(person: Person, target: Target | None, side: Side | None) -> bool:
    if _whole_network(person, target, side):
        return True
    return isinstance(target, NetworkScope) and in_scope(person, target)


def _own_center(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, CenterFacts) and target.code in person.centers


def _center_in_scope(person: Person, target: Target | None, side: Side | None) -> bool:
    return isinstance(target, CenterFacts) and in_scope(person, target)


_CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)
_LEADERS = (Role.DIRECTOR, Role.MANAGER)
_ADMINISTRATOR: dict[Role, Rule] = {Role.ADMINISTRATOR: _anything}

TABLE: dict[Action, dict[Role, Rule]] = {
    Action.USE: dict.fromkeys(Role, _anything),
    Action.ANSWER: dict.fromkeys(_CENTER_ROLES, _own_form),
    Action.SUBMIT: dict.fromkeys(_LEADERS, _own_form),
    Action.DELEGATE: dict.fromkeys(_LEADERS, _own_form),
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
    Action.RUN_SURVEYS: {Role.DIRECTOR: _own_survey},
    Action.READ_SURVEYS: {
        Role.DIRECTOR: _own_survey,
        Role.STAFF: _own_survey,
        Role.REVIEWER: _shared_survey,
        Role.ADMINISTRATOR: _released_survey,
    },
    Action.WATCH_SURVEYS: {
        Role.DIRECTOR: _own_survey,
        Role.STAFF: _own_survey,
        Role.ADMINISTRATOR: _anything,
    },
    Action.READ_NETWORK: {
        **dict.fromkeys(_CENTER_ROLES, _whole_network),
        Role.REVIEWER: _granted_network,
        Role.ADMINISTRATOR: _anything,
    },
    Action.SHARE_PAIR: dict.fromkeys(_LEADERS, _leads_one_side),
    Action.READ_CENTER: {
        **dict.fromkeys(_CENTER_ROLES, _own_center),
        Role.REVIEWER: _center_in_scope,
        Role.ADMINISTRATOR: _anything,
    },
    Action.MANAGE_PEOPLE: _ADMINISTRATOR,
    Action.READ_TRAIL: _ADMINISTRATOR,
    Action.READ_CENTER_TRAIL: {
        **dict.fromkeys(_LEADERS, _own_center),
        Role.ADMINISTRATOR: _anything,
    },
}


def may(
    person: Person | None, action: Action, target: Target | None = None, side: Side | None = None
) -> bool:
    """Whether the person may do this; nobody who is not signed in may do anything here."""
    if person is None:
        return False
    rule = TABLE[action].get(person.role)
    return rule is not None and rule(person, target, side)
