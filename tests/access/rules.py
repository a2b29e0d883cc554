"""The sentences about who may do what, said once more and without looking at ``assessment.access``."""

from __future__ import annotations

from collections.abc import Callable

from assessment.access import Role
from tests.access.people import CENTER_ROLES, Actor
from tests.access.world import Thing

Rule = Callable[[Actor, Thing], bool]
LEADERS = (Role.DIRECTOR, Role.MANAGER)


def everybody(actor: Actor, _thing: Thing) -> bool:
    return actor.role is not None


def administrator(actor: Actor, _thing: Thing) -> bool:
    return actor.role is Role.ADMINISTRATOR


def of_its_center(actor: Actor, thing: Thing) -> bool:
    return actor.role in CENTER_ROLES and bool(actor.centers & thing.centers)


def leads_its_center(actor: Actor, thing: Thing) -> bool:
    return actor.role in LEADERS and of_its_center(actor, thing)


def gives_sections(actor: Actor, thing: Thing) -> bool:
    """As long as there is something to fill in."""
    return leads_its_center(actor, thing)


def center_trail(actor: Actor, thing: Thing) -> bool:
    """Who looked at or changed what is a center's: for its leaders, and for administrators."""
    return administrator(actor, thing) or leads_its_center(actor, thing)


def its_director(actor: Actor, thing: Thing) -> bool:
    return actor.role is Role.DIRECTOR and of_its_center(actor, thing)


def is_it(actor: Actor, thing: Thing) -> bool:
    return actor.name == thing.owner


def nobody_yet(_actor: Actor, _thing: Thing) -> bool:
    """Something that is there for nobody in this world, as a file that is still being made."""
    return False


def pair_report(actor: Actor, thing: Thing) -> bool:
    if actor.role is Role.REVIEWER:
        return "shared" in thing.marks and actor.reads_place(thing.region, thing.state)
    return administrator(actor, thing) or of_its_center(actor, thing)


def pair_items(actor: Actor, thing: Thing) -> bool:
    """The file holds answers: both sides' after the reveal, else what one's own side submitted."""
    if "half" in thing.marks:  # in this world it is the EOC that has submitted
        own = {code for code in actor.centers & thing.centers if code.startswith("EOC")}
        return actor.role in CENTER_ROLES and bool(own)
    return pair_report(actor, thing)


def center_report(actor: Actor, thing: Thing) -> bool:
    if actor.role is Role.REVIEWER:
        return actor.reads_place(thing.region, thing.state)
    return administrator(actor, thing) or of_its_center(actor, thing)


def network_scope(actor: Actor, thing: Thing) -> bool:
    whole = not thing.region and not thing.state
    if actor.role is Role.REVIEWER:
        return whole or actor.reads_place(thing.region, thing.state)
    return actor.role is Role.ADMINISTRATOR or (actor.role is not None and whole)


def watches_survey(actor: Actor, thing: Thing) -> bool:
    """A plan concerns nobody but those who make it."""
    if "plan" in thing.marks:
        return its_director(actor, thing)
    staff = actor.role in (Role.DIRECTOR, Role.STAFF) and bool(actor.centers & thing.centers)
    return administrator(actor, thing) or staff


def watches_some(actor: Actor, _thing: Thing) -> bool:
    return actor.role in (Role.DIRECTOR, Role.STAFF, Role.ADMINISTRATOR)


def some_fusion_center(actor: Actor, _thing: Thing) -> bool:
    return actor.role is Role.DIRECTOR


def product_results(actor: Actor, thing: Thing) -> bool:
    """What is released; how far an open one is, those who watch it see in the same place."""
    if actor.role is Role.REVIEWER:
        return {"shared", "released"} <= thing.marks and actor.reads_place(thing.region, thing.state)
    staff = actor.role in (Role.DIRECTOR, Role.STAFF) and bool(actor.centers & thing.centers)
    return administrator(actor, thing) or staff


def product_file(actor: Actor, thing: Thing) -> bool:
    return "released" in thing.marks and product_results(actor, thing)


def comments(actor: Actor, thing: Thing) -> bool:
    return "released" in thing.marks and its_director(actor, thing)
