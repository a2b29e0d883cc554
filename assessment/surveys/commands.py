"""The commands that invite people to surveys and send what waits in the outbox."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import select

from assessment.accounts.links_delivery import AccountLetters
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.errors import NotFound, Refused
from assessment.mail import NoServer
from assessment.models.directory import Center
from assessment.models.surveys import Message, Survey
from assessment.surveys import invitations, outbox
from assessment.surveys.delivery import Delivered
from assessment.web import clock, database, settings
from assessment.working.commands import run_worker, stopped_by_signals, work_of_the_application
from assessment.working.tasks import LETTERS, MESSAGES, Work

invitations_group = AppGroup("invitations", help="Inviting partners to product surveys.")
mail_group = AppGroup("mail", help="The messages of product surveys.")


@invitations_group.command("send")
@click.option("--cycle", "cycle_code", required=True, metavar="CODE")
def invitations_send(cycle_code: str) -> None:
    """Queue an invitation for each partner of the cycle's surveys who has none yet; all or nothing.

    What is queued goes out with `flask mail deliver`.

    Example: flask invitations send --cycle products-2027
    """
    try:
        with database().writing() as db:
            queued = [(s.fusion_center.code, _queue(db, s)) for s in _surveys(db, cycle_code)]
    except (Refused, NotFound) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for center, count in queued:
        click.echo(f"{center}: {count} {'invitation' if count == 1 else 'invitations'} queued.")


def _surveys(db: Session, code: str) -> list[Survey]:
    cycle = find_cycle(db, code)
    surveys = db.scalars(
        select(Survey).join(Center).where(Survey.cycle_id == cycle.id).order_by(Center.code)
    ).all()
    if not surveys:
        raise Refused(f"Cycle {code} is no product survey; nobody is invited to it by mail.")
    return list(surveys)


def _queue(db: Session, survey: Survey) -> int:
    try:
        return invitations.queue(db, survey, clock().now(), None, settings=settings())
    except Refused as refused:
        raise Refused(f"{survey.fusion_center.code}: {refused.message}") from refused


@mail_group.command("deliver")
@click.option("--watch", is_flag=True, help="The same as `flask work`: stay.")
def mail_deliver(watch: bool) -> None:
    """Send what is queued, and reminders whose day has come; release surveys that are over; make exports.

    What is queued are messages of surveys, and letters with which people set their passwords.
    Where no mail server is set the messages become files in the outbox folder of the instance. A server
    needs this only where no worker runs (`flask work`).

    Example: flask mail deliver
    """
    if watch:
        run_worker()
        return
    with stopped_by_signals() as stop:
        _deliver_once(work_of_the_application(stop))


def _deliver_once(work: Work) -> None:
    """Everything that is to be done now, and what became of the messages in words."""
    trouble, letters_sent, delivered = "", 0, Delivered()
    for task in work.tasks():
        if task.name == MESSAGES:
            delivered = work.messages()
        elif task.name == LETTERS:
            letters_sent, trouble = _account_letters(work.letters)
        else:
            task.run()
    if letters_sent:
        click.echo(f"Letters about accounts: {letters_sent}.")
    click.echo(delivered.sentence)
    trouble = delivered.trouble or trouble
    if trouble:
        click.echo(f"{trouble} What is queued waits; run this again later.", err=True)
        sys.exit(1)


def _account_letters(letters: AccountLetters) -> tuple[int, str]:
    """How many there were, and why no more could be sent."""
    try:
        return letters.all_due(), ""
    except NoServer as error:
        return 0, error.reason


@mail_group.command("bounced")
@click.argument("message")
@click.option("--reason", default="", help="What the returned message said.")
def mail_bounced(message: str, reason: str) -> None:
    """Note that a message came back. MESSAGE is its Message-ID, or what stands before the @ in it.

    Example: flask mail bounced "<pVo2kz0aVvQJ1xgS@tandem.example.gov>" --reason "mailbox unknown"
    """
    public_id = message.strip().strip("<>").partition("@")[0]
    try:
        with database().writing() as db:
            found = db.scalar(select(Message).where(Message.public_id == public_id))
            if found is None:
                raise NotFound(f"There is no message {public_id}.")
            outbox.mark_bounced(db, found, reason, clock().now(), None)
    except (Refused, NotFound) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo("Noted: the message bounced.")
