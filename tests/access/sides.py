"""Four pairs of one fusion center before and after the reveal, in worlds that differ in one side's answers.

Ids and times are the same in every world. Of the four pairs one is revealed and the same everywhere; in the
others one side's answers differ: their values, notes and reasons, how long these are, how often they were
saved. What stays the same is how many questions are answered, for that may be seen.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessment.access import Role
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from questionnaires.definition import Side
from tests.access.world import World
from tests.answering_client import Sheet
from tests.conftest import NOW, PASSWORD_HASH, Browser, Network, add_network, email_of

FUSION_CENTER = "FC-CO"
DRAFTS, EOC_SUBMITTED, FC_SUBMITTED, REVEALED = EOCS = ("EOC-CO", "EOC-DEN", "EOC-PUE", "EOC-BOU")
SUBMITTED = {Side.EOC: EOC_SUBMITTED, Side.FUSION_CENTER: FC_SUBMITTED}
WRITERS = {Side.FUSION_CENTER: ("analyst", "second"), Side.EOC: ("staff", "deputy")}  # fill in, submit
Answers = dict[str, tuple[str, str]]  # question -> code and note
SECTIONS = {"GOV": 4, "DIS": 5, "ACT": 5}
QUESTIONS = [f"{section}-0{n}" for section, last in SECTIONS.items() for n in range(1, last + 1)]
PLAIN: Answers = dict.fromkeys(QUESTIONS, ("1", ""))
SECRET = "Sierra-Lima-9081"  # stands in every text of the side that differs
OTHERS = [("4", "Exercised in March, twice. " * 60), ("NA", "Not ours. " * 150), ("DK", "?"), ("0", "")]
TOLD: Answers = {
    question: (code, f"{SECRET} {words}")
    for question, (code, words) in zip(QUESTIONS, itertools.cycle(OTHERS), strict=False)
}


@dataclass(frozen=True)
class Version:
    """What one side has answered in the pairs that are not revealed, and how often it has saved."""

    answers: Answers
    saves: int = 1
    sections: int = 1  # of a draft


SAME = Version(PLAIN)
OTHER_WORDS = Version(TOLD)
MANY_SAVES = Version(TOLD, saves=3)
FURTHER = Version(PLAIN, sections=2)


class FixedChance:
    """Random ids that are the same in each world, as long as both ask for the same number of them."""

    def __init__(self) -> None:
        self.start(0)

    def start(self, at: int) -> None:
        self.numbers = itertools.count(at)

    def token_urlsafe(self, length: int | None = 32) -> str:
        return f"id{next(self.numbers):014d}"

    def token_hex(self, length: int | None = 32) -> str:
        return f"{next(self.numbers):0{2 * (length or 32)}x}"


@contextmanager
def fixed_chance() -> Iterator[FixedChance]:
    chance, kept = FixedChance(), (secrets.token_urlsafe, secrets.token_hex)
    secrets.token_urlsafe, secrets.token_hex = chance.token_urlsafe, chance.token_hex  # type: ignore[assignment]
    try:
        yield chance
    finally:
        secrets.token_urlsafe, secrets.token_hex = kept


def build(network: Network, chance: FixedChance, versions: dict[Side, Version]) -> World:
    """The world in which each side has answered so; everybody has signed in before any answer was given."""
    world = World(network)
    with network.database.writing() as session:
        add_network(session)
        session.flush()
        _add_pairs(session)
    network.open()
    browsers = {name: network.browser(name) for names in WRITERS.values() for name in names}
    sheets = {(eoc, side): _sheets(network, browsers, eoc, side) for eoc in EOCS for side in Side}
    for (eoc, side), (filler, signer) in sheets.items():
        version = SAME if eoc == REVEALED else versions.get(side, SAME)
        submitted = (
            eoc == REVEALED or eoc == {Side.EOC: EOC_SUBMITTED, Side.FUSION_CENTER: FC_SUBMITTED}[side]
        )
        chance.start(10_000)  # page tokens of saves, whose number may differ
        _fill(filler, version, whole=submitted)
        if submitted:
            assert signer.submit().location.endswith("/receipt")
    return world


def _add_pairs(session: Session) -> None:
    """Two more EOCs; the manager, the deputy and the staff act for all four."""
    for code in (FC_SUBMITTED, REVEALED):
        place = {"kind": "eoc", "level": "city", "state": "CO", "fema_region": 8}
        session.add(Center(code=code, name=f"Center {code}", **place))
    session.flush()
    centers = {center.code: center for center in session.scalars(select(Center))}
    session.add_all(
        Pair(fusion_center=centers[FUSION_CENTER], eoc=centers[code]) for code in (FC_SUBMITTED, REVEALED)
    )
    session.add(
        PersonRow(
            email=email_of("second"),
            name="Second Director",
            role=Role.DIRECTOR.value,
            password_hash=PASSWORD_HASH,
            created_at=NOW,
            centers=[centers[FUSION_CENTER]],
        )
    )
    for name in ("manager", "deputy", "staff"):
        row = session.scalars(select(PersonRow).where(PersonRow.email == email_of(name))).one()
        row.centers = [centers[code] for code in EOCS]


def _sheets(network: Network, browsers: dict[str, Browser], eoc: str, side: Side) -> tuple[Sheet, Sheet]:
    """Whoever fills in and whoever submits, each in the one browser that they have."""
    filler, signer = (
        Sheet(network, name, side.value, (FUSION_CENTER, eoc), browsers[name]) for name in WRITERS[side]
    )
    return filler, signer


def _fill(sheet: Sheet, version: Version, whole: bool) -> None:
    """All sections, or the first alone; what is saved several times is something else at first."""
    for section in list(SECTIONS)[: None if whole else version.sections]:
        for saving in range(version.saves, 0, -1):
            fields = sheet.open(section)
            for question, (code, note) in version.answers.items():
                if question.startswith(section):
                    early = saving > 1
                    fields[f"q_{question}"] = str(saving) if early else code
                    fields[f"note_{question}"] = f"{SECRET} {saving}" if early else note
            assert sheet.post(section, fields | {"then": "stay"}).status_code == 302
