"""Pairs with two people on each side, their forms, and what is stored of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from assessment.access import Role
from assessment.accounts.services import find_person, start_sign_in
from assessment.cycles.services import NewCycle, open_cycle
from assessment.database import Database
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.models.responses import Answer, Response
from assessment.responding.services import answers_hash
from assessment.responding.stored import load_form, stored_answers
from assessment.web import SESSION_KEY
from questionnaires import routing
from questionnaires.definition import Side
from questionnaires.library import Library
from tests.conftest import PASSWORD_HASH
from tests.durability.serving_process import Visitor

MONTH = timedelta(days=30)
COLLEAGUES = ("a", "b")


@dataclass(frozen=True)
class Form:
    """One side's form and the two people who may fill it in and submit it."""

    response_id: str
    side: Side
    emails: tuple[str, ...]


@dataclass(frozen=True)
class StoredRow:
    number: float | None
    text: str
    revision: int


@dataclass(frozen=True)
class Crowd:
    """The application that wrote the forms, and the forms, two to a pair."""

    app: Flask
    library: Library
    forms: Sequence[Form]

    @property
    def database(self) -> Database:
        return self.app.extensions["tandem.database"]

    @cached_property
    def questions(self) -> dict[Side, list[tuple[str, str]]]:
        """Of each side its questions, with the page on which each stands."""
        questionnaire = self.library.get("worked-example")
        return {
            side: [
                (page.slug, q.id) for page in routing.pages(questionnaire, side, {}) for q in page.questions
            ]
            for side in Side
        }

    def visitor(self, port: int, form: Form, colleague: int = 0) -> Visitor:
        """One of the form's people in a browser that is signed in."""
        with self.database.writing() as session:
            person = find_person(session, form.emails[colleague])
            assert person
            secret = start_sign_in(session, person.id, datetime.now(UTC))
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return Visitor(port, f"tandem={serializer.dumps({SESSION_KEY: secret})}", form.response_id)

    def stored(self, form: Form) -> dict[str, StoredRow]:
        query = (
            select(Answer.question, Answer.number, Answer.text, Answer.revision)
            .join(Response, Answer.response_id == Response.id)
            .where(Response.public_id == form.response_id)
        )
        with self.database.reading() as session:
            return {question: StoredRow(*rest) for question, *rest in session.execute(query)}

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def answer_everything(self, forms: Sequence[Form] | None = None) -> None:
        """A 2 to every question of every form, or of these, so that they can be submitted."""
        with self.database.writing() as session:
            ids = dict(session.execute(select(Response.public_id, Response.id)).all())
            rows = [
                {"response_id": ids[form.response_id], "question": question, "part": "", "status": "answered"}
                | {"number": 2.0, "text": "", "revision": 1, "changed_at": datetime.now(UTC)}
                for form in (self.forms if forms is None else forms)
                for _, question in self.questions[form.side]
            ]
            session.execute(insert(Answer).execution_options(render_nulls=True), rows)

    def hash_of_stored(self, form: Form) -> str:
        """The hash that a receipt of the answers as they stand now would show."""
        with self.database.reading() as session:
            person = find_person(session, form.emails[0])
            assert person
            sheet = load_form(session, self.library, person, form.response_id, date.today())
            found = stored_answers(session, sheet.response.id)
            return answers_hash(sheet, {question: answer.value for question, answer in found.items()})


def gather_crowd(app: Flask, library: Library, pairs: int) -> Crowd:
    """Fill an empty database with this many pairs in an open cycle, as of today."""
    database: Database = app.extensions["tandem.database"]
    with database.writing() as session:
        for number in range(pairs):
            session.add(
                Pair(fusion_center=_center(session, number, "fc"), eoc=_center(session, number, "eoc"))
            )
        session.flush()
        today = date.today()
        cycle = NewCycle("now", "This month", "worked-example", today - MONTH, today + MONTH)
        open_cycle(session, library, cycle, datetime.now(UTC))
        eoc = select(Response.public_id, Response.side, Center.code).select_from(Response)
        query = eoc.join(Response.cycle_pair).join_from(
            Response, Pair, text("cycle_pairs.pair_id = pairs.id")
        )
        rows = session.execute(query.join(Center, Pair.eoc_id == Center.id).order_by(Response.id)).all()
    return Crowd(app, library, [_form(public_id, Side(side), code) for public_id, side, code in rows])


def _center(session: Any, number: int, kind: str) -> Center:
    """A center and its two people, both of whom may submit."""
    kinds = {"fc": ("fusion_center", "primary", Role.DIRECTOR), "eoc": ("eoc", "state", Role.MANAGER)}
    long_kind, level, role = kinds[kind]
    code = f"{kind.upper()}-{number}"
    center = Center(code=code, name=f"Center {code}", kind=long_kind, level=level, state="CO", fema_region=8)
    session.add_all(
        PersonRow(
            email=_email(code, colleague),
            name=f"{code} {colleague}",
            role=role.value,
            password_hash=PASSWORD_HASH,
            created_at=datetime.now(UTC),
            centers=[center],
        )
        for colleague in COLLEAGUES
    )
    return center


def _email(code: str, colleague: str) -> str:
    return f"{code.lower()}-{colleague}@example.gov"


def _form(public_id: str, side: Side, eoc: str) -> Form:
    code = eoc if side is Side.EOC else eoc.replace("EOC", "FC")
    return Form(public_id, side, tuple(_email(code, colleague) for colleague in COLLEAGUES))
