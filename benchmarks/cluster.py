"""From what size a Dask cluster pays: a network's numbers from the database, an archive, and two workers.

Not a part of ``make bench``, as it keeps no limit: ``python -m benchmarks.cluster [RESPONSES...]`` prints a
line for each size, which docs/bigger-than-one-machine.md quotes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from assessment.database import Database
from assessment.models.cycles import Cycle
from assessment.models.network import NetworkRelease
from assessment.network.release import release_due
from assessment.web import clock
from benchmarks.measure import seconds
from benchmarks.network import _spread
from benchmarks.stored import Filled, filled
from benchmarks.table import conditions
from reports.archive_writing import Sizes, write_archive
from reports.archived_network import gather_archived
from reports.archives import open_archive
from reports.cli import NATION_REVIEWER
from reports.engines import Engine, engine_of, in_turn
from reports.network import Scope
from reports.network_gathering import compute

SIZES = (20_000, 50_000, 100_000)
RUNS = 3
COLUMNS = "responses | answers | files | written | from the database | from the archive | two workers"


@contextmanager
def _unwatched(_length: int) -> Iterator[object]:
    yield lambda _more: None


class World:
    """A nation's answers, all but the last cycle released, in a database and in an archive."""

    def __init__(self, folder: Path, responses: int) -> None:
        self.place: Filled = filled(folder, responses)
        self.database: Database = self.place.app.extensions["tandem.database"]
        self.library = self.place.app.extensions["tandem.library"]
        self.folder = folder / "archive"
        _spread(self.database)
        with self.place.app.app_context():
            self.clock = clock()
        release_due(self.database, self.clock)
        with self.database.reading() as session:
            latest = select(Cycle).join(NetworkRelease, NetworkRelease.cycle_id == Cycle.id)
            self.cycle = session.scalars(latest.order_by(NetworkRelease.released_on.desc())).first()

    def write(self) -> None:
        with self.database.reading() as session:
            about = self.clock.now(), "UNCLASSIFIED", Sizes(pairs=1_000, sheets=10_000)
            self.written = write_archive(session, self.folder, [], *about, _unwatched)

    def from_database(self) -> None:
        compute(self.database, self.library, self.cycle.id)

    def from_archive(self, engine: Engine) -> None:
        asked = self.cycle.code, Scope("nation"), open_archive(self.folder), engine
        gather_archived(self.database, self.clock, self.library, NATION_REVIEWER, *asked)


def line(folder: Path, responses: int, cluster: Engine) -> str:
    world = World(folder, responses)
    written = seconds(world.write)
    taken = [written, seconds(world.from_database)]  # what it computes is kept: one run
    taken += [
        seconds(lambda engine=engine: world.from_archive(engine), RUNS) for engine in (in_turn, cluster)
    ]
    world.database.engine.dispose()
    counts = f"{responses:,} | {world.written.answers:,} | {world.written.files}"
    return " | ".join([counts, *(f"{each:.1f} s" for each in taken)])


def main(sizes: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="tandem-cluster-") as folder, engine_of("dask", None) as cluster:
        print(*conditions(Path(folder)), "", COLUMNS, sep="\n", flush=True)
        for responses in sizes:
            place = Path(folder) / str(responses)
            place.mkdir()
            print(line(place, responses, cluster), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
