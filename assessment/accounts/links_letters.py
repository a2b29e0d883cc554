"""What the letters about an account say. Plain text with fixed placeholders; the address is the setting's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

from assessment.models.account_links import LetterKind
from assessment.settings import Mailbox, Settings
from assessment.surveys.messages import Envelope, Template, mail_of, render

TEMPLATES = {
    LetterKind.INVITATION: Template(
        "Your account in Tandem",
        """Dear {name},

{inviter} has made an account for you in Tandem, where fusion centers and emergency operations centers find out together how well they work together. You are there as {role} for {scope}.

{what_to_do}

{link}

{good_for}

If you did not expect this message, you need not do anything. Questions? Ask {inviter}.
""",  # noqa: E501
    ),
    LetterKind.RESET: Template(
        "A new password for Tandem",
        """Dear {name},

somebody, probably you, asked for a new password for this address in Tandem. Set it here:

{link}

The link works once, within an hour. If you did not ask, you need not do anything: your password stays as it is.
""",  # noqa: E501
    ),
    LetterKind.FACTORS: Template(
        "Your second factors for Tandem were changed",
        """Dear {name},

on {when} a second factor of your account in Tandem was added or removed, or a recovery code was used. Whoever was signed in elsewhere is not any more.

If that was neither you nor an administrator whom you asked, set a new password at once and tell your administrator:

{link}
""",  # noqa: E501
    ),
    LetterKind.LINKED: Template(
        "An account is linked to yours in Tandem",
        """Dear {name},

on {when} an account at {provider} was linked to your account in Tandem. Whoever signs in with it there is signed in as you here.

If that was not you, tell your administrator at once. Otherwise you need not do anything:

{link}
""",  # noqa: E501
    ),
    LetterKind.SECTIONS: Template(
        "Sections of a checklist are yours to fill in",
        """Dear {name},

a colleague who leads your center asked you in Tandem to fill in sections of a checklist. You find them under Your work:

{link}

You can stop at any time and go on later; every answer is saved at once.
""",  # noqa: E501
    ),
    LetterKind.CHANGED: Template(
        "Your password for Tandem was changed",
        """Dear {name},

your password for Tandem was changed on {when}. Whoever was signed in with the old one is not any more.

If that was not you, ask for a new password at once and tell your administrator:

{link}
""",
    ),
}

# They tell what has happened, and no link in them does anything.
NOTICES = (LetterKind.CHANGED, LetterKind.FACTORS, LetterKind.LINKED, LetterKind.SECTIONS)

TO_BEGIN = "Set your password here and begin:"
SIGN_IN = "Sign in with your organization's account here and begin:"
GOOD_FOR = "The link works once, within 7 days. After that, ask for another on the sign-in page."


@dataclass(frozen=True)
class Letter:
    """All that a letter says but its link."""

    kind: LetterKind
    to: Mailbox
    role: str = ""
    scope: str = ""
    inviter: str = "An administrator"
    asked_at: datetime | None = None


def link_of(settings: Settings, kind: LetterKind, token: str) -> str:
    """The address in the letter, built from the setting, never from what a request says of itself."""
    if token:
        return f"{settings.base_url}/{kind.value}/{token}"
    if kind is LetterKind.SECTIONS:
        return f"{settings.base_url}/work"
    forgot = kind in (LetterKind.CHANGED, LetterKind.FACTORS) and settings.local_passwords
    return f"{settings.base_url}/sign-in{'/forgot' if forgot else ''}"


def compose(letter: Letter, settings: Settings, token: str, message: str, now: datetime) -> EmailMessage:
    """The mail. ``token``: of the link, or none; ``message``: a public id. ValueError: no address."""
    when = (letter.asked_at or now).astimezone(settings.timezone)
    values = {
        "name": letter.to.name,
        "inviter": letter.inviter,
        "role": letter.role,
        "scope": letter.scope,
        "what_to_do": TO_BEGIN if token else SIGN_IN,
        "good_for": GOOD_FOR if token else "",
        "provider": settings.identity_provider.name if settings.identity_provider else "",
        "when": f"{when:%d %B %Y, %H:%M %Z}",
        "link": link_of(settings, letter.kind, token),
    }
    envelope = Envelope(
        sender=settings.mail_from,
        to=letter.to,
        message_id=f"{message}@{urlsplit(settings.base_url).hostname}",
        date=now.astimezone(settings.timezone),
    )
    return mail_of(render(TEMPLATES[letter.kind], values), envelope)
