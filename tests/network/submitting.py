"""How tests of a release hand in answers: a file of one side, as a paper form would be."""

from __future__ import annotations

from sqlalchemy import text

from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment
from questionnaires.definition import Side
from tests.conftest import PAIRS, Network

Pair = tuple[str, str]
COLORADO, DENVER, WYOMING = PAIRS


def submit(
    network: Network,
    pair: Pair,
    *sides: Side,
    value: int = 2,
    cycle: str = "spring",
    questionnaire: str = "worked-example",
) -> None:
    """Each of these sides (both where none is named) rates everything it is asked the same, and submits."""
    asked = network.library.get(questionnaire).questions
    lines = "fusion_center,eoc,side,question,value\n" + "".join(
        f"{','.join(pair)},{side},{question.id},{value}\n"
        for side in sides or Side
        for question in asked
        if side in question.sides and question.type.value == "rating"
    )
    moment = Moment(network.clock.now(), network.clock.today())
    with network.database.writing() as session:
        import_answers(session, network.library, lines, cycle, moment, submit=True)


def rows(network: Network, query: str, **values: object) -> list[tuple[object, ...]]:
    with network.database.reading() as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def released(network: Network, cycle: str = "spring") -> dict[Pair, str]:
    """Pair -> status, of what was released; empty before."""
    query = (
        "SELECT rp.fusion_center, rp.eoc, rp.status FROM released_pairs rp"
        " JOIN cycles c ON c.id = rp.cycle_id WHERE c.code = :cycle"
    )
    return {(str(fc), str(eoc)): str(status) for fc, eoc, status in rows(network, query, cycle=cycle)}
