"""Secrets of survey links, and the two hashes of one: for the invitation, and for the draft.

Whoever reads the database finds invitations and drafts under hashes of different purposes, which only the
link itself joins; the link is in the message and in no table and no log.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def new_token() -> str:
    """192 random bits, 32 characters that need no escaping in an address."""
    return secrets.token_urlsafe(24)


def invitation_hash(token: str) -> str:
    """Under which an invitation, or an open link, is found."""
    return hashlib.sha256(b"tandem invitation " + token.encode()).hexdigest()


def draft_hash(token: str) -> str:
    """Under which the draft that this link started is found."""
    return hashlib.sha256(b"tandem draft " + token.encode()).hexdigest()


def opt_out_token(partner: str, key: str) -> str:
    """Signed, so that nobody takes somebody else off the list; good for ever, for this purpose only."""
    mark = hmac.new(key.encode(), f"opt out {partner}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{partner}.{mark}"


def opted_out_partner(token: str, key: str) -> str | None:
    """The partner whose token this is; None where it is not one of ours."""
    partner, _, _mark = token.partition(".")
    ours = opt_out_token(partner, key)
    return partner if hmac.compare_digest(token.encode(), ours.encode()) else None


def browser_mark(secret: str) -> str:
    """What a browser keeps unsaved answers under; nobody finds the secret, or the draft, by it."""
    return hashlib.sha256(b"tandem browser " + secret.encode()).hexdigest()[:16]
