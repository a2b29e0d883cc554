"""How many bytes a request may bring, by route; imports ask for more themselves (``directory.uploads``).

A form that brings too much is answered with what it brought, so that nothing typed is lost; from whoever is
not signed in it is not even read. What is above MOST is refused unread from everybody.
"""

from __future__ import annotations

from flask import Request, jsonify, make_response, render_template
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge
from werkzeug.wrappers import Response

MOST = 2 * 1024 * 1024
USUAL = 64 * 1024
TEXTS = 256 * 1024  # eight notes of 2,000 characters, or a letter, in a script of three bytes a character
CARRIED = 768 * 1024  # a form that travels on in the sign-in page (web.KEPT_LIMIT), each character escaped

LIMITS = {
    "responding.save": TEXTS,
    "survey.save": TEXTS,
    "survey_setup.own_text": TEXTS,
    "survey_setup.words": TEXTS,
    "accounts.sign_in": CARRIED,
    "provider": CARRIED,
    "second_factor": CARRIED,
}
NEVER_SHOWN = {"csrf_token", "password", "old", "new", "code", "recovery", "credential", "kept", "kept_path"}
SENTENCE = "What was sent is larger than this page accepts. Nothing was saved."


def limit_of(endpoint: str) -> int:
    """For this route, else for its blueprint, else the usual."""
    return LIMITS.get(endpoint) or LIMITS.get(endpoint.partition(".")[0]) or USUAL


def within(request: Request) -> bool:
    """Whether the request is within the limit of its route. It must say how large it is."""
    limit = limit_of(request.endpoint or "")
    if "Transfer-Encoding" in request.headers:  # no browser sends a form so, and it would be cut unsaid
        raise LengthRequired
    if (request.max_content_length or 0) > MOST:  # a file, from somebody who may send it
        return True
    return (request.content_length or 0) <= limit


def too_large(request: Request, *, give_back: bool) -> Response:
    """413, with what was typed where it may be read at all."""
    if request.headers.get("X-Background-Save"):
        return make_response(jsonify(state="too_large", message=SENTENCE), 413)
    readable = request.mimetype == "application/x-www-form-urlencoded"
    if not give_back or not readable or (request.content_length or 0) > MOST:
        raise RequestEntityTooLarge
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value.strip() and name not in NEVER_SHOWN
    ]
    return make_response(render_template("errors/too_large.html", fields=fields, sentence=SENTENCE), 413)
