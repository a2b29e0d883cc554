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
from locust import FastHttpUser, task

from benchmarks.load.crowd import EMPTY, SAVE

Person = dict[str, str]
HIDDEN = re.compile(r"<input(?=[^>]*type=\"hidden\")[^>]*>")
NAME, VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')
SECTION, QUESTION = "GOV", "GOV-01"
BACKGROUND = {"X-Background-Save": "1"}


class Visitor(FastHttpUser):
    """Somebody with a browser; ``people`` are handed out one after another, each to one visitor of a run."""

    abstract = True
    people: ClassVar[Iterator[Person]] = iter(())
    hurried: ClassVar[bool] = False

    def wait_time(self) -> float:
        """Seconds between one request and the next: about one, or none."""
        return 0 if Visitor.hurried else random.uniform(0.5, 1.5)

    def on_start(self) -> None:
        self.person = next(Visitor.people)
        self.headers = {"Cookie": self.person["cookie"]}
        self.fields: dict[str, str] = {}
        self.begin()
        if not Visitor.hurried:
            gevent.sleep(random.random())

    def begin(self) -> None:
        """What is done once, before the rest."""

    def open(self, slug: str, name: str = "open a page") -> None:
        """Open a page of the form and remember its hidden fields, and the cookie where it comes anew."""
        path = f"/responses/{self.person['form']}/{slug}"
        with self.client.get(path, headers=self.headers, name=name, catch_response=True) as reply:
            tags = HIDDEN.findall(reply.text or "")
            found = [(NAME.search(tag), VALUE.search(tag)) for tag in tags]
            self.fields = {key[1]: html.unescape(value[1]) for key, value in found if key and value}
            if cookie := (reply.headers or {}).get("Set-Cookie", ""):
                self.headers = {"Cookie": cookie.partition(";")[0]}
            if "csrf_token" not in self.fields:
                reply.failure(f"{path} was answered {reply.status_code}")

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


KINDS: dict[str, type[Visitor]] = {SAVE: Saver, EMPTY: Idler}
