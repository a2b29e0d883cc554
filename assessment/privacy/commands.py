"""The commands that show and carry out what becomes of cycles past their period."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from assessment.privacy import retention
from assessment.privacy.retention import Planned
from assessment.web import clock, database, settings

retention_group = AppGroup("retention", help="Cycles past the period for which answers are kept.")
UNSET = "TANDEM_RETENTION_YEARS is not set, so answers are kept for good."
NOTHING = "No cycle is past its period."


def _planned() -> list[Planned]:
    with database().reading() as db:
        return retention.plan(db, clock().today(), settings().retention_years)


def _words(planned: Planned) -> str:
    rows = ", ".join(f"{count:,} {table}" for table, count in planned.rows.items())
    begun = " (begun, not finished)" if planned.begun else ""
    return f"{planned.code}, closed on {planned.closed_on}{begun}: {rows or 'no rows'}"


@retention_group.command("plan")
def plan() -> None:
    """What `flask retention run` would remove now, by cycle and table; removes nothing.

    Example: flask retention plan
    """
    if not settings().retention_years:
        click.echo(UNSET)
        return
    planned = _planned()
    for line in planned:
        click.echo(_words(line))
    if not planned:
        click.echo(NOTHING)


@retention_group.command("run")
@click.option("--yes", is_flag=True, help="Do not ask.")
def run(yes: bool) -> None:
    """Remove single answers, notes, drafts, partner lists and messages of cycles past their period.

    What was released of many together stays. The worker (`flask work`) does the same by itself. A run that
    was stopped is gone on with by the next.

    Example: flask retention run --yes
    """
    if not settings().retention_years:
        click.echo(UNSET)
        return
    planned = _planned()
    if not planned:
        click.echo(NOTHING)
        return
    for line in planned:
        click.echo(_words(line))
    if not yes and not click.confirm("Remove this for good? There is no way back."):
        click.echo("Nothing was removed.")
        sys.exit(1)
    keep = current_app.extensions["tandem.aggregates"]
    for done in retention.run(database(), clock(), settings().retention_years, keep):
        click.echo(f"Removed. {_words(done)}".replace(" (begun, not finished)", ""))
