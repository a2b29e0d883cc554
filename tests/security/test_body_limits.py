"""What is too large is refused in a sentence: unread from strangers, else with what was typed."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from assessment import body_limits
from tests.conftest import Network
from tests.security.hostile import MARK
from tests.security.pages_read import Page

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORM = "application/x-www-form-urlencoded"
TYPED = f"The radio plan <{MARK}> of March."


def test_a_form_above_its_limit_comes_back_with_what_was_typed_and_saves_nothing(network: Network) -> None:
    network.open()
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc')}/GOV"
    staff = network.browser("staff")
    form = {"q_GOV-01": "3", "note_GOV-01": TYPED, "note_GOV-02": "x" * body_limits.TEXTS, "rev_GOV-01": "0"}
    answer = staff.post(address, form)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 413
    assert TYPED in "".join(Page(body, address).words)
    assert f"<{MARK}" not in body
    assert body_limits.SENTENCE in body
    assert "x" * 2000 in body
    assert 'value="3" checked' not in staff.get(address).get_data(as_text=True)


def test_a_save_in_the_background_hears_it_as_json(network: Network) -> None:
    network.open()
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc')}/GOV"
    staff = network.browser("staff")
    headers = {"X-Background-Save": "1"}
    answer = staff.post(address, {"note_GOV-01": "x" * body_limits.TEXTS}, headers=headers)
    assert answer.status_code == 413
    assert answer.get_json() == {"state": "too_large", "message": body_limits.SENTENCE}


def test_eight_long_notes_in_any_script_are_not_too_large(network: Network) -> None:
    network.open("deep", "cpg502-checklist")
    address = f"/responses/{network.response_id('FC-CO', 'EOC-CO', 'eoc', 'deep')}/GOV"
    notes = {f"note_GOV-{n:02}": "議" * 2000 for n in range(1, 9)}
    answer = network.browser("staff").post(address, notes)
    assert answer.status_code in (200, 302, 422)


def test_passwords_are_not_shown_again(network: Network) -> None:
    browser = network.browser("staff")
    answer = browser.post(
        "/account/password", {"old": "correct horse battery", "new": "n" * body_limits.USUAL}, form="/account"
    )
    assert answer.status_code == 413
    assert "correct horse" not in answer.get_data(as_text=True)
    assert "nnnn" not in answer.get_data(as_text=True)


class Unread(io.RawIOBase):
    """A body that must not be asked for."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("path", ["/sign-in", "/people/new", "/s/abc/P", "/opt-out/abc"])
def test_from_a_stranger_it_is_not_even_read(network: Network, path: str) -> None:
    for size in (body_limits.limit_of(_endpoint(network.app, path)) + 1, 50_000_000):
        answer = network.app.test_client().post(
            path,
            content_type=FORM,
            base_url="http://localhost",
            environ_overrides={"wsgi.input": io.BufferedReader(Unread()), "CONTENT_LENGTH": str(size)},
        )
        assert answer.status_code == 413, path
        assert "larger than this page accepts" in answer.get_data(as_text=True)


def _endpoint(app: Flask, path: str) -> str:
    return str(app.url_map.bind("localhost").match(path, method="POST")[0])


def test_what_is_above_all_limits_is_not_read_from_anybody(network: Network) -> None:
    client = network.browser("admin").client
    answer = client.post(
        "/people/new",
        content_type=FORM,
        base_url="http://localhost",
        environ_overrides={
            "wsgi.input": io.BufferedReader(Unread()),
            "CONTENT_LENGTH": str(body_limits.MOST + 1),
        },
    )
    assert answer.status_code == 413


def test_a_body_must_say_its_size(network: Network) -> None:
    """Else it would be cut at the limit, and half an answer saved."""
    client = network.browser("admin").client
    body = {"wsgi.input": io.BytesIO(b"name=x"), "wsgi.input_terminated": True}
    for path in ("/people/new", "/centers/import", "/sign-in"):
        answer = client.post(
            path,
            content_type=FORM,
            base_url="http://localhost",
            environ_overrides={**body, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert answer.status_code == 411, path


def test_every_limit_is_that_of_a_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    known = endpoints | {endpoint.partition(".")[0] for endpoint in endpoints}
    assert set(body_limits.LIMITS) <= known
    assert all(limit <= body_limits.MOST for limit in body_limits.LIMITS.values())
