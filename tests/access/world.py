"""A network in which every kind of object is there once: own, foreign, shared or not, revealed or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessment.access import Person, Role
from assessment.accounts import services
from assessment.cycles import services as cycles
from assessment.models.directory import Center, Pair
from assessment.models.exports import Export, ExportState
from assessment.models.people import PersonRow, PersonScope
from assessment.models.surveys import (
    Invitation,
    Message,
    MessageKind,
    MessageState,
    Partner,
    SurveyPartner,
)
from assessment.network import sharing
from assessment.network.release import release_due
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment
from assessment.surveys.links import invitation_hash, opt_out_token
from assessment.web import SESSION_KEY
from questionnaires.definition import Side
from tests.access.belongings import add_belongings
from tests.access.people import BY_NAME, DEMONSTRATION, INACTIVE, NOBODY, SIGNED_IN, Actor
from tests.conftest import NOW, PASSWORD_HASH, Browser, Network, add_network, email_of
from tests.network.submitting import submit
from tests.product_world import released, sheet
from tests.survey_world import add_survey

FC, EOC = Side.FUSION_CENTER, Side.EOC
MORE_CENTERS = [
    ("FC-NV", "Nevada Threat Analysis Center", "fusion_center", "primary", "NV", 9),
    ("EOC-NV", "Nevada State EOC", "eoc", "state", "NV", 9),
    ("EOC-LV", "Las Vegas EOC", "eoc", "city", "NV", 9),
    ("EOC-CHY", "Cheyenne EOC", "eoc", "city", "WY", 8),
]
MORE_PAIRS = [("FC-NV", "EOC-NV"), ("FC-NV", "EOC-LV"), ("FC-WY", "EOC-CHY")]
SHARED = [("FC-CO", "EOC-CO"), ("FC-WY", "EOC-WY"), ("FC-NV", "EOC-NV")]
ONE_SIDED = [("FC-CO", "EOC-DEN"), ("FC-NV", "EOC-LV")]
HOSTILE = ("1", "a'--", "..%2f..", "%00", "{{7*7}}", "A" * 300)
UNKNOWN = "nobody-has-this-id"


@dataclass(frozen=True)
class Thing:
    """Something that an address names, with what must be known of it to say who may see it."""

    label: str
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    there: bool = True
    centers: frozenset[str] = frozenset()  # whose it is
    owner: str = ""  # the one person whose it is
    region: int = 0
    state: str = ""
    marks: frozenset[str] = frozenset()  # shared, revealed, submitted, released, plan, closed ...

    def __str__(self) -> str:
        return self.label


@dataclass
class World:
    network: Network
    things: dict[str, list[Thing]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, actor: Actor) -> Browser:
        """The same browser for the same person, signed in once."""
        if actor.name not in self.browsers:
            self.browsers[actor.name] = self.new_browser(actor)
        return self.browsers[actor.name]

    def new_browser(self, actor: Actor) -> Browser:
        """One more, signed in as after all factors; who is shut out has a sign-in from before that."""
        browser = Browser(self.network.app.test_client())
        if actor is NOBODY:
            return browser
        with self.network.database.writing() as session:
            query = select(PersonRow.id).where(PersonRow.email == email_of(actor.name))
            secret = services.start_sign_in(session, session.scalars(query).one(), NOW)
        with browser.client.session_transaction() as cookie:
            cookie[SESSION_KEY] = secret
        return browser

    @property
    def moment(self) -> tuple[Any, date]:
        return self.network.clock.now(), self.network.clock.today()


def build(network: Network) -> World:
    """Fill an empty database."""
    world = World(network)
    with network.database.writing() as session:
        add_network(session)
        session.flush()
        _add_places_and_people(session)
    _winter(world)
    _spring(world)
    with network.database.writing() as session:
        _add_surveys(world, session)
        _add_exports(world, session)
        add_belongings(world, session)
        for row in session.scalars(select(PersonRow)):
            world.ids[f"person {row.email.split('@')[0]}"] = row.public_id
    return world


def _add_places_and_people(session: Session) -> None:
    for code, name, kind, level, state, region in MORE_CENTERS:
        session.add(Center(code=code, name=name, kind=kind, level=level, state=state, fema_region=region))
    session.flush()
    centers = {center.code: center for center in session.scalars(select(Center))}
    session.add_all(Pair(fusion_center=centers[fc], eoc=centers[eoc]) for fc, eoc in MORE_PAIRS)
    known = set(session.scalars(select(PersonRow.email)))
    for actor in (*SIGNED_IN, INACTIVE, DEMONSTRATION):
        if email_of(actor.name) in known:
            continue
        scopes = [PersonScope(kind="region", value=str(region)) for region in actor.regions]
        scopes += [PersonScope(kind="state", value=state) for state in actor.states]
        session.add(
            PersonRow(
                email=email_of(actor.name),
                name=actor.name.capitalize(),
                role=(actor.role or Role.ADMINISTRATOR).value,  # who is shut out could see most
                password_hash=PASSWORD_HASH,
                created_at=NOW,
                active=actor is not INACTIVE,
                demonstration=actor is DEMONSTRATION,
                centers=[centers[code] for code in actor.centers],
                scopes=scopes,
            )
        )


def _winter(world: World) -> None:
    """A cycle that has closed: pairs complete or one-sided, shared or not."""
    network = world.network
    network.open("winter", opens=date(2026, 1, 1), closes=date(2026, 6, 30))
    with network.database.writing() as session:
        admin = session.scalars(select(PersonRow.id).where(PersonRow.email == email_of("admin"))).one()
        for pair in SHARED:
            for code in pair:
                leader = Person(admin, "", "", Role.DIRECTOR, centers=frozenset({code}))
                sharing.set_shared(session, leader, *pair, True, NOW)
    for pair in (*SHARED, ("FC-WY", "EOC-CHY")):
        submit(network, pair, cycle="winter")
    for pair in ONE_SIDED:
        submit(network, pair, EOC, cycle="winter")
    with network.database.writing() as session:
        cycles.close_cycle(session, "winter", *world.moment)
    release_due(network.database, network.clock)


def _spring(world: World) -> None:
    """A cycle that is open: drafts, and sides that have submitted while the other has not."""
    world.network.open("spring")
    for pair in (("FC-CO", "EOC-CO"), ("FC-NV", "EOC-NV")):
        submit(world.network, pair, EOC, cycle="spring")
    lines = "fusion_center,eoc,side,question,value\n" + "".join(
        f"FC-NV,EOC-NV,fusion_center,{question.id},2\n"
        for question in world.network.library.get("worked-example").questions
        if FC in question.sides
    )
    with world.network.database.writing() as session:
        import_answers(session, world.network.library, lines, "spring", Moment(*world.moment))


def _add_surveys(world: World, session: Session) -> None:
    questionnaire = world.network.library.get("product-usefulness", "1.0")
    sheets = [sheet("eoc" if place % 2 else "fire_ems", 4, "A comment") for place in range(24)]
    today = date(2026, 6, 10)
    made = {
        "open": add_survey(session, 3, "survey-open", open_link_cap=50),
        "plan": add_survey(session, 0, "survey-plan", opened_at=None),
        "closed": released(session, questionnaire, sheets, "survey-closed", shared_on=date(2026, 5, 2)),
        "kept": released(session, questionnaire, sheets, "survey-kept"),
        "nevada open": add_survey(session, 0, "survey-nv-open", center="FC-NV"),
        "nevada closed": released(
            session, questionnaire, sheets, "survey-nv-closed", center="FC-NV", shared_on=today
        ),
        "nevada kept": released(session, questionnaire, sheets, "survey-nv-kept", today, center="FC-NV"),
    }
    for name, survey in made.items():
        world.ids[f"survey {name}"] = survey.public_id
    partner = session.scalars(select(Partner).order_by(Partner.id)).first()
    assert partner is not None
    message = Message(
        survey_id=made["open"].id,
        partner_id=partner.id,
        kind=MessageKind.INVITATION.value,
        state=MessageState.UNCERTAIN.value,
        not_before=NOW,
    )
    session.add(message)
    session.flush()
    world.ids |= {"partner": partner.public_id, "message": message.public_id}
    key = world.network.app.config["SECRET_KEY"]
    world.ids["opt-out"] = opt_out_token(partner.public_id, key)
    _add_links(world, session, made["open"].id)


def _add_links(world: World, session: Session, survey_id: int) -> None:
    """One link of each state, for a partner each."""
    asked = session.scalars(select(SurveyPartner).where(SurveyPartner.survey_id == survey_id)).all()
    for row, name in zip(asked, ("usable", "revoked", "spent"), strict=True):
        token = f"link-{name}".ljust(32, "x")
        world.ids[f"link {name}"] = token
        row.finished_on = date(2026, 6, 14) if name == "spent" else None
        session.execute(
            insert(Invitation).values(
                token_hash=invitation_hash(token),
                survey_id=survey_id,
                partner_id=row.partner_id,
                made_on=date(2026, 6, 2),
                revoked=name == "revoked",
            )
        )


def _add_exports(world: World, session: Session) -> None:
    """A file of one's own, and one of somebody elsewhere; both are still being made."""
    for name in ("director", "nevada", "reviewer"):
        email = email_of(BY_NAME[name].name)
        person = session.scalars(select(PersonRow).where(PersonRow.email == email)).one()
        row = Export(
            person_id=person.id,
            kind="network-package",
            parameters="{}",
            title="All of it",
            asked_at=NOW,
            expires_at=NOW + timedelta(hours=24),
            state=ExportState.WAITING.value,
        )
        session.add(row)
        session.flush()
        world.ids[f"export {name}"] = row.public_id
