"""What a token can be made for. A token never has more than its person has; a scope can only make it less."""

from __future__ import annotations

from enum import StrEnum

from assessment.access import TABLE, Action, Role


class Scope(StrEnum):
    REPORTS = "reports:read"
    LISTS = "lists:read"
    SURVEYS = "surveys:read"
    PEOPLE = "people:read"


MEANING = {
    Scope.REPORTS: "Reports: pairs, centers, product surveys, the network",
    Scope.LISTS: "Lists of centers, pairs and cycles",
    Scope.SURVEYS: "How far product surveys are",
    Scope.PEOPLE: "Who has an account, and for what",
}

_NEEDS = {Scope.SURVEYS: Action.WATCH_SURVEYS, Scope.PEOPLE: Action.MANAGE_PEOPLE}


def scopes_for(role: Role) -> list[Scope]:
    """Those that open anything at all to somebody of this role."""
    return [scope for scope in Scope if role in TABLE[_NEEDS.get(scope, Action.USE)]]
