"""A connection to the identity provider that waits and reads only so long, and follows it nowhere else."""

from __future__ import annotations

import io
import time
from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, Response

CONNECT_SECONDS, READ_SECONDS = 5, 8
WHOLE_SECONDS = 15  # for one answer from the first byte to the last, however it trickles
LONGEST_ANSWER = 256 * 1024
PIECE = 16 * 1024


class ProviderDown(Exception):
    """The provider does not answer, or not in a way that can be used; the message is for the log."""


class ProviderSession(OAuth2Session):
    """Authlib's session with requests, with limits of ours around each answer."""

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        until = time.monotonic() + WHOLE_SECONDS
        kwargs |= {
            "stream": True,
            "allow_redirects": False,
            "timeout": (CONNECT_SECONDS, READ_SECONDS),
        }
        response = super().send(request, **kwargs)
        raw = response.raw
        try:
            if 300 <= response.status_code < 400:
                raise ProviderDown("it sends us elsewhere")
            response.raw = io.BytesIO(_body(raw, until))
        finally:
            raw.close()
        return response


def _body(raw: Any, until: float) -> bytes:
    """All of the answer; ProviderDown where it is too long or takes too long."""
    body = bytearray()
    while piece := raw.read1(PIECE, decode_content=True):
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise ProviderDown(f"its answer is longer than {LONGEST_ANSWER} bytes")
        if time.monotonic() > until:
            raise ProviderDown(f"its answer takes longer than {WHOLE_SECONDS} seconds")
    return bytes(body)
