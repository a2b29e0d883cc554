"""The access table for the network: its scopes, the pages of centers, and the sharing of pairs."""

from __future__ import annotations

import pytest

from assessment.access import Action, CenterFacts, NetworkScope, PairFacts, Person, Role, may

NATION = NetworkScope()
REGION_8, REGION_9 = NetworkScope(region=8), NetworkScope(region=9)
COLORADO, NEVADA = NetworkScope(region=8, state="CO"), NetworkScope(region=9, state="NV")
SCOPES = {"nation": NATION, "region 8": REGION_8, "region 9": REGION_9, "CO": COLORADO, "NV": NEVADA}
CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)


def person(role: Role, *centers: str, **scope: object) -> Person:
    return Person(1, "Pat", "pat@example.gov", role, frozenset(centers), **scope)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        *((person(role, "FC-CO"), {"nation"}) for role in CENTER_ROLES),
        (person(Role.ADMINISTRATOR), set(SCOPES)),
        (person(Role.REVIEWER), set(SCOPES)),
        (person(Role.REVIEWER, regions=frozenset({8})), {"nation", "region 8", "CO"}),
        (person(Role.REVIEWER, states=frozenset({"CO"})), {"nation", "CO"}),
        (person(Role.REVIEWER, regions=frozenset({9}), states=frozenset({"CO"})), set(SCOPES) - {"region 8"}),
    ],
)
def test_who_reads_which_scope_of_the_network(who: Person, readable: set[str]) -> None:
    found = {name for name, scope in SCOPES.items() if may(who, Action.READ_NETWORK, scope)}
    assert found == readable


@pytest.mark.parametrize("role", CENTER_ROLES)
def test_grants_of_regions_and_states_are_for_reviewers_only(role: Role) -> None:
    who = person(role, "FC-CO", regions=frozenset({8}), states=frozenset({"CO"}))
    assert not may(who, Action.READ_NETWORK, REGION_8)
    assert not may(who, Action.READ_NETWORK, COLORADO)


CENTER = CenterFacts("EOC-CO", 8, "CO")


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        *((person(role, "EOC-CO"), True) for role in CENTER_ROLES),
        *((person(role, "FC-CO"), False) for role in CENTER_ROLES),
        (person(Role.ADMINISTRATOR), True),
        (person(Role.REVIEWER), True),
        (person(Role.REVIEWER, regions=frozenset({8})), True),
        (person(Role.REVIEWER, states=frozenset({"CO"})), True),
        (person(Role.REVIEWER, regions=frozenset({9})), False),
        (person(Role.REVIEWER, states=frozenset({"WY"})), False),
    ],
)
def test_who_opens_the_page_of_a_center(who: Person, allowed: bool) -> None:
    assert may(who, Action.READ_CENTER, CENTER) is allowed


PAIR = PairFacts("FC-CO", "EOC-CO", 8, "CO", shared=True)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (person(Role.DIRECTOR, "FC-CO"), True),
        (person(Role.MANAGER, "EOC-CO"), True),
        (person(Role.DIRECTOR, "FC-CO", "FC-WY"), True),
        (person(Role.STAFF, "FC-CO"), False),
        (person(Role.STAFF, "EOC-CO"), False),
        (person(Role.DIRECTOR, "FC-WY"), False),
        (person(Role.DIRECTOR), False),
        (person(Role.ADMINISTRATOR), False),
        (person(Role.REVIEWER), False),
        (person(Role.DIRECTOR, "FC-CO", "EOC-CO"), False),  # nobody speaks for both sides
    ],
)
def test_who_says_for_a_center_that_a_pair_is_shared(who: Person, allowed: bool) -> None:
    assert may(who, Action.SHARE_PAIR, PAIR) is allowed


def test_what_is_asked_of_another_kind_of_thing_is_refused() -> None:
    reviewer, director = person(Role.REVIEWER), person(Role.DIRECTOR, "FC-CO")
    assert not may(reviewer, Action.READ_NETWORK, PAIR)
    assert not may(reviewer, Action.READ_CENTER, PAIR)
    assert not may(reviewer, Action.READ_PAIR, NATION)
    assert not may(director, Action.READ_NETWORK, PAIR)
    assert not may(director, Action.SHARE_PAIR, CENTER)
