"""The command that checks an archive of the network's tables."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_archive(file: Path) -> None:
    """Whether an archive of tables is whole. Example: flask report verify network-2027-nation-csv.zip"""
    from reports.packages import verify

    problems = verify(file.read_bytes())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{file.name} is whole: every file is the one that was written, with all of its rows.")
