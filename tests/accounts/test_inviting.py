"""The letter of an invitation, and the form behind it: who may send it, and what either refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from assessment.accounts.links_delivery import AccountLetters
from assessment.mail import transport_of
from assessment.settings import MailServer, Settings
from tests.accounts.inviting import NEW, invite, page_of
from tests.accounts.letters import Post, path_in
from tests.conftest import Browser, Network, email_of
from tests.mail_sink import mail_sink, text_of

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
def test_links_come_from_the_setting_whatever_the_host_says(
    network: Network, make_app: Callable[..., Flask], post: Post
) -> None:
    app = make_app(base_url="https://tandem.example.gov")
    admin = Browser(app.test_client())
    admin.sign_in(email_of("admin"))
    for host in ("localhost", "127.0.0.1:5000"):
        fields = NEW | {"email": f"{host[0]}@example.gov"}
        token = admin.token("/people/new")
        headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        answer = admin.client.post(
            "/people/new", data=fields | {"csrf_token": token}, base_url="http://localhost", headers=headers
        )
        assert answer.status_code == 302
    for mail in Post(app).deliver():
        assert "https://tandem.example.gov/invitation/" in text_of(mail)
        assert "evil" not in mail.as_string()
        assert mail["Message-ID"].endswith("@tandem.example.gov>")
    refused = admin.client.post("/people/new", data=NEW, base_url="http://evil.example")
    assert refused.status_code == 400


@SQLITE
def test_a_name_that_would_steer_a_header_or_a_page_is_text(network: Network, post: Post) -> None:
    invite(network, name="<script>alert(1)</script> {link} Bcc: x@evil.example")
    (mail,) = post.deliver()
    assert mail["Bcc"] is None
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    page = network.browser().get(path_in(mail)).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_server_that_cannot_take_it_now_gets_it_later_with_a_new_link(
    network: Network, settings: Settings
) -> None:
    invite(network)
    with mail_sink() as sink:
        busy = replace(settings, mail_server=MailServer(sink.host, sink.port))
        sink.on_recipient = lambda address: "450 busy"
        assert send(network, busy) == 1
        assert sink.mails == []
        network.clock.move(seconds=31)
        sink.on_recipient = lambda address: None
        assert send(network, busy) == 1
        (mail,) = sink.mails
        assert network.browser().get(path_in(mail)).status_code == 200
        links = Post(network.app).rows("SELECT withdrawn_at IS NULL FROM account_links")
        assert sorted(bool(row[0]) for row in links) == [False, True]


@SQLITE
def test_a_letter_that_is_refused_is_shown_to_administrators(network: Network, settings: Settings) -> None:
    invite(network)
    with mail_sink() as sink:
        sink.on_recipient = lambda address: "550 no such mailbox"
        send(network, replace(settings, mail_server=MailServer(sink.host, sink.port)))
    page = network.browser("admin").get("/people").get_data(as_text=True)
    assert "the message did not go out: 550 no such mailbox" in page


def send(network: Network, settings: Settings) -> int:
    return AccountLetters(network.database, transport_of(settings), settings, network.clock).all_due()


@SQLITE
def test_without_local_passwords_the_letter_leads_to_the_sign_in_page(
    network: Network, make_app: Callable[..., Flask]
) -> None:
    invite(network)
    app = make_app(local_passwords=False)
    (mail,) = Post(app).deliver()
    assert "http://localhost/sign-in\n" in text_of(mail)
    assert "/invitation/" not in text_of(mail)
    client = app.test_client()
    for path in ("/sign-in/forgot", "/reset/" + "a" * 32, "/invitation/" + "a" * 32):
        assert client.get(path, base_url="http://localhost").status_code == 404


@SQLITE
def test_only_administrators_invite(network: Network) -> None:
    for name in ("manager", "director", "staff", "reviewer"):
        browser = network.browser(name)
        token = browser.token("/work" if name not in ("admin", "reviewer") else "/cycles")
        for path in ("/people/new", "/people/import", f"{page_of(network, email_of('staff'))}/invitation"):
            answer = browser.client.post(path, data=NEW | {"csrf_token": token}, base_url="http://localhost")
            assert answer.status_code == 404
    assert Post(network.app).rows("SELECT 1 FROM account_invitations") == []


@SQLITE
def test_what_a_form_says_beyond_its_fields_is_not_heard(network: Network) -> None:
    invite(network, password_hash="x", active="no", demonstration="yes", public_id="mine", id="7")
    found = Post(network.app).rows(
        "SELECT password_hash, active, demonstration, public_id = 'mine' FROM people"
        " WHERE email = 'new@example.gov'"
    )
    assert found == [("!", 1, 0, 0)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a b@example.gov\nBcc: x@evil.example"),
        ("name", "x\ny"),
        ("name", "x" * 201),
        ("role", ""),
        ("role", "root"),
        ("states", "CO XX"),
        ("regions", "11"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(network: Network, field: str, value: str) -> None:
    fields = NEW | ({"role": "reviewer", "centers": []} if field in ("states", "regions") else {})
    answer = network.browser("admin").post("/people/new", fields | {field: value})
    assert answer.status_code == 422
    assert "There is a problem" in answer.get_data(as_text=True)
    assert Post(network.app).rows("SELECT 1 FROM account_invitations") == []


def test_an_address_that_cannot_be_kept_is_no_address(network: Network, post: Post) -> None:
    answer = network.browser().post("/sign-in/forgot", {"email": "a\u202eb@example.gov"})
    assert answer.status_code == 422
    assert "not an e-mail address" in answer.get_data(as_text=True)
    assert post.deliver() == []
