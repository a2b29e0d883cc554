"""The commands of ``flask``: database, people, cycles, answers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from assessment import schema
from assessment.access import Role
from assessment.accounts import factors
from assessment.accounts import services as accounts
from assessment.audit_commands import audit_group
from assessment.cycles import services as cycles
from assessment.database import Session
from assessment.demonstration.commands import demo_group
from assessment.directory.commands import directory_group
from assessment.errors import BadLines, NotFound, Refused
from assessment.models.surveys import SurveyMode
from assessment.privacy.commands import retention_group
from assessment.responding.answer_files import import_answers
from assessment.responding.services import Moment
from assessment.surveys.answer_files import import_survey_answers
from assessment.surveys.closing import move_finished_of, release_cycle
from assessment.surveys.commands import invitations_group, mail_group
from assessment.surveys.plans import create_for_cycle
from assessment.web import clock, database, library
from assessment.working.commands import work_command

DAY = click.DateTime(formats=["%Y-%m-%d"])
LINES_A_STEP = 1000  # of a progress bar


@contextmanager
def plain_errors() -> Iterator[None]:
    """What a service refuses, as a sentence on standard error and exit status 1."""
    try:
        yield
    except BadLines as bad:
        for problem in bad.problems:
            click.echo(shown(problem), err=True)
        click.echo(f"{len(bad.problems)} problems; nothing was written.", err=True)
        sys.exit(1)
    except (Refused, NotFound) as error:
        click.echo(shown(str(error)) or "Not found.", err=True)
        sys.exit(1)


def shown(words: str) -> str:
    """What a file or a name brings along does not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in words)


def read_text(file: Path) -> str:
    """A file as UTF-8, with or without a byte-order mark."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error


db_group = AppGroup("db", help="The database's tables.")


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration. Example: flask db upgrade

    On PostgreSQL people may go on working meanwhile.
    """
    with plain_errors():
        schema.upgrade(database())
    click.echo("The database is up to date.")


users_group = AppGroup("users", help="People and what they may act for.")


@users_group.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--center", "centers", multiple=True, metavar="CODE")
@click.option("--region", "regions", multiple=True, type=int, metavar="N")
@click.option("--state", "states", multiple=True, metavar="ST")
def users_add(email: str, name: str, role: str, centers: Any, regions: Any, states: Any) -> None:
    """Add a person; the password is read from standard input.

    Example: echo "$PASSWORD" | flask users add pat@example.gov --name "Pat Lee" --role manager
    --center EOC-CO
    """
    prompt = "Password: " if sys.stdin.isatty() else ""
    password = click.prompt(prompt, hide_input=True) if prompt else sys.stdin.readline().rstrip("\r\n")
    new = accounts.NewPerson(email, name, Role(role), centers, regions, [state.upper() for state in states])
    with plain_errors(), database().writing() as db:
        accounts.add_person(db, new, password, clock().now())
    click.echo(f"{email} can sign in now.")


@users_group.command("remove-factors")
@click.argument("email")
def users_remove_factors(email: str) -> None:
    """Remove the second factors of somebody who has lost them; the password alone signs in then.

    For the one administrator whom nobody else can help. Example: flask users remove-factors pat@example.gov
    """
    with plain_errors(), database().writing() as db:
        factors.remove_all_of(db, email, clock().now())
    click.echo(f"{email} has no second factor any more and signs in with the password alone.")


cycles_group = AppGroup("cycles", help="Opening and closing cycles.")


@cycles_group.command("open")
@click.argument("code")
@click.option("--questionnaire", required=True, metavar="ID")
@click.option("--version", default=None)
@click.option("--title", required=True)
@click.option("--opens", required=True, type=DAY)
@click.option("--closes", required=True, type=DAY, help="The last day, included.")
@click.option("--pairs", "pairs_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--center", "centers", multiple=True, metavar="FC", help="Only this fusion center.")
@click.option("--mode", type=click.Choice([mode.value for mode in SurveyMode]), help="Of a survey.")
@click.option("--floor", type=int, help="Of a survey: fewer respondents are hidden; 10 where left out.")
def cycles_open(
    code: str,
    questionnaire: str,
    version: str | None,
    title: str,
    opens: Any,
    closes: Any,
    pairs_file: Path | None,
    centers: Any,
    mode: str | None,
    floor: int | None,
) -> None:
    """Ask both sides of every active pair, or of those of a file; a survey asks the partners of each center.

    Example: flask cycles open checklist-2027 --questionnaire cpg502-checklist --title "Checklist 2027"
    --opens 2027-01-10 --closes 2027-03-31

    Example: flask cycles open products-2027 --questionnaire product-usefulness --title "Products 2027"
    --opens 2027-05-01 --closes 2027-05-31 --mode anonymous --floor 10
    """
    with plain_errors(), database().writing() as db:
        new = cycles.NewCycle(
            code, title, questionnaire, opens.date(), closes.date(), version,
            pairs=_pairs_of(pairs_file) if pairs_file else None, centers=centers,
        )  # fmt: skip
        _open(db, new, SurveyMode(mode) if mode else None, floor)
    click.echo(f"Cycle {code} is set up.")


