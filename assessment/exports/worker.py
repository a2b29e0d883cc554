"""What makes exports: beside the mail, so that neither waits for the other."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Event, Thread

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assessment.access import Person
from assessment.accounts.services import find_person
from assessment.clock import Clock
from assessment.database import Database
from assessment.errors import NotFound, Refused
from assessment.exports import jobs
from assessment.exports.jobs import Claimed
from assessment.exports.making import Abandoned, Made, Maker, Makers, Making
from assessment.models.people import PersonRow

log = logging.getLogger(__name__)

RENEWED_EVERY_SECONDS = 10.0  # well before a claim counts as left behind
TOLD_EVERY_SECONDS = 1.0  # how often progress is written down at most

NOT_YOURS = "You may no longer read what this file was to hold."
RIGHTS_CHANGED = "What you may read has changed while this was made. Ask for it again."
UNKNOWN_KIND = "This kind of file is not made here any more."
BROKEN = "It could not be made, and the reason is in the server's log. Tell your administrator."


@dataclass(frozen=True)
class ExportWorker:
    """One worker; any number may run at once."""

    database: Database
    clock: Clock
    makers: Makers
    stop: Event

    def all_waiting(self) -> int:
        """Make everything that waits. How many there were."""
        count = 0
        while not self.stop.is_set() and self.one():
            count += 1
        return count

    def one(self) -> bool:
        """Delete what has expired and make the next one; False where there is none."""
        now = self.clock.now()
        with self.database.reading() as session:
            if not jobs.any_to_do(session, now):
                return False
        with self.database.writing() as session:
            jobs.expire(session, now)
            claimed = jobs.claim(session, now)
        if claimed is None:
            return False
        with _Renewing(self, claimed) as renewing:
            self._make(claimed, renewing)
        return True

    def _make(self, claimed: Claimed, renewing: _Renewing) -> None:
        reason = BROKEN
        try:
            made, rights = self._made(claimed, renewing)
        except Abandoned:
            with self.database.writing() as session:
                jobs.give_back(session, claimed)
            return
        except NotFound:
            reason = NOT_YOURS
        except Refused as refused:
            reason = refused.message
        except OperationalError:
            raise  # it counts as left behind, and is begun again
        except Exception:
            log.exception("Export %s (%s) cannot be made", claimed.public_id, claimed.kind)
        else:
            with self.database.writing() as session:
                jobs.finish(session, claimed, made, rights, self.clock.now())
            return
        with self.database.writing() as session:
            jobs.fail(session, claimed, reason, self.clock.now())

    def _made(self, claimed: Claimed, renewing: _Renewing) -> tuple[Made, str]:
        """With the rights that whoever asked has now, and still has when it is done."""
        maker = self.makers.get(claimed.kind)
        if maker is None:
            raise Refused(UNKNOWN_KIND)
        person, rights = self._rights(maker, claimed)
        made = maker.make(Making(person, claimed.parameters, renewing.progress))
        if self._rights(maker, claimed)[1] != rights:
            raise Refused(RIGHTS_CHANGED)
        return made, rights

    def _rights(self, maker: Maker, claimed: Claimed) -> tuple[Person, str]:
        with self.database.reading() as session:
            email = session.scalar(
                select(PersonRow.email).where(PersonRow.id == claimed.person_id, PersonRow.active)
            )
            person = find_person(session, email) if email else None
        if person is None:
            raise NotFound
        return person, maker.rights(person, claimed.parameters)


class _Renewing:
    """Says, in a thread, that an export is still being made; notices where nobody wants it any more."""

    def __init__(self, worker: ExportWorker, claimed: Claimed) -> None:
        self._worker, self._claimed = worker, claimed
        self._share = 0.0
        self._over, self._lost = Event(), Event()
        self._thread = Thread(target=self._watch, name=f"export {claimed.id}", daemon=True)

    def __enter__(self) -> _Renewing:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, share: float) -> None:
        if self._lost.is_set() or self._worker.stop.is_set():
            raise Abandoned
        self._share = max(self._share, share)

    def _watch(self) -> None:
        told, waited = 0.0, 0.0
        while not self._over.wait(TOLD_EVERY_SECONDS):
            waited += TOLD_EVERY_SECONDS
            share = self._share
            if share == told and waited < RENEWED_EVERY_SECONDS:
                continue
            told, waited = share, 0.0
            try:
                self._renew(share)
            except OperationalError:
                log.warning("The database did not answer; an export's claim is renewed later")

    def _renew(self, share: float) -> None:
        with self._worker.database.writing() as session:
            if not jobs.renew(session, self._claimed, share, self._worker.clock.now()):
                self._lost.set()
