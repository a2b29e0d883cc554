"""What messages say: placeholders by a fixed list; nothing else that an operator types does anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from assessment.errors import Refused
from assessment.models.surveys import MessageKind
from assessment.settings import Mailbox
from assessment.surveys.messages import (
    DEFAULTS,
    PLACEHOLDERS,
    Envelope,
    Template,
    check_template,
    deliverable,
    mail_of,
    render,
)

LINK, OPT_OUT = "https://t.example.gov/s/abc", "https://t.example.gov/opt-out/p.m"
VALUES = {
    "name": "Ann Lee",
    "organization": "Larimer County",
    "center": "Colorado IAC",
    "title": "Products 2026",
    "minutes": "10",
    "closes": "30 June 2026",
    "privacy": "This survey is anonymous.",
    "link": LINK,
    "opt_out": OPT_OUT,
}
ENVELOPE = Envelope(
    sender=Mailbox("Colorado IAC", "survey@t.example.gov"),
    to=Mailbox("Ann Lee", "ann@larimer.example"),
    message_id="abc@t.example.gov",
    date=datetime(2026, 6, 15, tzinfo=UTC),
    reply_to=Mailbox("Dee Rector", "dee@iac.example"),
    unsubscribe=OPT_OUT,
)


def both(body: str) -> str:
    """The body with the two links that every message must hold."""
    return body + " {link} {opt_out}"


@pytest.mark.parametrize("kind", list(MessageKind))
def test_our_own_texts_say_what_a_partner_wants_to_know(kind: MessageKind) -> None:
    check_template(DEFAULTS[kind])
    message = render(DEFAULTS[kind], VALUES)
    for value in VALUES.values():
        assert value in message.text or value == VALUES["organization"], value
    assert "{" not in message.text + message.subject + message.html


@pytest.mark.parametrize(
    "typed",
    [
        "{{ config }}",
        "{{config}}",
        "{{7*7}}",
        "%(name)s %s",
        "{}",
        "}{",
        "{{name}}",
    ],
)
def test_what_is_no_placeholder_stays_as_typed(typed: str) -> None:
    template = Template("News", both(typed))
    check_template(template)
    assert render(template, VALUES).text.startswith(typed)


@pytest.mark.parametrize(
    "name", ["config", "% x %", "name.__class__", "name!r", "0", " name ", "Name", "password"]
)
def test_an_unknown_placeholder_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(Refused, match=r"cannot be filled in; use \{name\}") as raised:
        check_template(Template("News", both(f"Dear {{{name}}}")))
    assert f"{{{name}}}" in raised.value.message


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        ("", both("x"), "The subject must be one line"),
        ("News\r\nBcc: all@example.gov", both("x"), "The subject must be one line"),
        ("News\u2028Bcc: all@example.gov", both("x"), "The subject must be one line"),
        ("x" * 201, both("x"), "1 to 200 characters"),
        ("{link}", both("x"), "{link} cannot stand in the subject"),
        ("News", "{link}", "must hold {opt_out}"),
        ("News", "{opt_out}", "must hold {link}"),
        ("News", "{{link}} {opt_out}", "must hold {link}"),
        ("News", both("x" * 10_001), "10,000 are the most"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(subject: str, body: str, said: str) -> None:
    with pytest.raises(Refused) as raised:
        check_template(Template(subject, body))
    assert said in raised.value.message


def test_values_are_put_in_once_and_are_text_in_both_parts() -> None:
    values = VALUES | {"name": "{link} <b>A&B</b>", "title": "{opt_out} {{ config }}"}
    message = render(Template("For {name}", both("Dear {name}: {title}.\n\nNext\nline.")), values)
    assert message.subject == "For {link} <b>A&B</b>"
    assert "Dear {link} <b>A&B</b>: {opt_out} {{ config }}." in message.text
    assert "Dear {link} &lt;b&gt;A&amp;B&lt;/b&gt;: {opt_out} {{ config }}.</p>" in message.html
    assert "<p>Next<br>\nline." in message.html
    assert message.html.count("<a href=") == 2
    assert f'<a href="{LINK}">{LINK}</a>' in message.html


def test_typed_html_is_text() -> None:
    message = render(Template("News", both("<script>alert(1)</script> <a href='x'>")), VALUES)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in message.html
    assert "<script>" not in message.html
    assert "<script>alert(1)</script>" in message.text


@pytest.mark.parametrize(
    "evil",
    [
        "Ann\r\nBcc: all@example.gov",
        "Ann\nBcc: all@example.gov",
        "Ann\r\n\r\n<b>body</b>",
        "Ann\x00\x0b\x0c\x1cBcc: all@example.gov",
        "Ann\u2028Bcc: all@example.gov",
        "=?utf-8?q?Ann=0D=0ABcc:_all=40example.gov?=",
        "=?utf-8?b?QW5uDQpCY2M6IGFsbEBleGFtcGxlLmdvdg==?=",
        'Ann" <all@example.gov>, "x',
        "Ann <all@example.gov>, Bob",
        "é" * 300 + "\r\nBcc: all@example.gov",
    ],
)
def test_no_name_or_subject_adds_a_header_or_a_reader(evil: str) -> None:
    rendered = render(Template("About {title}", both("Dear {name}")), VALUES | {"title": evil, "name": evil})
    envelope = Envelope(
        sender=Mailbox(evil, "survey@t.example.gov"),
        to=Mailbox(evil, "ann@larimer.example"),
        message_id="abc@t.example.gov",
        date=datetime(2026, 6, 15, tzinfo=UTC),
        reply_to=Mailbox(evil, "dee@iac.example"),
    )
    sent = message_from_bytes(mail_of(rendered, envelope).as_bytes(), policy=default)
    assert sorted(sent.keys()) == sorted(
        [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        ]
    )
    assert [address.addr_spec for address in sent["To"].addresses] == ["ann@larimer.example"]
    assert [address.addr_spec for address in sent["From"].addresses] == ["survey@t.example.gov"]
    assert [address.addr_spec for address in sent["Reply-To"].addresses] == ["dee@iac.example"]


def test_the_headers() -> None:
    mail = message_from_bytes(
        mail_of(render(DEFAULTS[MessageKind.INVITATION], VALUES), ENVELOPE).as_bytes(), policy=default
    )
    assert mail["From"] == "Colorado IAC <survey@t.example.gov>"
    assert mail["To"] == "Ann Lee <ann@larimer.example>"
    assert mail["Reply-To"] == "Dee Rector <dee@iac.example>"
    assert mail["Message-ID"] == "<abc@t.example.gov>"
    assert mail["List-Unsubscribe"] == f"<{OPT_OUT}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == ENVELOPE.date
    assert mail.get_content_type() == "multipart/alternative"


def test_a_mail_programs_own_button_needs_https() -> None:
    """RFC 8058, 3.1; the link in the text and the header without the button stay."""
    plain = replace(ENVELOPE, unsubscribe="http://localhost/opt-out/p.m")
    mail = mail_of(render(DEFAULTS[MessageKind.INVITATION], VALUES), plain)
    assert mail["List-Unsubscribe"] == "<http://localhost/opt-out/p.m>"
    assert mail["List-Unsubscribe-Post"] is None


def test_other_letters_arrive_and_lines_stay_short_enough_for_mail() -> None:
    values = VALUES | {"name": "José Ñandú 李", "center": "Ōtautahi", "title": "x" * 3000}
    rendered = render(Template("Grüße von {center}", both("Dear {name}: {title}")), values)
    raw = mail_of(rendered, ENVELOPE).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "Grüße von Ōtautahi"
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert "José Ñandú 李" in text
        assert "x" * 3000 in text
        assert LINK in text


def test_a_long_address_in_a_header_stays_whole() -> None:
    """Folded or encoded, mail programs do not find it."""
    address = "https://" + "long." * 30 + "example.gov/opt-out/" + "x" * 60
    envelope = replace(ENVELOPE, unsubscribe=address, message_id="abc@" + "long." * 30 + "example.gov")
    raw = mail_of(render(DEFAULTS[MessageKind.INVITATION], VALUES), envelope).as_bytes()
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in raw
    assert f"<{envelope.message_id}>\r\n".encode() in raw


def test_a_link_stands_whole_in_the_raw_message() -> None:
    raw = mail_of(render(DEFAULTS[MessageKind.INVITATION], VALUES), ENVELOPE).as_bytes()
    assert LINK.encode() + b"\r\n" in raw


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@x.gov",
        "ann@",
        "a b@x.gov",
        "a@x.gov\r\nRCPT TO:<b@x.gov>",
        "<a@x.gov>",
        "a@x.gov,b@x.gov",
        "a@" + "x" * 70 + ".gov",
    ],
)
def test_what_is_no_address_is_never_written_to(address: str) -> None:
    with pytest.raises(ValueError):
        deliverable(address)


def test_a_domain_in_other_letters_is_written_to_in_ascii() -> None:
    assert deliverable("ann@bücher.example") == "ann@xn--bcher-kva.example"


def test_every_placeholder_has_its_words() -> None:
    assert set(PLACEHOLDERS) == set(VALUES)
    assert all(PLACEHOLDERS.values())
