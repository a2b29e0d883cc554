"""What a survey's messages say: plain text that an operator types, with a fixed list of placeholders. Pure.

A placeholder is replaced by its value and nothing else happens: no expression, no attribute, no second round.
Whatever else stands in braces is text, or is refused before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from assessment.errors import Refused
from assessment.models.surveys import MessageKind
from assessment.settings import Mailbox
from assessment.surveys.promises import promise

PLACEHOLDERS = {  # name -> what it stands for, as the page says it
    "name": "the partner's name, or “colleague”",
    "organization": "the partner's organization",
    "center": "the fusion center's name",
    "title": "the survey's title",
    "minutes": "how long it takes, in minutes",
    "closes": "the last day to answer",
    "privacy": "one sentence that says what anonymous or confidential means here",
    "link": "the partner's own link to the survey",
    "opt_out": "the link by which they are never asked again",
}
LINKS = ("link", "opt_out")
MOST_SUBJECT, MOST_BODY = 200, 10_000
POLICY = SMTP.clone(refold_source="none")  # an address in a header stays whole, however long
LONGEST_PLAIN_LINE = 900  # of the 998 that mail may have

_BRACES = re.compile(r"(?<!\{)\{([^{}\n]{1,60})\}(?!\})")


@dataclass(frozen=True)
class Template:
    """Subject and body with placeholders in braces."""

    subject: str
    body: str


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


DEFAULTS = {
    MessageKind.INVITATION: Template(
        "{center}: how useful is what we send you?",
        """Dear {name},

{center} sends you products and information. We want to know how useful and how good they are for your work, so that we can make them better. Please answer our survey: {title}.

It takes about {minutes} minutes, on a phone or a computer. You can stop at any time and go on later with the same link, which is meant for you alone:

{link}

You can answer until the end of {closes}. Taking part is voluntary. {privacy}

If you do not want to be asked again, tell us here and we will not write to you about surveys any more:
{opt_out}

{center}
""",  # noqa: E501
    ),
    MessageKind.REMINDER: Template(
        "Reminder from {center}: how useful is what we send you?",
        """Dear {name},

A while ago {center} asked you how useful and how good its products and information are for your work. We have not had your answer to the survey yet: {title}. If you have just sent it, thank you, and please forget this message.

It takes about {minutes} minutes, on a phone or a computer. If you have begun, go on with the link you began with; else use this one, which is meant for you alone:

{link}

You can answer until the end of {closes}. Taking part is voluntary. {privacy}

If you do not want to be asked again, tell us here and we will not write to you about surveys any more:
{opt_out}

