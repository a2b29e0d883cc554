"""What every way of signing in ends with: this browser's session, and on to where the person wanted to be."""

from __future__ import annotations

import json

from flask import g, make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from assessment.web import SESSION_KEY, local_path


def sign_in_browser(
    secret: str, next_path: str | None = None, kept: str | None = None, kept_path: str | None = None
) -> Response:
    """After a complete sign-in: ``secret`` is that of ``services.start_sign_in``.

    ``kept`` is a form that was posted when the sign-in before had ended, as JSON pairs; it is shown once more
    to be sent to ``kept_path`` by its owner.
    """
    session.clear()  # nothing from before the sign-in lives on in the cookie
    g.pop("csrf_token", None)  # and the form below gets a token of the new session
    session[SESSION_KEY] = secret
    path = local_path(kept_path, "")
    if kept and path:
        return make_response(render_template("accounts/go_on.html", fields=kept_fields(kept), path=path))
    return redirect(local_path(next_path, url_for("responding.work")))


def kept_fields(text: str) -> list[tuple[str, str]]:
    """The pairs of a form that was carried over; nothing where they are not pairs of text."""
    try:
        pairs = json.loads(text)
        return [(_plain(name), _plain(value)) for name, value in pairs]
    except (ValueError, TypeError, RecursionError):
        return []


def _plain(value: object) -> str:
    """Text that a page can hold: JSON can name halves of characters that are none."""
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()
