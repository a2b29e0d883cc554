"""The demonstration as `make run` loads it, with people of every role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from app import create_app
from assessment.access import Role
from assessment.demonstration.loading import DEMONSTRATION
from assessment.models.directory import Center
from assessment.models.people import PersonRow, PersonScope
from assessment.network.release import release_due
from questionnaires.library import BUILT_IN, Library
from tests.conftest import NOW, PASSWORD_HASH, FixedClock, Network, email_of
from tests.demonstration_forms import NOW as TODAY
from tests.demonstration_forms import Standing, load
from tests.network.random_networks import Place
from tests.network.stored_networks import Account, Stored
from tests.network.test_attack_roles import settings_in
from tests.network.two_worlds import world_in

ACCOUNTS = [
    Account("admin", Role.ADMINISTRATOR),
    Account("reviewer", Role.REVIEWER),
    Account("region8", Role.REVIEWER, regions={8}),
    Account("parts", Role.REVIEWER, regions={4}, states={"CA"}),
    Account("director", Role.DIRECTOR, centers={"FC-CO"}),
    Account("california", Role.DIRECTOR, centers={"FC-CA"}),
    Account("manager", Role.MANAGER, centers={"EOC-CO"}),
    Account("staff", Role.STAFF, centers={"FC-TX"}),
]


def demonstration(folder: Path, template: Path) -> Stored:
    """Loaded, and every closed cycle released."""
    settings = settings_in(folder, world_in(folder, template, "demonstration"))
    app = create_app(settings, library=Library([BUILT_IN]))
    clock = FixedClock(settings.timezone, [TODAY])
    app.extensions["tandem.clock"] = clock
    app.config["TESTING"] = True
    network = Network(app, app.extensions["tandem.database"], app.extensions["tandem.library"], clock)
    load(
        network.database, Standing(settings.timezone), pairs=DEMONSTRATION.pairs, cycles=DEMONSTRATION.cycles
    )
    release_due(network.database, clock)
    found = Stored(network, places_of(network), ACCOUNTS)
    _add_people(found)
    return found


def _add_people(found: Stored) -> None:
    with found.network.database.writing() as session:
        centers = {center.code: center for center in session.query(Center)}
        for account in found.accounts:
            regions = [PersonScope(kind="region", value=str(region)) for region in account.regions]
            states = [PersonScope(kind="state", value=state) for state in account.states]
            session.add(
                PersonRow(
                    email=email_of(account.name),
                    name=account.name,
                    role=account.role.value,
                    password_hash=PASSWORD_HASH,
                    created_at=NOW,
                    centers=[centers[code] for code in account.centers],
                    scopes=[*regions, *states],
                )
            )


def rows(network: Network, query: str, **values: Any) -> list[Any]:
    with network.database.reading() as session:
        return list(session.execute(text(query), values))


def places_of(network: Network) -> dict[int, Place]:
    query = (
        "SELECT p.id, f.code, e.code, e.fema_region, e.state, e.level FROM pairs p"
        " JOIN centers f ON f.id = p.fusion_center_id JOIN centers e ON e.id = p.eoc_id"
    )
    return {row[0]: Place(*row) for row in rows(network, query)}
