"""The commands of whoever runs Tandem: backup, restore, doctor."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from assessment import audit, schema
from assessment.database import Database
from assessment.errors import Refused
from assessment.operations import backups, doctor, moving
from assessment.web import clock, database, settings

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("backup")
@with_appcontext
@FILE
def backup(file: Path) -> None:
    """Copy the whole database to FILE, while people go on saving.

    FILE holds all answers: keep it as safe as the database. It does not hold the keys of the instance folder
    (secret_key, audit_key); keep them elsewhere.

    Example: flask backup /backups/tandem-2027-01-31.zip
    """
    try:
        with database().writing() as db:
            audit.record(db, clock().now(), None, "backup made", f"file {file.name}")
        manifest = backups.make(settings(), file, clock().now())
    except Refused as refused:
        click.echo(refused.message, err=True)
        sys.exit(1)
    click.echo(f"{file}: {sum(manifest.tables.values()):,} rows, SHA-256 {manifest.sha256}")
    click.echo(f"Newest link of the audit trail: {manifest.audit_link or 'none'}")


@click.command("restore")
@with_appcontext
@FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the place of the database. What is there is kept beside it, in the instance folder.

    Stop the server first: what somebody saves meanwhile would be in neither.

    Example: flask restore /backups/tandem-2027-01-31.zip
    """
    if not yes:
        click.confirm(f"Everything in the database is replaced by what is in {file}. Go on?", abort=True)
    now = clock().now()
    database().engine.dispose()
    try:
        manifest, before = backups.restore(settings(), file, now)
    except Refused as refused:
        click.echo(f"{refused.message} Nothing was changed.", err=True)
        sys.exit(1)
    database().engine.dispose()
    click.echo(f"Restored: {sum(manifest.tables.values()):,} rows as of {manifest.made_at}.")
    if before:
        click.echo(f"What was there before is kept in {before}.")
    _warn_of_other_keys(manifest)
    _bring_up_to_date()
    with database().writing() as db:
        audit.record(db, now, None, "backup restored", f"file {file.name}", f"made {manifest.made_at}")


def _bring_up_to_date() -> None:
    """A backup may be of an older version; a migration of its rows may fail in any way."""
    try:
        schema.upgrade(database())
    except Exception as error:
        first_line = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        reason = error.message if isinstance(error, Refused) else f"{type(error).__name__}: {first_line}."
        click.echo(
            f"The backup is in its place, but could not be brought up to date. {reason}"
            " Mend that and run flask db upgrade before anybody works with it.",
            err=True,
        )
        sys.exit(1)


def _warn_of_other_keys(manifest: backups.Manifest) -> None:
    """Without the keys of that time seals cannot be checked and authenticator apps do not fit."""
    if manifest.secret_key != audit.key_name(settings().secret_key):
        click.echo(
            "The secret key is another one than then: authenticator apps must be set up anew.", err=True
        )
    missing = set(manifest.audit_keys) - {audit.key_name(key) for key in settings().audit_keys}
    if missing:
        click.echo(
            "A key of the audit trail is missing; put it into TANDEM_AUDIT_KEYS, oldest first.", err=True
        )


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Look whether all is well: folder, disk space, database, migrations, rows, audit trail.

    Exit status 1 where something is not. Example: flask doctor
    """
    well = True
    for finding in doctor.examine(database(), settings()):
        well = well and finding.ok
        click.echo(f"{'ok    ' if finding.ok else 'NOT OK'}  {finding.name}: {finding.sentence}")
    if not well:
        sys.exit(1)


@click.command("copy-database")
@with_appcontext
@click.argument("target", metavar="URL")
def copy_database(target: str) -> None:
    """Copy everything from SQLite (DATABASE_URL) into an empty PostgreSQL database.

    All or nothing: every table is counted and compared row for row before it counts. Stop the server first;
    nobody can save meanwhile. Give a password by PGPASSWORD or ~/.pgpass, not in the address. Afterwards set
    DATABASE_URL to the new address and keep the keys of the instance folder.

    Example: flask copy-database postgresql://tandem@db.example.gov/tandem
    """
    try:
        with click.progressbar(
            length=2 * moving.rows_of(database()), label="Copying and comparing", file=sys.stderr
        ) as bar:
            copied = moving.copy_database(database(), target, bar.update)
        _record_copy(target, copied)
    except Refused as refused:
        click.echo(refused.message, err=True)
        sys.exit(1)
    for name, found in copied.items():
        click.echo(f"{name:24} {found.rows:>12,}  {found.sha256}")
    rows = sum(found.rows for found in copied.values())
    click.echo(f"{rows:,} rows of {len(copied)} tables are there, each as it was here.")
    click.echo("Now set DATABASE_URL to that address, run flask doctor, and start the server.")


def _record_copy(target: str, copied: dict[str, moving.Fingerprint]) -> None:
    """In the trail of the copy, which is the one that goes on."""
    there = Database(target, settings().audit_keys)
    rows = sum(found.rows for found in copied.values())
    with there.writing() as db:
        audit.record(db, clock().now(), None, "database copied", "from SQLite", f"{rows} rows")
    there.engine.dispose()


def register_operations(app: Flask) -> None:
    for command in (backup, restore, doctor_command, copy_database):
        app.cli.add_command(command)
