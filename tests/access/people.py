"""Who asks in these tests: somebody of every role, at home and elsewhere, and some who may not come in."""

from __future__ import annotations

from dataclasses import dataclass

from assessment.access import Role

CENTER_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.STAFF)


@dataclass(frozen=True)
class Actor:
    """A person as the tests know them; no role means somebody who is not, or no longer, let in."""

    name: str
    role: Role | None = None
    centers: frozenset[str] = frozenset()
    regions: frozenset[int] = frozenset()
    states: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    def reads_place(self, region: int, state: str) -> bool:
        """Whether a reviewer's grant covers a place."""
        everything = not self.regions and not self.states
        return self.role is Role.REVIEWER and (everything or region in self.regions or state in self.states)


def _of(name: str, role: Role, *centers: str) -> Actor:
    return Actor(name, role, frozenset(centers))


SIGNED_IN = (
    _of("admin", Role.ADMINISTRATOR),
    _of("director", Role.DIRECTOR, "FC-CO"),
    _of("analyst", Role.STAFF, "FC-CO"),
    _of("manager", Role.MANAGER, "EOC-CO"),
    _of("staff", Role.STAFF, "EOC-CO"),
    _of("nevada", Role.DIRECTOR, "FC-NV"),
    _of("reno", Role.MANAGER, "EOC-NV"),
    Actor("reviewer", Role.REVIEWER),
    Actor("reviewer8", Role.REVIEWER, regions=frozenset({8})),
    Actor("reviewer-nv", Role.REVIEWER, states=frozenset({"NV"})),
)
NOBODY = Actor("nobody")
INACTIVE = Actor("inactive")  # signed in once, and switched off since
DEMONSTRATION = Actor("demonstration")  # of the demonstration, where there is none
SHUT_OUT = (NOBODY, INACTIVE, DEMONSTRATION)
BY_NAME = {actor.name: actor for actor in (*SIGNED_IN, *SHUT_OUT)}
