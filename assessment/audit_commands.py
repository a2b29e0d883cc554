"""The command that checks the audit trail."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from assessment import audit
from assessment.web import database, settings

audit_group = AppGroup("audit", help="The trail of what happened.")


@audit_group.command("verify")
@click.option("--link", default="", metavar="NUMBER:SEAL", help="A link kept elsewhere that must be there.")
def audit_verify(link: str) -> None:
    """Find changed, removed and reordered events; with a link from a log or a backup, cut ones too.

    Example: flask audit verify --link 5120:9f2c...
    """
    with database().reading() as db:
        found = audit.verify(db, settings().audit_keys, link)
    for problem in found.problems:
        click.echo(problem, err=True)
    click.echo(found.sentence, err=bool(found.problems))
    if found.problems:
        sys.exit(1)