def _open(db: Session, new: cycles.NewCycle, mode: SurveyMode | None, floor: int | None) -> None:
    asked = cycles.check_new_cycle(db, library(), new)
    if asked.is_survey:
        create_for_cycle(db, library(), new, mode, floor, clock().now())
    elif mode is not None or floor is not None:
        raise Refused("--mode and --floor are a survey's; a checklist has neither. Leave them out.")
    elif asked.scoring is None:
        raise Refused(
            f"{asked.title} has no scoring rules, so that no report could be made of it."
            " Add a block scoring to its definition."
        )
    else:
        cycles.open_cycle(db, library(), new, clock().now())


def _pairs_of(file: Path) -> list[tuple[str, str]]:
    rows = csv.DictReader(read_text(file).splitlines())
    if not {"fusion_center", "eoc"} <= set(rows.fieldnames or ()):
        raise BadLines([f"{file}, line 1: the columns must be fusion_center,eoc."])
    return [((row["fusion_center"] or "").strip(), (row["eoc"] or "").strip()) for row in rows]


@cycles_group.command("close")
@click.argument("code")
def cycles_close(code: str) -> None:
    """Close a cycle now. Example: flask cycles close checklist-2027"""
    with plain_errors(), database().writing() as db:
        cycles.close_cycle(db, code, clock().now(), clock().today())
    release_cycle(database(), clock(), code, library())
    click.echo(f"Cycle {code} is closed.")


@cycles_group.command("reopen")
@click.argument("code")
@click.option("--closes", required=True, type=DAY, help="The new last day, included.")
def cycles_reopen(code: str, closes: Any) -> None:
    """Let the sides go on. Example: flask cycles reopen checklist-2027 --closes 2027-04-15"""
    release_cycle(database(), clock(), code, library())  # before later answers can come in
    with plain_errors(), database().writing() as db:
        cycles.reopen_cycle(db, code, closes.date(), clock().now(), clock().today())
    click.echo(f"Cycle {code} is open until {closes.date()}.")


answers_group = AppGroup("answers", help="Answers from and to files.")


@answers_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
@click.option("--submit", is_flag=True, help="Submit each side or respondent in the file, as a paper form.")
@click.option("--replace", is_flag=True, help="Let answers of a draft be replaced.")
def answers_import(file: Path, cycle_code: str, submit: bool, replace: bool) -> None:
    """Write the answers of a CSV file: fusion_center,eoc,side,question,value[,note].

    Of a survey: fusion_center,respondent,question,part,value, where respondent joins the lines of one sheet.

    Example: flask answers import paper-forms.csv --cycle checklist-2027 --submit
    """
    moment = Moment(clock().now(), clock().today())
    with plain_errors(), database().writing() as db:
        cycle = cycles.find_cycle(db, cycle_code)
        of_survey = library().get(cycle.questionnaire_id, cycle.version).is_survey
        if of_survey:
            opened = partial(watched_lines, file)
            count, who = import_survey_answers(db, library(), opened, cycle_code, moment, submit, replace)
        else:
            count, who = import_answers(db, library(), read_text(file), cycle_code, moment, submit, replace)
    if of_survey:
        move_finished_of(database(), cycle_code)
    whose = "respondents" if of_survey else "sides"
    click.echo(f"{count} answers of {who} {whose} {'submitted' if submit else 'saved'}.")


@contextmanager
def watched_lines(file: Path) -> Iterator[Iterator[str]]:
    """The lines of a text file, with a bar on a terminal that shows how far one is."""
    size = file.stat().st_size
    with (
        file.open(encoding="utf-8-sig", newline="") as text,
        click.progressbar(length=size, label="Reading", file=sys.stderr) as bar,
    ):
        yield counted(text, bar.update)


def counted(text: Iterable[str], update: Callable[[int], None]) -> Iterator[str]:
    read = 0
    for number, line in enumerate(text):
        read += len(line)
        if number % LINES_A_STEP == 0:
            update(read)
            read = 0
        yield line


def register_commands(app: Flask) -> None:
    groups = (db_group, demo_group, directory_group, users_group, cycles_group, answers_group)
    for group in (*groups, audit_group, invitations_group, mail_group, retention_group):
        app.cli.add_command(group)
    app.cli.add_command(work_command)
