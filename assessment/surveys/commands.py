"""The commands that invite people to surveys and send what waits in the outbox."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIGINT, SIGTERM
from threading import Event

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from assessment.accounts.links_delivery import AccountLetters
from assessment.cycles.services import find_cycle
from assessment.database import Session
from assessment.errors import NotFound, Refused
from assessment.exports.worker import ExportWorker
from assessment.mail import NoServer, transport_of
from assessment.models.directory import Center
from assessment.models.surveys import Message, Survey
from assessment.privacy import retention
from assessment.surveys import invitations, outbox
from assessment.surveys.closing import release_if_due
from assessment.surveys.worker import Worker
from assessment.web import clock, database, library, settings

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
@click.option("--watch", is_flag=True, help="Stay, and look for new messages every few seconds.")
def mail_deliver(watch: bool) -> None:
    """Send what is queued, and reminders whose day has come; release surveys that are over; make exports.

    What is queued are messages of surveys, and letters with which people set their passwords.
    Where no mail server is set the messages become files in the outbox folder of the instance. Stop --watch
    with Ctrl-C or SIGTERM: the message in hand is finished first, the export in hand is begun again later.

    Example: flask mail deliver --watch
    """
    with _stopped_by_signals() as stop:
        transport = transport_of(settings())
        worker = Worker(
            database(), transport, settings(), clock(), release_if_due, stop, library(), _retention(stop)
        )
        exports = ExportWorker(database(), clock(), current_app.extensions["tandem.makers"], stop)
        letters = AccountLetters(database(), transport_of(settings()), settings(), clock(), stop)
        if watch:
            with exports.beside(), letters.beside():
                worker.watch()
            return
        letters_sent, letters_trouble = _account_letters(letters)
        delivered = worker.round()
        exports.all_waiting()
    if letters_sent:
        click.echo(f"Letters about accounts: {letters_sent}.")
    click.echo(delivered.sentence)
    trouble = delivered.trouble or letters_trouble
    if trouble:
        click.echo(f"{trouble} What is queued waits; run this again later.", err=True)
        sys.exit(1)


def _account_letters(letters: AccountLetters) -> tuple[int, str]:
    """How many there were, and why no more could be sent."""
    try:
        return letters.all_due(), ""
    except NoServer as error:
        return 0, error.reason


def _retention(stop: Event) -> Callable[[], object]:
    """Reduces the cycles past their period, until it is stopped."""
    keep, years = current_app.extensions["tandem.aggregates"], settings().retention_years
    return lambda: list(retention.run(database(), clock(), years, keep, stop.is_set))


@contextmanager
def _stopped_by_signals() -> Iterator[Event]:
    """An event that SIGTERM and Ctrl-C set while the block runs."""
    stop = Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (SIGTERM, SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
