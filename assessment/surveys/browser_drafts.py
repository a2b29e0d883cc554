"""What a browser remembers of the sheet it is filling in: a cookie of its own for each survey.

The cookie is how the draft of an open link is found, and how a reminder's link goes on with what another link
began in an anonymous survey. It says for whom it was made, so that on a shared computer nobody is shown what
somebody else has begun.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from assessment.models.surveys import Survey

SALT = "survey draft"


@dataclass(frozen=True)
class Remembered:
    """``secret`` finds the draft; without one this browser has finished a sheet."""

    secret: str = ""
    owner: str = ""

    @property
    def finished(self) -> bool:
        return not self.secret


@dataclass(frozen=True)
class BrowserDrafts:
    """The cookies of a request, as far as they are about surveys; ``key`` signs them."""

    key: str
    cookies: Mapping[str, str]

    def of(self, survey: Survey, partner_id: int | None) -> Remembered | None:
        """What was begun here for this survey by the holder of this link; never somebody else's."""
        try:
            secret, owner = self._serializer().loads(self.cookies.get(cookie_name(survey), ""))
        except (BadSignature, ValueError):
            return None
        remembered = Remembered(str(secret), str(owner))
        return remembered if remembered.owner == self.owner(survey, partner_id) else None

    def text(self, secret: str, survey: Survey, partner_id: int | None) -> str:
        """The cookie's value. An empty secret says that a sheet was finished here."""
        text = self._serializer().dumps([secret, self.owner(survey, partner_id)])
        return text if isinstance(text, str) else text.decode()

    def owner(self, survey: Survey, partner_id: int | None) -> str:
        mark = f"owner {survey.public_id} {partner_id or 'open link'}"
        return hmac.new(self.key.encode(), mark.encode(), hashlib.sha256).hexdigest()[:24]

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.key, salt=SALT)


NO_BROWSER = BrowserDrafts("", {})


def cookie_name(survey: Survey) -> str:
    return f"tandem_s_{survey.public_id}"
