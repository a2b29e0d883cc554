"""The commands that print reports."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from assessment import audit
from assessment.access import Person, Role
from assessment.accounts.services import find_person
from assessment.cli import answers_group, plain_errors
from assessment.cycles.reading import note_command_view
from assessment.database import Session
from assessment.errors import Refused
from assessment.network.release import release_due
from assessment.surveys import results
from assessment.surveys.closing import release_cycle
from assessment.web import clock, database, library, settings
from reports.archive_commands import Source, source_options, write_archive_command
from reports.export_commands import verify_archive

ADMINISTRATOR = Person(id=0, name="command line", email="", role=Role.ADMINISTRATOR)
NATION_REVIEWER = Person(id=0, name="command line", email="", role=Role.REVIEWER)

report_group = AppGroup("report", help="Reports as JSON.")


def reader(session: Session, email: str | None, otherwise: Person = ADMINISTRATOR) -> Person:
    """Whom the report is for: a person by their address, else whoever the command line reads it as."""
    if email is None:
        return otherwise
    person = find_person(session, email)
    if person is None:
        raise Refused(f"There is no account for {email}.")
    return person


@report_group.command("pair")
@click.argument("fusion_center")
@click.argument("eoc")
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
@click.option("--as", "email", default=None, metavar="EMAIL", help="As this person reads it.")
@click.option("--format", "output", type=click.Choice(["json"]), default="json")
def report_pair(fusion_center: str, eoc: str, cycle_code: str, email: str | None, output: str) -> None:
    """The report of one pair. Example: flask report pair FC-CO EOC-CO --cycle checklist-2027"""
    from reports.gathering import gather_pair

    release_due(database(), clock())
    with plain_errors():
        with database().reading() as db:
            person = reader(db, email)
            found = gather_pair(db, library(), person, fusion_center, eoc, cycle_code)
        note_command_view(database(), found.place, person.id, clock().now())
        click.echo(json.dumps(found.report.to_json(), indent=2, allow_nan=False))


@report_group.command("products")
@click.argument("fusion_center")
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
@click.option("--as", "email", default=None, metavar="EMAIL", help="As this person reads it.")
@click.option("--format", "output", type=click.Choice(["json"]), default="json")
@source_options
def report_products(
    fusion_center: str, cycle_code: str, email: str | None, output: str, source: Source
) -> None:
    """The results of a product survey. Example: flask report products FC-CO --cycle products-2027

    From an archive, on a cluster: flask report products FC-CO --cycle products-2027 --archive archive-2027
    --engine dask --scheduler tcp://10.0.0.5:8786
    """
    with plain_errors():
        results.release_due(database(), clock(), library(), fusion_center)
        with database().reading() as db:
            person = reader(db, email)
            found = source.products(db, person, fusion_center, cycle_code)
        if found.place.readable:
            how = f"command line as person {person.id}" if person.id else "command line"
            results.note_view(database(), found.place.survey, ADMINISTRATOR, clock().now(), how)
        click.echo(json.dumps(found.report.to_json(), indent=2, allow_nan=False))


@report_group.command("network")
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
@click.option("--region", default=None, metavar="N", help="A FEMA region, 1 to 10.")
@click.option("--state", default=None, metavar="ST", help="A state, as CO.")
@click.option("--level", default=None, metavar="LEVEL", help="EOCs of one level, as county.")
@click.option("--as", "email", default=None, metavar="EMAIL", help="As this person reads it.")
@click.option("--format", "output", type=click.Choice(["json"]), default="json")
@source_options
def report_network(
    cycle_code: str,
    region: str | None,
    state: str | None,
    level: str | None,
    email: str | None,
    output: str,
    source: Source,
) -> None:
    """The network, or a part of it. Example: flask report network --cycle checklist-2027 --region 8

    From an archive, on a cluster: flask report network --cycle checklist-2027 --archive archive-2027
    --engine dask --scheduler tcp://10.0.0.5:8786
    """
    from reports.network_routes import asked_scope

    with plain_errors():
        scope = asked_scope(region, state, level)
        with database().reading() as db:
            person = reader(db, email, NATION_REVIEWER)
        found = source.network(person, cycle_code, scope)
        click.echo(json.dumps(found.report.to_json(), indent=2, allow_nan=False))


@answers_group.command("export")
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
@click.option("--format", "kind", required=True, type=click.Choice(["csv", "xlsx", "sav", "parquet"]))
@click.option("--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--comments", is_flag=True, help="Released comments of a survey too.")
def answers_export(cycle_code: str, kind: str, output: Path, comments: bool) -> None:
    """What is revealed: both sides of pairs, the sheets of a closed survey; names of nobody.

    Example: flask answers export --cycle products-2027 --format sav --output products.sav
    """
    from reports.answer_gathering import export_answers

    with plain_errors():
        release_cycle(database(), clock(), cycle_code, library())
        with database().reading() as db:
            count = export_answers(db, library(), cycle_code, kind, output, settings().marking, comments)
        with database().writing() as db:
            audit.record(
                db, clock().now(), None, "answers exported", f"cycle {cycle_code}", f"{count}, {kind}"
            )
    click.echo(f"{count:,} answers in {output}.")


def register_report_commands(app: Flask) -> None:
    report_group.add_command(verify_archive)
    answers_group.add_command(write_archive_command)
    app.cli.add_command(report_group)
