"""The access table, row by row: who may do what to which pair, on which side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.access import Action, PairFacts, Person, Role, may, own_side
from questionnaires.definition import Side

FC, EOC = Side.FUSION_CENTER, Side.EOC
BOTH = frozenset(Side)


def person(role: Role, *centers: str, **scope: object) -> Person:
    return Person(1, "Pat", "pat@example.gov", role, frozenset(centers), **scope)  # type: ignore[arg-type]


def pair(*submitted: Side, **facts: object) -> PairFacts:
    return PairFacts("FC-CO", "EOC-CO", 8, "CO", frozenset(submitted), **facts)  # type: ignore[arg-type]


DIRECTOR = person(Role.DIRECTOR, "FC-CO")
MANAGER = person(Role.MANAGER, "EOC-CO")
STAFF = person(Role.STAFF, "EOC-CO")
ADMINISTRATOR = person(Role.ADMINISTRATOR)
REVIEWER = person(Role.REVIEWER)


@pytest.mark.parametrize(
    ("who", "action", "side", "allowed"),
    [
        (DIRECTOR, Action.ANSWER, FC, True),
        (DIRECTOR, Action.ANSWER, EOC, False),
        (DIRECTOR, Action.SUBMIT, FC, True),
        (MANAGER, Action.SUBMIT, EOC, True),
        (MANAGER, Action.SUBMIT, FC, False),
        (STAFF, Action.ANSWER, EOC, True),
        (STAFF, Action.SUBMIT, EOC, False),
        (ADMINISTRATOR, Action.ANSWER, FC, False),
        (ADMINISTRATOR, Action.SUBMIT, FC, False),
        (REVIEWER, Action.ANSWER, FC, False),
        (ADMINISTRATOR, Action.REOPEN, FC, True),
        (DIRECTOR, Action.REOPEN, FC, False),
    ],
)
def test_answering_and_submitting(who: Person, action: Action, side: Side, allowed: bool) -> None:
    assert may(who, action, pair(), side) is allowed


@pytest.mark.parametrize("submitted", [(), (FC,), (EOC,)])
def test_nobody_reads_both_sides_before_the_reveal(submitted: tuple[Side, ...]) -> None:
    shared = pair(*submitted, shared=True)
    for who in (DIRECTOR, MANAGER, STAFF, ADMINISTRATOR, REVIEWER):
        assert not may(who, Action.READ_JOINT, shared)


def test_after_the_reveal_the_pairs_people_and_the_administrator_read_both() -> None:
    revealed = pair(FC, EOC)
    assert all(may(who, Action.READ_JOINT, revealed) for who in (DIRECTOR, MANAGER, STAFF, ADMINISTRATOR))
    assert not may(person(Role.MANAGER, "EOC-WY"), Action.READ_JOINT, revealed)


def test_a_side_reads_its_own_profile_from_its_own_submission_on() -> None:
    assert not may(DIRECTOR, Action.READ_OWN_SIDE, pair(EOC), FC)
    assert may(DIRECTOR, Action.READ_OWN_SIDE, pair(FC), FC)
    assert not may(DIRECTOR, Action.READ_OWN_SIDE, pair(FC, EOC), EOC)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ({}, True),
        ({"regions": frozenset({8})}, True),
        ({"regions": frozenset({9})}, False),
        ({"states": frozenset({"CO"})}, True),
        ({"states": frozenset({"WY"})}, False),
        ({"regions": frozenset({9}), "states": frozenset({"CO"})}, True),
    ],
)
def test_a_reviewer_reads_shared_pairs_of_their_scope_only(scope: dict[str, object], allowed: bool) -> None:
    reviewer = person(Role.REVIEWER, **scope)
    assert may(reviewer, Action.READ_JOINT, pair(FC, EOC, shared=True)) is allowed
    assert not may(reviewer, Action.READ_JOINT, pair(FC, EOC, shared=False))


def test_who_belongs_to_both_sides_acts_for_neither() -> None:
    both = person(Role.STAFF, "FC-CO", "EOC-CO")
    assert own_side(both, pair()) is None
    for action in (Action.ANSWER, Action.READ_OWN_SIDE):
        assert not any(may(both, action, pair(FC), side) for side in Side)


def test_who_has_opened_one_sides_form_cannot_act_for_the_other() -> None:
    moved = person(Role.MANAGER, "EOC-CO")
    assert not may(moved, Action.ANSWER, pair(acted_for=frozenset({FC})), EOC)
    assert may(moved, Action.ANSWER, pair(acted_for=frozenset({EOC})), EOC)


def test_who_is_not_signed_in_may_nothing() -> None:
    assert not any(may(None, action, pair(FC, EOC, shared=True), FC) for action in Action)


@given(
    role=st.sampled_from(list(Role)),
    centers=st.frozensets(st.sampled_from(["FC-CO", "EOC-CO", "EOC-WY"])),
    submitted=st.frozensets(st.sampled_from(list(Side))),
    acted_for=st.frozensets(st.sampled_from(list(Side))),
    shared=st.booleans(),
)
def test_nobody_ever_gets_both_sides_before_the_reveal(
    role: Role,
    centers: frozenset[str],
    submitted: frozenset[Side],
    acted_for: frozenset[Side],
    shared: bool,
) -> None:
    facts = pair(*submitted, acted_for=acted_for, shared=shared)
    who = person(role, *centers)
    if not facts.revealed:
        readable = [s for s in Side if may(who, Action.READ_OWN_SIDE, facts, s)]
        writable = [s for s in Side if may(who, Action.ANSWER, facts, s)]
        assert len(set(readable) | set(writable)) <= 1
        assert not may(who, Action.READ_JOINT, facts)
