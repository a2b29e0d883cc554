"""Random networks in a database: asked, answered, closed, reopened, corrected and closed again.

Everything goes the way it goes in life: cycles are opened and closed by the product, answers come from files,
centers switch sharing, an administrator reopens a submitted form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from app import create_app
from assessment.access import Person, Role
from assessment.cycles import services as cycles
from assessment.cycles.services import NewCycle
from assessment.models.directory import Center, EocLevel, Pair
from assessment.models.people import PersonRow, PersonScope
from assessment.network import sharing
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment, reopen_response
from assessment.settings import Settings
from questionnaires.definition import AnswerOption, AnswerType, Question, Questionnaire, Section, Side
from questionnaires.library import BUILT_IN, Library
from tests.conftest import NOW, PASSWORD_HASH, FixedClock, Network, email_of
from tests.made_once import hurry
from tests.network.random_networks import Cycle, Place
from tests.reports.builder import EOC, FC

_CODES = (
    "ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWY"
)
STATES = [_CODES[place : place + 2] for place in range(0, len(_CODES), 2)]
OPENS, LAST = date(2026, 1, 1), date(2026, 12, 31)
GUIDE = Question(
    id="GUIDE",
    type=AnswerType.SINGLE_CHOICE,
    wording=dict.fromkeys(Side, "What have you done with the guide?"),
    options=tuple(AnswerOption(code, code) for code in ("not_seen", "seen_not_used", "used")),
    scored=False,
    required=False,
)
Form = tuple[int, str, Mapping[str, str], str | None]  # pair, side, ratings, what it says of the guide


@dataclass(frozen=True)
class Account:
    """Who signs in under this name, and what they have been granted."""

    name: str
    role: Role
    centers: Set[str] = frozenset()
    regions: Set[int] = frozenset()
    states: Set[str] = frozenset()

    @property
    def whole_nation(self) -> bool:
        return self.role is Role.REVIEWER and not self.regions and not self.states

    def reads(self, key: str, places: Iterable[Place]) -> bool:
        """Whether the numbers of this scope are the reader's (contract: who may see what)."""
        kind, _, value = key.partition(":")
        if kind == "nation" or self.role is Role.ADMINISTRATOR or self.whole_nation:
            return True
        if kind == "region":
            return int(value) in self.regions
        inside = [place for place in places if place.state == value] if kind == "state" else []
        return any(place.state in self.states or place.region in self.regions for place in inside)

    def opens(self, place: Place, shared: bool) -> bool:
        """Whether a complete pair is open by name; what an administrator opens is for another trail."""
        if self.role is Role.REVIEWER:
            granted = place.region in self.regions or place.state in self.states
            return shared and (self.whole_nation or granted)
        return bool({place.fusion_center, place.eoc} & self.centers)


@cache
def built_in() -> Library:
    """Read and checked once; a definition never changes."""
    return Library([BUILT_IN])


