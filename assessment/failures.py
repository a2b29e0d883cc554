"""What is said when the database or the disk lets us down, and what becomes of what was typed.

A write that fails is undone as a whole. Whoever sent a form gets it back, to be sent again as it is; a page
that saves in the background hears that it was not saved, and goes on trying. Nothing here asks the database.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError, TimeoutError
from werkzeug.exceptions import ServiceUnavailable
from wtforms import ValidationError

from assessment import body_limits, postgresql

RETRY_AFTER = 10  # seconds, told to programs
OURS = ("same-origin", "none")  # who caused a form to be sent, in the browser's words
PASSING = (OperationalError, InternalError, InterfaceError, TimeoutError)

FULL = "The disk of the server is full, so nothing can be saved just now."
READ_ONLY = "What is stored here can be read just now, but not changed."
BUSY = "The database is taken up by something that takes long."
DISK = "The disk of the server does not do what it is asked."
DAMAGED = "What is stored here cannot be read just now."

BY_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
BY_POSTGRESQL = {"53100": FULL, "25006": READ_ONLY, "58030": DISK, "XX001": DAMAGED, "XX002": DAMAGED}
BY_DISK = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY, errno.EIO: DISK}

UNSAVED = "This was not saved."
SECRETS = body_limits.NEVER_SHOWN - {"csrf_token", "kept", "kept_path"}
CARRIED = re.compile("(rev|was|else)_.*|page|then|next|kept|kept_path")  # beside what is typed
NAMES = {"q_": "Answer to ", "note_": "Note to "}


def sentence(error: Exception) -> str | None:
    """What to tell the person, where it is known what the matter is."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return BY_SQLITE.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)  # the rest says where
    if isinstance(cause, OSError) and cause.errno in BY_DISK:
        return BY_DISK[cause.errno]
    return BY_POSTGRESQL.get(postgresql.state_of(error)) or postgresql.sentence(error)


def register_failures(app: Flask) -> None:
    """A page, or JSON, with status 503 for what may pass by itself; everything else stays a fault of ours."""

    def failed(error: Exception) -> ResponseReturnValue:
        said = sentence(error)
        if said is None and not isinstance(error, PASSING):
            raise error
        app.logger.error("Not done, for want of the database or the disk: %s", _reason(error))
        return _unavailable(app, said)

    for kind in (DatabaseError, InterfaceError, TimeoutError, OSError):
        app.register_error_handler(kind, failed)


def _reason(error: Exception) -> str:
    """For the log: the first line, for what follows may be somebody's words."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def _unavailable(app: Flask, said: str | None) -> ResponseReturnValue:
    g.bare_page = True
    again = {"Retry-After": str(RETRY_AFTER)}
    if request.headers.get("X-Background-Save"):
        return jsonify(state="unavailable", message=said or UNSAVED), 503, again
    if request.method == "POST" and _can_be_sent_again():
        return make_response(_what_was_sent(said or UNSAVED), 503, again)
    return app.handle_http_exception(ServiceUnavailable(said, retry_after=RETRY_AFTER))


def _can_be_sent_again() -> bool:
    """A form of ours, with nothing secret in it that would have to stand on the page."""
    if request.mimetype != "application/x-www-form-urlencoded" or not body_limits.within(request):
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OURS:
        return False
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return not any(request.form.get(name) for name in SECRETS - {"password"})


def _what_was_sent(said: str) -> str:
    """The form once more: what was typed to be seen, all of it to be sent again. A password is asked anew."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in SECRETS and name != "csrf_token"
    ]
    typed = [(_named(name), value) for name, value in fields if value.strip() and not CARRIED.fullmatch(name)]
    return render_template(
        "errors/not_done.html",
        sentence=said,
        typed=typed,
        fields=fields,
        password="password" in request.form,
        path=request.full_path.rstrip("?"),
    )


def _named(field: str) -> str:
    for start, words in NAMES.items():
        if field.startswith(start):
            return words + field.removeprefix(start)
    return field.replace("_", " ").capitalize()


@contextmanager
def where_possible() -> Iterator[None]:
    """For what is noted beside a page: where it cannot be written now, the page is shown all the same."""
    try:
        yield
    except (DatabaseError, TimeoutError) as error:
        if sentence(error) is None and not isinstance(error, PASSING):
            raise
        current_app.logger.warning("A visit could not be noted: %s", _reason(error))
