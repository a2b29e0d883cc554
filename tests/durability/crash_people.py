"""People who go on through every crash, as a browser does: what brought no reply is sent again as it was.

Each remembers what was acknowledged. A save that was kept twice, or lost, shows at the next one's revision;
a submission that was, in what its form says at the end.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.durability.crowd import Crowd, Form, StoredRow
from tests.durability.serving_process import PATIENCE, Reply, Visitor

PADDING = "written down and exercised " * 10
PAUSE = 0.2  # seconds before somebody tries again
BETWEEN_SUBMISSIONS = 0.4
SUBMISSION = "SELECT status, signer_name, answers_hash FROM responses WHERE public_id = :id"
LAST = "SELECT last_question FROM responses WHERE public_id = :id"
EVENTS = "SELECT detail FROM audit_events WHERE action = :action AND subject = :subject"


def note(number: int) -> str:
    return f"{number} {PADDING}".strip()


@dataclass
class Tally:
    """What one person has seen so far."""

    acknowledged: int = 0
    without_reply: int = 0  # requests that ended in no reply, or in one that says that nothing is known
    trouble: str = ""


@dataclass
class Pace:
    """How long savers rest after each save: so shortly that some of them are always in the middle of one."""

    rest: float = 0.1

    @contextmanager
    def slower(self, rest: float) -> Iterator[None]:
        """While something starts: it would take several times as long beside people who hardly rest."""
        before, self.rest = self.rest, rest
        try:
            yield
        finally:
            self.rest = before


@dataclass
class Persistent:
    """Sends a request until there is a reply to it; the next try may go to another server."""

    visitor: Visitor
    ports: Sequence[int]
    rng: random.Random
    tally: Tally

    def until_answered(self, send: Callable[[], Reply]) -> Reply:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                reply = send()
            except (OSError, http.client.HTTPException):
                pass
            else:
                if reply.status < 500:
                    return reply
            self.tally.without_reply += 1
            time.sleep(PAUSE)
            self.visitor.port = self.rng.choice(self.ports)
        raise AssertionError("nobody has answered for too long")

    def open(self, slug: str) -> dict[str, str]:
        fields: list[dict[str, str]] = []

        def look() -> Reply:
            reply = self.visitor.send(self.visitor.path(slug))
            if reply.status < 500:
                fields.append(self.visitor.read(reply))
            return reply

        self.until_answered(look)
        return fields[-1]


@dataclass
class Saver:
    """Saves one answer after another, with as much of a pause as ``pace`` has."""

    persistent: Persistent
    form: Form
    questions: Sequence[tuple[str, str]]
    tally: Tally = field(default_factory=Tally)
    pace: Pace = field(default_factory=Pace)
    last: dict[str, StoredRow] = field(default_factory=dict)  # as acknowledged

    def go(self, stop: threading.Event) -> None:
        pages: dict[str, dict[str, str]] = {}
        while not stop.is_set():
            number = self.tally.acknowledged + 1
            slug, question = self.questions[number % len(self.questions)]
            if slug not in pages or not number % 17:  # now and then somebody loads the page anew
                pages[slug] = self.persistent.open(slug)
            self._save(slug, pages[slug], question, number)
            stop.wait(self.pace.rest)

    def _save(self, slug: str, fields: dict[str, str], question: str, number: int) -> None:
        visitor, answer = self.persistent.visitor, str(number % 5)
        reply = self.persistent.until_answered(
            lambda: visitor.save(slug, fields, question, answer, note(number))
        )
        assert reply.status == 200, (reply.status, reply.text[:300])
        item = reply.json["items"][question]
        before = self.last[question].revision if question in self.last else 0
        assert (item["state"], item["revision"]) == ("saved", before + 1), (question, before, item)
        self.last[question] = StoredRow(number % 5, note(number), before + 1)
        self.tally.acknowledged = number

    def check(self, crowd: Crowd) -> None:
        """The last of each is there, with where to go on, and the trail has an event for each save."""
        assert crowd.stored(self.form) == self.last
        events = crowd.rows(EVENTS, action="answers changed", subject=f"response {self.form.response_id}")
        changes = [question for (question,) in events]
        assert Counter(changes) == {question: row.revision for question, row in self.last.items()}
        assert sum(row.revision for row in self.last.values()) == self.tally.acknowledged
        last = self.questions[self.tally.acknowledged % len(self.questions)][1]
        assert crowd.rows(LAST, id=self.form.response_id) == [(last,)]


@dataclass
class Submitter:
    """Submits one filled-in form after another, and reads the receipt of each."""

    forms: Sequence[tuple[Form, Persistent]]
    tally: Tally = field(default_factory=Tally)
    receipts: dict[str, str] = field(default_factory=dict)  # of a form the page

    def go(self, stop: threading.Event) -> None:
        for form, persistent in self.forms:
            if stop.is_set():
                return
            self._submit(form, persistent)
            stop.wait(BETWEEN_SUBMISSIONS)

    def _submit(self, form: Form, persistent: Persistent) -> None:
        visitor, path = persistent.visitor, f"/responses/{form.response_id}/receipt"
        fields = persistent.open("review")
        reply = persistent.until_answered(lambda: visitor.submit(fields, f"Signer of {form.response_id}"))
        assert (reply.status, reply.location) == (302, path), (reply.status, reply.text[:300])
        self.tally.acknowledged += 1
        self.receipts[form.response_id] = persistent.until_answered(lambda: visitor.send(path)).text

    def check(self, crowd: Crowd) -> None:
        """Each receipt's form is submitted, once, as the receipt says; no other form is."""
        for form, _ in self.forms:
            ((status, signer, digest),) = crowd.rows(SUBMISSION, id=form.response_id)
            events = crowd.rows(EVENTS, action="submitted", subject=f"response {form.response_id}")
            if form.response_id not in self.receipts:
                assert (status, events) == ("draft", [])
                continue
            assert (status, signer) == ("submitted", f"Signer of {form.response_id}")
            assert digest == crowd.hash_of_stored(form)
            assert digest in self.receipts[form.response_id]
            assert len(events) == 1


def setting_out(person: Saver | Submitter, stop: threading.Event) -> threading.Thread:
    """In a thread of their own until ``stop``; what goes wrong stands in the tally."""

    def run() -> None:
        try:
            person.go(stop)
        except Exception as error:
            person.tally.trouble = f"{type(error).__name__}: {error}"

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
