"""What people do, for locust: one class a kind of person.

Each person is a line of the file of people (see ``world``): a browser that is signed in, a form of theirs.
"""

from __future__ import annotations

import html
import itertools
import random
import re
from collections.abc import Iterator
from typing import ClassVar

import gevent
from gevent.event import Event
from locust import FastHttpUser, task
from locust.exception import StopUser

from benchmarks.load.crowd import EMPTY, SAVE, SUBMIT

Person = dict[str, str]
ANSWERED = (("GOV", "GOV-01"), ("GOV", "GOV-02"), ("PLN", "PLN-01"))  # by a respondent: page and question
HIDDEN = re.compile(r"<input(?=[^>]*type=\"hidden\")[^>]*>")
NAME, VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')
SECTION, QUESTION = "GOV", "GOV-01"
LONGEST_WAIT = 20  # seconds
BACKGROUND = {"X-Background-Save": "1"}


class Gate:
    """Opens when all are there: the first save is not timed against fifty pages opened in one moment."""

    def __init__(self, people: int) -> None:
        self._missing = people
        self._all_there = Event()

    def arrive(self) -> None:
        """Wait for the rest; not for ever, because one of them may have failed on the way."""
        self._missing -= 1
        if self._missing <= 0:
            self._all_there.set()
        self._all_there.wait(LONGEST_WAIT)


class Visitor(FastHttpUser):
    """Somebody with a browser; ``people`` are handed out one after another, each to one visitor of a run."""

    abstract = True
    people: ClassVar[Iterator[Person]] = iter(())
    hurried: ClassVar[bool] = False
    gate: ClassVar[Gate]
    thought: ClassVar[tuple[float, float]] = (0.5, 1.5)  # seconds

    def wait_time(self) -> float:
        """Seconds between one task and the next."""
        return 0 if Visitor.hurried else random.uniform(*self.thought)

    def on_start(self) -> None:
        self.take_person()
        self.begin()
        Visitor.gate.arrive()
        if not Visitor.hurried:
            gevent.sleep(random.random())

    def take_person(self) -> None:
        self.person = next(Visitor.people)
        self.headers = {"Cookie": self.person["cookie"]}
        self.fields: dict[str, str] = {}

    def begin(self) -> None:
        """What is done once, before the rest."""

    def open(self, slug: str, name: str = "open a page") -> None:
        """Open a page of the form and remember its hidden fields, and the cookie where it comes anew."""
        path = f"/responses/{self.person['form']}/{slug}"
        with self.client.get(
            path, headers=self.headers, name=name, catch_response=True, allow_redirects=False
        ) as reply:
            tags = HIDDEN.findall(reply.text or "")
            found = [(NAME.search(tag), VALUE.search(tag)) for tag in tags]
            self.fields = {key[1]: html.unescape(value[1]) for key, value in found if key and value}
            if cookie := (reply.headers or {}).get("Set-Cookie", ""):
                self.headers = {"Cookie": cookie.partition(";")[0]}
            if reply.status_code != 200 or "csrf_token" not in self.fields:
                reply.failure(f"{path} was answered {reply.status_code}")
                raise StopUser

    def send(self, path: str, data: dict[str, str], name: str, expected: str) -> None:
        """A POST as our script sends it; wrong where the reply does not hold what is expected."""
        headers = self.headers | BACKGROUND
        with self.client.post(path, data=data, headers=headers, name=name, catch_response=True) as reply:
            if reply.status_code != 200 or expected not in (reply.text or ""):
                reply.failure(f"{name} was answered {reply.status_code}: {(reply.text or '')[:200]}")

    def save(self, slug: str, question: str, value: str, note: str) -> None:
        names = ("csrf_token", "page", f"rev_{question}", f"was_{question}")
        data = {name: self.fields[name] for name in names} | {f"q_{question}": value}
        path = f"/responses/{self.person['form']}/{slug}"
        self.send(path, data | {f"note_{question}": note}, SAVE, '"saved"')


class Saver(Visitor):
    """Changes one answer of an open section, again and again; each save differs from the one before."""

    def begin(self) -> None:
        self.open(SECTION)
        self.numbers = itertools.count(random.randrange(1_000_000))

    @task
    def change(self) -> None:
        number = next(self.numbers)
        self.save(SECTION, QUESTION, str(number % 5), f"Edition {number} of the plan.")


class Idler(Visitor):
    """Posts as often to a route that checks all that every route checks, and commits one row."""

    def begin(self) -> None:
        self.open(SECTION)

    @task
    def post(self) -> None:
        self.send("/bench/empty", {"csrf_token": self.fields["csrf_token"]}, EMPTY, "done")


class Respondent(Visitor):
    """Opens a form, answers, reviews and submits, then the same with another form, in good haste."""

    thought = (0.05, 0.15)

    @task
    def fill_in(self) -> None:
        for slug, question in ANSWERED:
            self.open(slug)
            gevent.sleep(random.uniform(*self.thought))
            self.save(slug, question, random.choice("01234"), f"As of today, by {self.person['form']}.")
        self.open("review")
        gevent.sleep(random.uniform(*self.thought))
        signature = {"name": "Pat Example", "title": "Manager", "participants": "3"}
        path = f"/responses/{self.person['form']}/submit"
        self.send(path, signature | {"csrf_token": self.fields["csrf_token"]}, SUBMIT, "Pat Example")
        self.take_person()


class Reader(Visitor):
    """Reads the report of a pair and the list of work, in turn."""

    fixed_count = 5
    thought = (0.1, 0.3)

    @task
    def read(self) -> None:
        for path, name in ((self.person["report"], "read a report"), ("/work", "open the list of work")):
            with self.client.get(path, headers=self.headers, name=name, catch_response=True) as reply:
                if reply.status_code != 200:
                    reply.failure(f"{path} was answered {reply.status_code}")
            gevent.sleep(random.uniform(*self.thought))


KINDS: dict[str, list[type[Visitor]]] = {SAVE: [Saver], EMPTY: [Idler], SUBMIT: [Respondent, Reader]}