{center}
""",  # noqa: E501
    ),
}


def privacy_sentence(mode: str, floor: int) -> str:
    """What is promised, in one sentence; page one says more."""
    words = promise(mode, floor)
    return f"This survey is {words.title.lower()}: {words.short[0].lower()}{words.short[1:]}"


def check_template(template: Template) -> None:
    """Refused with all that keeps this text from being sent."""
    subject, body = template.subject, template.body
    unknown = [
        name for name in dict.fromkeys(_BRACES.findall(f"{subject}\n{body}")) if name not in PLACEHOLDERS
    ]
    faults = (
        [f"{_listed(unknown)} cannot be filled in; use {_listed(PLACEHOLDERS, 'or')}."] if unknown else []
    )
    if not subject.strip() or len(subject) > MOST_SUBJECT or len(subject.splitlines()) != 1:
        faults.append(f"The subject must be one line of 1 to {MOST_SUBJECT} characters.")
    faults += [f"{{{name}}} cannot stand in the subject." for name in LINKS if f"{{{name}}}" in subject]
    if len(body) > MOST_BODY:
        faults.append(f"The text has {len(body):,} characters; {MOST_BODY:,} are the most.")
    faults += [
        f"The text must hold {{{name}}}: {PLACEHOLDERS[name]}."
        for name in LINKS
        if name not in _BRACES.findall(body)
    ]
    if faults:
        raise Refused(" ".join(faults))


def _listed(names: Iterable[str], joined_by: str = "and") -> str:
    *first, last = [f"{{{name}}}" for name in names]
    return f"{', '.join(first)} {joined_by} {last}" if first else last


def render(template: Template, values: Mapping[str, str]) -> Rendered:
    """The message as text and as HTML. ``values``: of a survey one for each of PLACEHOLDERS; each becomes one
    line, and what has no value stays as it was typed."""
    clean = {name: one_line(value) for name, value in values.items()}
    body = _control_free(template.body.replace("\r\n", "\n").replace("\r", "\n")).strip() + "\n"
    return Rendered(
        subject=one_line(_filled(template.subject, clean, str)),
        text=_filled(body, clean, str),
        html=_page(_filled(body, {name: _marked_up(name, value) for name, value in clean.items()}, escape)),
    )


def _filled(text: str, values: Mapping[str, str], outside: Callable[[str], str]) -> str:
    """Placeholders replaced by their values, everything between them by what ``outside`` makes of it."""
    pieces, end = [], 0
    for found in _BRACES.finditer(text):
        if found[1] in values:
            pieces += [outside(text[end : found.start()]), values[found[1]]]
            end = found.end()
    return "".join([*pieces, outside(text[end:])])


def _marked_up(name: str, value: str) -> str:
    return f'<a href="{escape(value)}">{escape(value)}</a>' if name in LINKS else escape(value)


def _page(body: str) -> str:
    """Paragraphs of text that is HTML already."""
    paragraphs = [part.strip("\n").replace("\n", "<br>\n") for part in re.split(r"\n{2,}", body.strip("\n"))]
    inner = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = '<head><meta charset="utf-8"></head>'
    return f'<!DOCTYPE html>\n<html lang="en">{head}\n<body>\n{inner}\n</body></html>\n'


def one_line(text: str) -> str:
    """Fit for a header: no line breaks or control characters, and nothing that reads as an encoded word."""
    return " ".join(_control_free(text, keep="").replace("=?", "= ?").split())


def _control_free(text: str, keep: str = "\n\t") -> str:
    return "".join(c if c.isprintable() or c in keep or c == "\xa0" else " " for c in text)


@dataclass(frozen=True)
class Envelope:
    """From whom to whom, and what goes into the headers."""

    sender: Mailbox
    to: Mailbox
    message_id: str  # with its host, without angle brackets
    date: datetime
    reply_to: Mailbox | None = None
    unsubscribe: str = ""  # an address that takes them off the list


def mail_of(rendered: Rendered, envelope: Envelope) -> EmailMessage:
    """The message ready to send; ValueError where an address cannot be written to."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _address(envelope.sender)
    mail["To"] = _address(envelope.to)
    if envelope.reply_to:
        mail["Reply-To"] = _address(envelope.reply_to)
    mail["Subject"] = rendered.subject
    mail["Date"] = envelope.date
    mail["Message-ID"] = f"<{envelope.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # so that nobody's absence note comes back
    if envelope.unsubscribe:
        mail.set_raw("List-Unsubscribe", f"<{one_line(envelope.unsubscribe)}>")
        if envelope.unsubscribe.startswith("https:"):  # RFC 8058: no one click without it
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(rendered.text, cte=_encoding(rendered.text))
    mail.add_alternative(rendered.html, subtype="html", cte=_encoding(rendered.html))
    return mail


def deliverable(address: str) -> str:
    """The address as servers take it, its domain in ASCII; ValueError where it is none."""
    local, _, domain = address.rpartition("@")
    if not local or not domain or not address.isprintable() or set(address) & set(' <>",;'):
        raise ValueError("not an address")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _address(mailbox: Mailbox) -> Address:
    local, _, domain = deliverable(mailbox.address).rpartition("@")
    return Address(one_line(mailbox.name), local, domain)


def _encoding(text: str) -> str:
    plain = text.isascii() and max(map(len, text.split("\n"))) <= LONGEST_PLAIN_LINE
    return "7bit" if plain else "quoted-printable"
