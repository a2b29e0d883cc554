"""A network that is large enough to show numbers, on the application's database: two regions, two cycles."""

from __future__ import annotations

import random
from datetime import date

from assessment.cycles.services import close_cycle
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow, PersonScope
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment
from questionnaires.definition import Side
from tests.conftest import PASSWORD_HASH, Network, email_of

QUESTIONNAIRE = "cpg502-checklist"
FORMULA = '=HYPERLINK("http://attack.example","open me")'
REVIEWERS = {"region8": ("region", "8"), "region9": ("region", "9"), "california": ("state", "CA")}


def add_wide_network(network: Network, pairs: int = 14) -> None:
    """FC-CO with ``pairs`` more EOCs in Region 8, FC-CA with five in Region 9; one name is a formula."""
    with network.database.writing() as session:
        first = session.query(Center).filter_by(code="FC-CO").one()
        second = Center(
            code="FC-CA", name=FORMULA, kind="fusion_center", level="primary", state="CA", fema_region=9
        )
        session.add(second)
        for number in range(pairs + 5):
            west = number >= pairs
            eoc = Center(
                code=f"EOC-{number}",
                name=f"County {number} EOC",
                kind="eoc",
                level="county" if number % 2 else "city",
                state="CA" if west else ("CO", "UT")[number % 2],
                fema_region=9 if west else 8,
            )
            session.add_all([eoc, Pair(fusion_center=second if west else first, eoc=eoc)])
        for name, (kind, value) in REVIEWERS.items():
            session.add(
                PersonRow(
                    email=email_of(name),
                    name=name,
                    role="reviewer",
                    password_hash=PASSWORD_HASH,
                    created_at=network.clock.now(),
                    scopes=[PersonScope(kind=kind, value=value)],
                )
            )


def answered_cycle(network: Network, code: str, opens: date, seed: int = 1, close: bool = True) -> None:
    """A cycle that all pairs but the three of the small network answer."""
    network.open(code, QUESTIONNAIRE, opens=opens, closes=date(2026, 6, 30))
    rng = random.Random(seed)
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        pairs = [
            (pair.fusion_center.code, pair.eoc.code)
            for pair in session.query(Pair).all()
            if pair.eoc.code.removeprefix("EOC-").isdigit()
        ]
        lines = ["fusion_center,eoc,side,question,value"]
        lines += [line for pair in sorted(pairs) for line in _forms(network, rng, pair)]
        import_answers(session, network.library, "\n".join(lines) + "\n", code, moment, submit=True)
    if close:
        with network.database.writing() as session:
            close_cycle(session, code, network.clock.now(), network.clock.today())


def _forms(network: Network, rng: random.Random, pair: tuple[str, str]) -> list[str]:
    found = []
    for side in Side:
        for question in network.library.get(QUESTIONNAIRE).questions:
            if side not in question.sides:
                continue
            if question.type.value == "rating":
                found.append(f"{','.join(pair)},{side},{question.id},{rng.choice('01223344')}")
            elif question.id == "GUIDE":
                said = rng.choice([option.code for option in question.options])
                found.append(f"{','.join(pair)},{side},GUIDE,{said}")
    return found