class OneMore(Library):
    """The built-in questionnaires and one that a test made up."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        super().__init__([])
        self._versions.update(built_in()._versions)
        self._versions[questionnaire.id] = [questionnaire]


@dataclass(eq=False)
class Stored:
    """A network in a database, with the application over it."""

    network: Network
    places: dict[int, Place]
    accounts: list[Account] = field(default_factory=list)
    shared: Set[int] = frozenset()  # what ``share`` was given last

    @property
    def now(self) -> tuple[Any, ...]:
        return self.network.clock.now(), self.network.clock.today()

    def codes(self, pair: int) -> tuple[str, str]:
        return self.places[pair].fusion_center, self.places[pair].eoc

    def open(self, cycle: Cycle, number: int) -> None:
        """Later cycles open on later days; each stays open until it is closed by hand."""
        new = NewCycle(
            code=cycle.code,
            title=f"Cycle {cycle.code}",
            questionnaire="tiny",
            opens=OPENS + timedelta(days=number),
            closes=LAST,
            pairs=[self.codes(pair) for pair in sorted(cycle.status)],
        )
        with self.network.database.writing() as session:
            cycles.open_cycle(session, self.network.library, new, self.now[0])

    def hand_in(self, code: str, forms: Iterable[Form]) -> None:
        lines = ["fusion_center,eoc,side,question,value,note"]
        for pair, side, given, said in forms:
            start = ",".join((*self.codes(pair), side))
            lines += [f"{start},{item},{raw},{'why' * (raw == 'NA')}" for item, raw in given.items()]
            lines.append(f"{start},GUIDE,{said or ''},")
        library, moment = self.network.library, Moment(*self.now)
        with self.network.database.writing() as session:
            import_answers(session, library, "\n".join(lines), code, moment, submit=True, replace=True)

    def close(self, code: str) -> None:
        with self.network.database.writing() as session:
            cycles.close_cycle(session, code, *self.now)

    def reopen(self, code: str) -> None:
        with self.network.database.writing() as session:
            cycles.reopen_cycle(session, code, LAST, *self.now)

    def correct(self, code: str, form: Form) -> None:
        """An administrator reopens a submitted form; it comes back with other answers."""
        edition = self.network.response_id(*self.codes(form[0]), form[1], code)
        admin = self.network.person("admin")
        with self.network.database.writing() as session:
            reopen_response(session, self.network.library, admin, edition, "A slip", Moment(*self.now))
        self.hand_in(code, [form])

    def share(self, shared: Set[int]) -> None:
        """From now on both centers of these pairs share them, and of no others."""
        admin = self.network.person("admin")
        with self.network.database.writing() as session:
            for pair in sorted(self.shared ^ shared):
                for center in self.codes(pair):
                    leader = Person(admin.id, "", "", Role.DIRECTOR, centers=frozenset({center}))
                    sharing.set_shared(session, leader, *self.codes(pair), pair in shared, self.now[0])
        self.shared = frozenset(shared)


def fitting(made: list[Cycle]) -> list[Cycle]:
    """The same cycles with states of two letters, as the directory wants them."""
    names = sorted({place.state for place in made[0].places.values()})
    codes = dict(zip(names, STATES, strict=False))
    places = {pair: replace(place, state=codes[place.state]) for pair, place in made[0].places.items()}
    for cycle in made:
        cycle.places = places
    return made


def stored(settings: Settings, clock: FixedClock, made: list[Cycle]) -> Stored:
    """An application over an empty database, with the directory of these cycles and people of every role."""
    first, *others = made[0].questionnaire.sections
    sections = (Section(first.id, first.title, (*first.questions, GUIDE)), *others)
    app = create_app(settings, library=OneMore(replace(made[0].questionnaire, sections=sections)))
    app.extensions["tandem.clock"] = clock
    app.config["TESTING"] = True
    hurry(app.extensions["tandem.database"])
    network = Network(app, app.extensions["tandem.database"], app.extensions["tandem.library"], clock)
    found = Stored(network, made[0].places, list(accounts_for(list(made[0].places.values()))))
    _add_directory(found)
    _add_people(found)
    return found


def _add_directory(found: Stored) -> None:
    centers: dict[str, Center] = {}
    for place in found.places.values():
        facts: dict[str, Any] = {"state": place.state, "fema_region": place.region}
        level = EocLevel(place.eoc_level).value
        for code, kind, of_kind in ((place.fusion_center, FC, "primary"), (place.eoc, EOC, level)):
            if code not in centers:
                centers[code] = Center(code=code, name=f"Center {code}", kind=kind, level=of_kind, **facts)
    pairs = [
        Pair(id=pair, fusion_center=centers[place.fusion_center], eoc=centers[place.eoc])
        for pair, place in found.places.items()
    ]
    with found.network.database.writing() as session:
        session.add_all([*centers.values(), *pairs])


def accounts_for(places: list[Place]) -> Iterator[Account]:
    """Somebody of every role, with much and with little."""

    def by_size(values: Iterable[Any]) -> list[Any]:
        return [value for value, _ in Counter(values).most_common()]

    regions = by_size(place.region for place in places)
    outside = [place.state for place in places if place.region != regions[0]]
    state = by_size(outside or [place.state for place in places])[0]
    centers, eocs = (by_size(getattr(place, side) for place in places) for side in (FC, EOC))
    yield Account("admin", Role.ADMINISTRATOR)
    yield Account("reviewer", Role.REVIEWER)
    yield Account("region", Role.REVIEWER, regions={regions[0]})
    yield Account("state", Role.REVIEWER, states={state})
    yield Account("parts", Role.REVIEWER, regions={regions[-1]}, states={state})
    yield Account("director", Role.DIRECTOR, centers={centers[0]})
    yield Account("leader", Role.DIRECTOR, centers=set(centers[: max(1, len(centers) // 3)]))
    yield Account("manager", Role.MANAGER, centers={eocs[0]})
    yield Account("staff", Role.STAFF, centers={eocs[-1]})


def _add_people(found: Stored) -> None:
    with found.network.database.writing() as session:
        rows = {row.code: row for row in session.scalars(select(Center))}
        for account in found.accounts:
            regions = [PersonScope(kind="region", value=str(region)) for region in account.regions]
            states = [PersonScope(kind="state", value=state) for state in account.states]
            person = PersonRow(
                email=email_of(account.name),
                name=account.name,
                role=account.role.value,
                password_hash=PASSWORD_HASH,
                created_at=NOW,
                centers=[rows[code] for code in sorted(account.centers)],
                scopes=[*regions, *states],
            )
            session.add(person)
