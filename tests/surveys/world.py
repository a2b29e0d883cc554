"""A product survey with partners and links, as the director's pages and the outbox would have made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select, text

from assessment.models.surveys import (
    Invitation,
    Partner,
    Survey,
    SurveyDraft,
    SurveyMode,
    SurveyPartner,
    SurveyResponse,
)
from assessment.responding.services import Moment
from assessment.surveys import closing, plans
from assessment.surveys.links import invitation_hash, new_token
from assessment.surveys.plan_rules import SurveyPlan
from questionnaires.definition import Questionnaire
from tests.answering_client import fields_of
from tests.conftest import Browser, Network

PLAN = SurveyPlan(
    fusion_center="FC-CO",
    title="Products 2026",
    opens=date(2026, 6, 1),
    closes=date(2026, 6, 30),
    period_from=date(2025, 6, 1),
    period_to=date(2026, 5, 31),
    burden_minutes=10,
)
DUAL = "importance=4;performance=3"
FULL: Mapping[str, str] = {
    "P-01": "eoc",
    "P-02": "county",
    "P-03": "weekly",
    "P-04": "email;hsin",
    "P-05": "yes",
    **{f"T-0{n}": "NA" for n in range(3, 10)},
    "T-01": "usefulness=4;quality=5",
    "T-02": "usefulness=DK;quality=2",
    **{f"A-{n:02}": DUAL for n in range(1, 13)},
    **{f"U-0{n}": "4" for n in (1, 3, 4, 5)},
    "U-02": "planning;training",
    **{f"O-0{n}": "4" for n in range(1, 5)},
    **{f"S-0{n}": "4" for n in range(1, 6)},
    "N-01": "too_late",
    "N-02": "More maps.",
}


@dataclass
class World:
    """One survey of FC-CO, opened two weeks ago and open for two more."""

    network: Network
    survey_id: int
    public_id: str
    code: str
    tokens: dict[str, str] = field(default_factory=dict)  # e-mail -> a personal link's secret
    open_token: str = ""

    @property
    def moment(self) -> Moment:
        return Moment(self.network.clock.now(), self.network.clock.today())

    @property
    def questionnaire(self) -> Questionnaire:
        with self.network.database.reading() as session:
            return plans.questionnaire_of(self.network.library, session.get_one(Survey, self.survey_id))

    def invite(self, email: str, mark: str = "") -> str:
        """One more link for this person, who is asked from now on; ``mark`` names the link here."""
        token = new_token()
        with self.network.database.writing() as session:
            survey = session.get_one(Survey, self.survey_id)
            center = survey.fusion_center_id
            query = select(Partner).where(Partner.email == email, Partner.fusion_center_id == center)
            partner = session.scalar(query)
            if partner is None:
                partner = Partner(fusion_center_id=center, email=email, name=email)
                session.add(partner)
                session.flush()
            if session.get(SurveyPartner, (survey.id, partner.id)) is None:
                session.add(SurveyPartner(survey_id=survey.id, partner_id=partner.id))
                session.flush()
            session.execute(
                insert(Invitation).values(
                    token_hash=invitation_hash(token),
                    survey_id=survey.id,
                    partner_id=partner.id,
                    made_on=self.moment.today,
                    revoked=False,
                )
            )
        self.tokens[mark or email] = token
        return token

    def open_link(self, cap: int | None = None) -> str:
        self.open_token = new_token()
        with self.network.database.writing() as session:
            survey = session.get_one(Survey, self.survey_id)
            survey.open_link_hash, survey.open_link_cap = invitation_hash(self.open_token), cap
        return self.open_token

    def close(self) -> None:
        """Its last day is over, and somebody looks."""
        self.network.clock.move(days=30)
        self.release()

    def release(self) -> None:
        closing.release_if_due(
            self.network.database, self.network.clock, self.survey_id, self.network.library
        )

    def survey(self) -> Survey:
        with self.network.database.reading() as session:
            return session.get_one(Survey, self.survey_id)

    def asked(self, email: str) -> SurveyPartner:
        with self.network.database.reading() as session:
            query = select(SurveyPartner).join(Partner).where(Partner.email == email)
            return session.scalars(query.where(SurveyPartner.survey_id == self.survey_id)).one()

    def drafts(self) -> list[SurveyDraft]:
        with self.network.database.reading() as session:
            return list(session.scalars(select(SurveyDraft).where(SurveyDraft.survey_id == self.survey_id)))

    def responses(self) -> list[SurveyResponse]:
        with self.network.database.reading() as session:
            query = select(SurveyResponse).where(SurveyResponse.survey_id == self.survey_id)
            return list(session.scalars(query))

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.network.database.reading() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def phone(self, token: str, client: Browser | None = None) -> Phone:
        return Phone(self, token, client or self.network.browser())


def make_world(network: Network, mode: SurveyMode = SurveyMode.CONFIDENTIAL, **changes: Any) -> World:
    plan = replace(PLAN, mode=mode, **changes)
    with network.database.writing() as session:
        survey = plans.create_survey(session, network.library, plan, network.clock.now())
        survey.opened_at = network.clock.now()
        session.flush()
        return World(network, survey.id, survey.public_id, survey.cycle.code)


@dataclass
class Phone:
    """Somebody with a link in a browser of their own, without scripts or as our script does it."""

    world: World
    token: str
    browser: Browser

    def path(self, rest: str = "") -> str:
        return f"/s/{self.token}" + (f"/{rest}" if rest else "")

    def get(self, rest: str = "", **kwargs: Any) -> Any:
        return self.browser.get(self.path(rest), **kwargs)

    def post(self, rest: str, fields: Mapping[str, Any], **kwargs: Any) -> Any:
        return self.browser.client.post(
            self.path(rest), data=dict(fields), base_url="http://localhost", **kwargs
        )

    def start(self, **fields: str) -> Any:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get().get_data(as_text=True))
        return self.post("start", {"csrf_token": found.group(1) if found else ""} | fields)

    def open(self, slug: str) -> dict[str, str]:
        answer = self.get(slug)
        assert answer.status_code == 200, (slug, answer.status_code, answer.location)
        return fields_of(answer.get_data(as_text=True))

    def save(self, fields: Mapping[str, str], slug: str, **answers: str) -> Any:
        """What the script posts when one question changes: save(fields, "P", P_01="eoc")."""
        ((name, code),) = answers.items()
        question = name.replace("_", "-")
        one = {f"{kind}_{question}": fields.get(f"{kind}_{question}", "0") for kind in ("rev", "was")}
        one |= {f"q_{question}": code, "csrf_token": fields["csrf_token"], "page": fields["page"]}
        return self.post(slug, one, headers={"X-Background-Save": "1"})

    def answer_page(self, slug: str, answers: Mapping[str, str], **extra: str) -> Any:
        """Fill in one page and press its button, without scripts."""
        fields = self.open(slug)
        asked = [name.removeprefix("rev_") for name in fields if name.startswith("rev_")]
        posted: dict[str, Any] = {name: value for name, value in fields.items() if not name.startswith("q_")}
        for question in asked:
            if question in answers:
                posted[f"q_{question}"] = answers[question]
        return self.post(slug, posted | extra)

    def answer_all(self, answers: Mapping[str, str] = FULL) -> None:
        """From the start to the review, page by page, as the buttons lead."""
        self.start()
        slug = "P"
        for _ in range(40):
            answer = self.answer_page(slug, answers)
            assert answer.status_code == 302, (slug, answer.status_code, answer.get_data(as_text=True)[:2000])
            slug = answer.location.rsplit("/", 1)[-1]
            if slug == "review":
                return
        raise AssertionError("the pages do not end")

    def finish(self) -> Any:
        return self.post("finish", {"csrf_token": self.browser.token(self.path("review"))})
