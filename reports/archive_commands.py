"""The command that writes an archive of answers, and the options of reports that are made from one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from assessment import audit
from assessment.access import Person
from assessment.answer_rows import all_cycles
from assessment.cli import plain_errors
from assessment.database import Session
from assessment.errors import Refused
from assessment.network.release import release_due
from assessment.surveys.closing import release_cycle
from assessment.web import clock, database, library, settings

if TYPE_CHECKING:
    from reports.archives import Archive
    from reports.engines import Engine
    from reports.network import Scope
    from reports.network_gathering import GatheredNetwork
    from reports.product_gathering import GatheredProducts

ENGINES = ("pandas", "dask")


@dataclass(frozen=True)
class Source:
    """Where a report's answers come from, and what computes it: the database, or an archive and an engine."""

    folder: Path | None
    engine: str
    scheduler: str | None

    @contextmanager
    def opened(self) -> Iterator[tuple[Archive, Engine] | None]:
        """None for the database. Refused, with a sentence, for what does not go together or is not there."""
        if self.folder is None:
            if self.engine != "pandas" or self.scheduler:
                raise Refused(
                    "Dask reads an archive of answers. Write one with flask answers archive, and name it with"
                    " --archive."
                )
            yield None
            return
        from reports.archives import ArchiveError, open_archive
        from reports.engines import engine_of

        try:
            archive = open_archive(self.folder)
            with engine_of(self.engine, self.scheduler) as engine:
                yield archive, engine
        except ArchiveError as error:
            raise Refused(str(error)) from error

    def network(self, person: Person, cycle_code: str, scope: Scope) -> GatheredNetwork:
        """The network for this reader."""
        from reports.archived_network import gather_archived
        from reports.network_gathering import gather_network

        parts = database(), clock(), library(), person, cycle_code, scope
        with self.opened() as opened:
            return gather_archived(*parts, *opened) if opened else gather_network(*parts)

    def products(
        self, session: Session, person: Person, fusion_center: str, cycle_code: str
    ) -> GatheredProducts:
        """The results of a survey for this reader."""
        from reports.archived_products import counting
        from reports.product_gathering import gather_products

        with self.opened() as opened:
            count = counting(session, *opened) if opened else None
            today = clock().today()
            return gather_products(session, library(), person, fusion_center, cycle_code, today, count=count)


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options --archive, --engine and --scheduler, handed in as one ``source``."""

    @click.option(
        "--archive", "archive_folder", default=None, metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path), help="Answers from this archive.",
    )  # fmt: skip
    @click.option("--engine", type=click.Choice(ENGINES), default="pandas", help="What computes it.")
    @click.option("--scheduler", default=None, metavar="URL", help="Of Dask, as tcp://host:8786.")
    @wraps(command)
    def with_source(archive_folder: Path | None, engine: str, scheduler: str | None, **given: Any) -> None:
        command(**given, source=Source(archive_folder, engine, scheduler))

    return with_source


@contextmanager
def _watched(length: int) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label="Writing", file=sys.stderr) as bar:
        yield bar.update


@click.command("archive")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--cycle", "codes", multiple=True, metavar="CODE", help="Only this cycle; may be repeated.")
@click.option("--pairs", default=1_000, type=click.IntRange(1), help="Ids of pairs in one file.")
@click.option("--sheets", default=10_000, type=click.IntRange(1), help="Sheets of a survey in one file.")
@with_appcontext
def write_archive_command(folder: Path, codes: tuple[str, ...], pairs: int, sheets: int) -> None:
    """Write released answers to a new folder of Parquet files, for reports with --archive.

    Without --cycle everything that is released. No words and no names are in it, but single answers are:
    keep it where the database is kept, and delete it when their period ends.

    Example: flask answers archive archive-2027 --cycle checklist-2026 --cycle checklist-2027
    """
    from reports.archive_writing import Sizes, write_archive

    with plain_errors():
        release_due(database(), clock())
        with database().reading() as db:
            released = [cycle.code for cycle in all_cycles(db)]
        for code in codes or released:
            release_cycle(database(), clock(), code, library())
        with database().reading() as db:
            about = clock().now(), settings().marking, Sizes(pairs, sheets)
            written = write_archive(db, folder, codes, *about, _watched)
        with database().writing() as db:
            for code in written.cycles:
                audit.record(db, clock().now(), None, "answers archived", f"cycle {code}")
    click.echo(f"{written.answers:,} answers of {len(written.cycles)} cycles in {folder}.")
