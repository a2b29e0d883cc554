"""The demonstration as `make run` loads it, with people of every role, and its cycles as the attack has them.

The raw rows are read by statements of the tests' own.
"""

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
from tests.conftest import NOW, PASSWORD_HASH, FixedClock, Network, email_of, settings_in
from tests.demonstration_forms import NOW as TODAY
from tests.demonstration_forms import Standing, load
from tests.made_once import hurry
from tests.network.random_networks import Cycle, Place
from tests.network.stored_networks import Account, Stored
from tests.network.two_worlds import world_in
from tests.reports.builder import EOC, FC

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
CHECKLIST = "cpg502-checklist"


def demonstration(folder: Path, template: Path, respondents: int | None = None) -> Stored:
    """Loaded, and every closed cycle released. ``respondents`` of each product survey; None: as many as
    `make run` has."""
    settings = settings_in(folder, world_in(folder, template, "demonstration"))
    app = create_app(settings, library=Library([BUILT_IN]))
    clock = FixedClock(settings.timezone, [TODAY])
    app.extensions["tandem.clock"] = clock
    app.config["TESTING"] = True
    hurry(app.extensions["tandem.database"])
    network = Network(app, app.extensions["tandem.database"], app.extensions["tandem.library"], clock)
    load(
        network.database,
        Standing(settings.timezone),
        pairs=DEMONSTRATION.pairs,
        cycles=DEMONSTRATION.cycles,
        respondents=respondents,
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


def items_of(network: Network, version: str) -> list[tuple[str, str, str, int]]:
    return [
        (q.id, section.id, "both" if q.shared else str(q.sides[0]), int(q.weight))
        for section in network.library.get(CHECKLIST, version).domains
        for q in section.scored_questions
    ]


def cycles_of(found: Stored) -> list[Cycle]:
    """The closed checklist cycles, the earliest first."""
    query = "SELECT id, code, version FROM cycles WHERE questionnaire_id = :name ORDER BY opens_on"
    made: list[Cycle] = []
    for cycle_id, code, version in rows(found.network, query, name=CHECKLIST):
        if rows(found.network, "SELECT 1 FROM network_releases WHERE cycle_id = :id", id=cycle_id):
            before = made[-1] if made else None
            made.append(_cycle(found, cycle_id, code, version, before))
    return made


STATUS = "SELECT pair_id, status, shared FROM released_pairs WHERE cycle_id = :cycle"
ANSWERS = (
    "SELECT cp.pair_id, r.side, a.question, a.status, a.number, a.option FROM answers a"
    " JOIN responses r ON r.id = a.response_id JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id"
    " WHERE cp.cycle_id = :cycle AND r.status = 'submitted' AND a.part = ''"
)
CODES = {"not_applicable": "NA", "do_not_know": "DK", "unanswered": ""}


def _cycle(found: Stored, cycle_id: int, code: str, version: str, before: Cycle | None) -> Cycle:
    items = items_of(found.network, version)
    stated = rows(found.network, STATUS, cycle=cycle_id)
    status = {pair: str(how) for pair, how, _ in stated}
    complete = [pair for pair, how in status.items() if how == "complete"]
    asked = {side: {i for i, _, who, _ in items if who in ("both", side)} for side in (FC, EOC)}
    answers = {pair: {side: dict.fromkeys(asked[side], "") for side in asked} for pair in complete}
    guide: dict[int, dict[str, str | None]] = {pair: dict.fromkeys(asked) for pair in complete}
    for pair, side, question, how, number, option in rows(found.network, ANSWERS, cycle=cycle_id):
        if status[pair] == "complete" and question in asked[side]:
            answers[pair][side][question] = str(int(number)) if how == "answered" else CODES[how]
        elif status[pair] == "complete" and question == "GUIDE":
            guide[pair][side] = option
    shared = {pair for pair, _, is_shared in stated if is_shared}
    return Cycle(code, items, found.places, status, shared, answers, guide, before)
