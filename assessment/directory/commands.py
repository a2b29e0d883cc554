"""The commands that load the directory from files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup

from assessment.directory import services
from assessment.directory.csv_files import MAX_BYTES
from assessment.directory.services import ImportResult
from assessment.errors import BadLines
from assessment.web import clock, database

directory_group = AppGroup("directory", help="Centers and pairs.")
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")


@directory_group.command("import-centers")
@click.argument("file", type=FILE)
@DRY_RUN
def import_centers(file: Path, dry_run: bool) -> None:
    """Add and change centers from a CSV file with the columns code,name,kind,level,state,fema_region and,
    where wanted, city and confidence.

    All or nothing: each bad line is listed with its number, column and reason, and nothing is written.

    Example: flask directory import-centers centers.csv --dry-run
    """
    _import(services.import_centers, file, dry_run)


@directory_group.command("import-pairs")
@click.argument("file", type=FILE)
@DRY_RUN
def import_pairs(file: Path, dry_run: bool) -> None:
    """Add pairs from a CSV file with the columns fusion_center,eoc; inactive pairs become active again.

    All or nothing: each bad line is listed with its number, column and reason, and nothing is written.

    Example: flask directory import-pairs pairs.csv
    """
    _import(services.import_pairs, file, dry_run)


def _import(service: Callable[..., ImportResult], file: Path, dry_run: bool) -> None:
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    try:
        with database().reading() if dry_run else database().writing() as db:
            result = service(db, content, clock().now(), dry_run=dry_run)
    except BadLines as bad:
        _complain(bad.problems)
        sys.exit(1)
    for line in [*result.added, *result.changed] if dry_run else []:
        click.echo(line)
    click.echo(result.sentence + (" Nothing was written: a dry run." if dry_run else ""))


def _complain(problems: list[str]) -> None:
    """All of them, however many: a terminal scrolls, and the output can go to a file."""
    for problem in problems:
        click.echo(problem, err=True)
    number = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    click.echo(f"{number}. Nothing was written.", err=True)
