"""The network's numbers of a nation after years: computed for the first time, and read again.

5,000 pairs, both sides, ten cycles, nine of them closed: more than five million answers. The floor of the
first computation is one GROUP BY over all of them, that of reading is a page of the same application that
asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import delete, select, text, update

from assessment.database import Database
from assessment.directory.states import FEMA_REGION
from assessment.models.network import NetworkNumbers, NetworkRelease
from assessment.models.people import PersonRow
from assessment.network.release import release_due
from assessment.web import clock
from benchmarks.measure import Measure, seconds
from benchmarks.pages import FirstLoad
from benchmarks.person import Person
from benchmarks.stored import PASSWORD, Filled, filled
from reports.network_gathering import compute

RESPONSES = 100_000
MOST_BYTES = 700 * 1024
GROUPED = text(  # the submitted answers of the closed cycles: those that ours reads, and no more
    "SELECT count(*) FROM (SELECT cp.cycle_id, cp.pair_id, r.side, a.question, count(*), avg(a.number)"
    " FROM answers a JOIN responses r ON r.id = a.response_id JOIN cycle_pairs cp ON cp.id = r.cycle_pair_id"
    " JOIN network_releases n ON n.cycle_id = cp.cycle_id WHERE r.status = 'submitted'"
    " GROUP BY cp.cycle_id, cp.pair_id, r.side, a.question)"
)
_SPOT = "unicode(question) * 31 + unicode(substr(question, -1))"
NETWORK, NUMBERS, EMPTY = "/reports/network", "/api/v1/reports/network", "/glossary"


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    place = filled(folder, RESPONSES)
    database: Database = place.app.extensions["tandem.database"]
    reviewer = _reviewer(place, database)
    release_all(place)
    read, empty = reviewer.prepared(NUMBERS), reviewer.prepared(EMPTY)
    yield [
        Measure(
            "network numbers of nine cycles, first time, against one GROUP BY",
            "s",
            lambda: seconds(lambda: first(place)),
            lambda: seconds(lambda: grouped(place)),
            1.5,
            5,
        ),
        Measure(
            "network numbers, again, against an empty page",
            "s",
            lambda: seconds(read, 20),
            lambda: seconds(empty, 20),
            3,
        ),
        Measure(
            "network page, first load, gzip, against 700 KB",
            "bytes",
            FirstLoad(reviewer, NETWORK, "gzip").bytes_loaded,
            lambda: float(MOST_BYTES),
            1,
            1,
        ),
    ]
    database.engine.dispose()


def release_all(place: Filled) -> None:
    """Make a nation of what is filled in, and release its closed cycles."""
    database: Database = place.app.extensions["tandem.database"]
    _spread(database)
    with place.app.app_context():
        release_due(database, clock())


def _spread(database: Database) -> None:
    """EOCs of all states and three levels; pairs that stand differently; one form in eight not submitted, one
    answer in 23 not known: so that the parts of the network and the gaps in it are those of a nation."""
    states = sorted(FEMA_REGION)
    with database.writing_connection() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE spread (place, state, region)")
        rows = [(place, state, FEMA_REGION[state]) for place, state in enumerate(states)]
        connection.exec_driver_sql("INSERT INTO spread VALUES (?, ?, ?)", rows)
        connection.exec_driver_sql(
            f"UPDATE centers SET state = s.state, fema_region = s.region FROM spread s"
            f" WHERE kind = 'eoc' AND s.place = centers.id % {len(states)}"
        )
        connection.exec_driver_sql(
            "UPDATE centers SET level = CASE id % 11 WHEN 0 THEN 'state' WHEN 1 THEN 'city' ELSE 'county' END"
            " WHERE kind = 'eoc'"
        )
        connection.exec_driver_sql(
            "UPDATE responses SET status = 'draft', submitted_at = NULL, answers_hash = NULL"
            " WHERE (id * 2654435761 >> 11) % 8 = 0"
        )
        drawn = f"((response_id * 256 + {_SPOT}) * 2654435761 >> 11)"
        connection.exec_driver_sql(
            f"UPDATE answers SET status = CASE {drawn} % 23 WHEN 0 THEN 'do_not_know' ELSE status END,"
            f" number = CASE {drawn} % 23 WHEN 0 THEN NULL ELSE"
            f" min(4.0, ((response_id / 2) * 2654435761 >> 13) % 3 + {drawn} / 23 % 3) END"
            " WHERE number IS NOT NULL"
        )
        connection.exec_driver_sql("DROP TABLE spread")


def _reviewer(place: Filled, database: Database) -> Person:
    """Somebody who reads the nation: one of the managers, made a reviewer."""
    with database.writing() as session:
        person = session.scalars(select(PersonRow).where(PersonRow.email == place.email)).one()
        person.centers = []
        session.flush()
        session.execute(update(PersonRow).where(PersonRow.id == person.id).values(role="reviewer"))
    found = Person(place.app)
    found.sign_in(place.email, PASSWORD)
    return found


def first(place: Filled) -> None:
    """Compute all numbers of the closed cycles as if nobody had read them before."""
    database: Database = place.app.extensions["tandem.database"]
    with database.writing() as session:
        session.execute(delete(NetworkNumbers))
    with database.reading() as session:
        latest = session.scalars(
            select(NetworkRelease.cycle_id).order_by(NetworkRelease.released_on.desc())
        ).first()
    assert latest is not None
    compute(database, place.app.extensions["tandem.library"], latest)


def grouped(place: Filled) -> None:
    """The floor: one GROUP BY over the same answers."""
    database: Database = place.app.extensions["tandem.database"]
    with database.reading() as session:
        session.execute(GROUPED).scalar_one()
