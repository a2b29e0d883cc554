"""A signed-in person who sends requests straight to the application, so that only its own time is taken."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

HOST = "http://localhost"
HIDDEN = re.compile(r"<input(?=[^>]*type=\"hidden\")[^>]*>")
NAME, VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Person:
    """One person's browser: a cookie and what the last page's forms held."""

    app: Flask
    cookie: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def sign_in(self, email: str, password: str) -> None:
        self.read("/sign-in")
        data = self.fields | {"email": email, "password": password}
        answered = self.send("/sign-in", data)
        if answered.status != 302:
            raise RuntimeError(f"{email} could not sign in: {answered.status}")

    def read(self, path: str) -> Answered:
        """Open a page and remember its hidden fields."""
        answered = self.send(path)
        tags = HIDDEN.findall(answered.text)
        found = [(NAME.search(tag), VALUE.search(tag)) for tag in tags]
        self.fields = {name[1]: html.unescape(value[1]) for name, value in found if name and value}
        return answered

    def send(self, path: str, data: dict[str, str] | None = None, **headers: str) -> Answered:
        return self.prepared(path, data, **headers)()

    def prepared(
        self, path: str, data: dict[str, str] | None = None, **headers: str
    ) -> Callable[[], Answered]:
        """A request that is ready to be sent: calling it is the application's time and nothing else."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        method = "GET" if data is None else "POST"
        environ = EnvironBuilder(
            path, HOST, method=method, data=data, headers=list(sent.items())
        ).get_environ()

        def send() -> Answered:
            body, status, answered = run_wsgi_app(self.app.wsgi_app, environ, buffered=True)
            for cookie in answered.getlist("Set-Cookie"):
                self.cookie = cookie.partition(";")[0]
            return Answered(int(status[:3]), dict(answered.items()), b"".join(body))

        return send
