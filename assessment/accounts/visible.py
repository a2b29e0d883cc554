"""What a person may see and do, in words, read off the table of ``access`` and their own grants alone.

It says nothing of any one thing, so it is the same whatever somebody could not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessment.access import TABLE, Action, Person, Role
from assessment.directory.states import NAMES

MAY = {  # in the order in which people ask; of the others the table itself has words
    Action.ANSWER: "fill in the side of your own center",
    Action.SUBMIT: "submit it",
    Action.READ_PAIR: "open reports of pairs, as far as they are yours to read (see below)",
    Action.READ_CENTER: "open the page on which a center sees all of its pairs",
    Action.RUN_SURVEYS: "set up, send and watch product surveys of your fusion center",
    Action.WATCH_SURVEYS: "see how far product surveys are",
    Action.READ_SURVEYS: "read the results of product surveys, as far as they are yours to read",
    Action.READ_NETWORK: "read the numbers of the network",
    Action.SHARE_PAIR: "let reviewers read a pair by name, as far as your center decides it",
    Action.REOPEN: "reopen a submission",
    Action.RUN_CYCLES: "open and close cycles",
    Action.EDIT_DIRECTORY: "change centers and pairs",
    Action.MANAGE_PEOPLE: "invite people and say what they may do",
}
PARTS = {Action.USE, Action.READ_JOINT, Action.READ_OWN_SIDE, Action.SEE_PROGRESS}  # of what stands there


def words_of(action: Action) -> str:
    return MAY.get(action, action.value)


@dataclass(frozen=True)
class Reason:
    """A kind of thing that is not there for this person, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Visible:
    may: list[str]
    where: str
    reasons: list[Reason]


def visible_to(person: Person, centers: Sequence[str]) -> Visible:
    """``centers`` are the names of those the person acts for."""
    actions = [*MAY, *(action for action in Action if action not in MAY and action not in PARTS)]
    may = [words_of(action) for action in actions if person.role in TABLE[action]]
    return Visible(may, _where(person, centers), [*_OF_ROLE[person.role], *_FOR_EVERYBODY])


def _where(person: Person, centers: Sequence[str]) -> str:
    if person.role is Role.ADMINISTRATOR:
        return "every center, every pair and every cycle"
    if person.role is not Role.REVIEWER:
        return ", ".join(centers) or "no center: ask an administrator"
    if person.whole_nation:
        return "the nation"
    regions = [f"FEMA Region {region}" for region in sorted(person.regions)]
    return ", ".join([*regions, *(NAMES.get(state, state) for state in sorted(person.states))])


_OTHER_CENTERS = Reason(
    "Forms, pairs, surveys and pages of other centers",
    "They belong to the people of those centers. Of the whole network you see what is released of it.",
)
_OTHER_SIDE = Reason(
    "What the other side of your pair answered",
    "It is not revealed before both sides have submitted; then both see it at the same moment. If the cycle"
    " closes with one side, nobody sees the other's drafts.",
)
_OTHER_STEPS = Reason(
    "Steps of other roles",
    "Staff fill in; managers and directors submit; directors run surveys; administrators run cycles.",
)
_ONE_SIDE = Reason(
    "A form of both sides of one pair",
    "Nobody acts for, or reads as, both sides of a pair before it is revealed.",
)
_OF_CENTERS = [_OTHER_CENTERS, _OTHER_SIDE, _OTHER_STEPS, _ONE_SIDE]
_OF_ROLE = {
    Role.STAFF: _OF_CENTERS,
    Role.DIRECTOR: _OF_CENTERS,
    Role.MANAGER: _OF_CENTERS,
    Role.REVIEWER: [
        Reason(
            "Reports of a pair by name",
            "They are not shared: both centers must have turned it on, on the pair's page, before the cycle"
            " closed. Both sides must have submitted, too.",
        ),
        Reason("Survey results of a fusion center", "They are not shared: its director turns it on."),
        Reason("Regions and states that were not granted to you", "Ask an administrator for them."),
        Reason("Forms that centers fill in", "A reviewer answers for nobody."),
    ],
    Role.ADMINISTRATOR: [
        Reason(
            "Answers before they are revealed",
            "Until both sides have submitted, an administrator sees how far each is and no answer.",
        ),
        Reason("Survey answers before the survey is closed", "They are not released until then."),
        Reason("Filling in and submitting", "Only people of a center answer for it."),
    ],
}
_FOR_EVERYBODY = [
    Reason(
        "Numbers of the network in a cycle that is open",
        "They are not released: that happens once, when the cycle first closes.",
    ),
    Reason(
        "A number that says hidden",
        "It rests on too few: fewer than five pairs, or fewer people than the survey promised, or it would"
        " let such a number be worked out.",
    ),
    Reason(
        "What was never there",
        "An address with a slip in it, or of something that was taken away, looks just like one that is not"
        " yours: nobody can find out by trying what there is.",
    ),
]
