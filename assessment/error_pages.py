"""What went wrong, in a sentence, and what to do: the same page for every kind of error."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError


@dataclass(frozen=True)
class ErrorText:
    """title heads the page, sentence says what happened, advice what to do; action is the one button."""

    title: str
    sentence: str
    advice: str
    action: tuple[str, str] = ("Go to your work", "/work")


ERRORS = {
    400: ErrorText(
        "This request could not be read",
        "Something in the address or in what was sent is not in the form that this page expects.",
        "Go back and try again. If you followed a link from a message, copy the whole address.",
    ),
    401: ErrorText(
        "Sign in to go on",
        "This page is for people who have signed in.",
        "Sign in and open the page again.",
        ("Sign in", "/sign-in"),
    ),
    403: ErrorText(
        "You may not do this",
        "Your role does not include this step.",
        "If you think it should, ask the administrator of your center.",
    ),
    404: ErrorText(
        "Page not found",
        "There is no page here, or it is not yours to see.",
        "Check the address, or start from your work.",
    ),
    405: ErrorText(
        "This page cannot be used that way",
        "The page exists but does not take this kind of request.",
        "Open it from its link or button instead.",
    ),
    409: ErrorText(
        "Somebody else was faster",
        "What you sent rests on a state that has changed since you opened the page. Nothing was overwritten.",
        "Go back, reload the page to see the present state, and decide again.",
    ),
    413: ErrorText(
        "That is too much at once",
        "What was sent is larger than this page accepts. Nothing was saved.",
        "Go back, shorten the text or choose a smaller file, and send it again.",
    ),
    429: ErrorText(
        "Too many attempts",
        "There were too many requests from here in a short time.",
        "Wait a few minutes, then try again.",
    ),
    500: ErrorText(
        "Something went wrong on our side",
        "The page failed. Answers that said they were saved are safe.",
        "Try again. If it happens twice, tell whoever runs Tandem what you did, and the number below.",
    ),
    503: ErrorText(
        "Tandem is not available just now",
        "It is being maintained or cannot reach its data. Answers that said they were saved are safe.",
        "Try again in a few minutes.",
    ),
}

FORM_EXPIRED = ErrorText(
    "This form was open too long",
    "For your safety a form can be sent only for a limited time after it was opened. Nothing was changed.",
    "Go back, reload the page and send it again.",
)

# The same for programs, which are told of no page.
API_SENTENCES = {
    400: "Something in the address is not in the form that is expected here.",
    401: "Sign in, or send a token.",
    404: "There is nothing here, or it is not yours to see.",
    405: "Everything here is read only: send GET.",
    413: "Nothing is taken here; send GET without a body.",
    500: "Something failed on our side. Try again, and if it happens twice, tell whoever runs Tandem the id.",
    503: "Tandem cannot reach its data just now. Try again in a few minutes.",
}


def register_error_pages(app: Flask) -> None:
    """Every HTTP error, and every failure of ours, becomes a page, or JSON under /api/."""
    app.register_error_handler(HTTPException, _answer)


def _answer(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:  # a redirect, or a response made by the one who raised it
        return error.response
    code = error.code or 500
    text = _text(error, code)
    headers = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    if request.path.startswith("/api/"):
        own_words = text.sentence != ERRORS.get(code, text).sentence
        sentence = text.sentence if own_words else API_SENTENCES.get(code, text.sentence)
        return jsonify(error=sentence, code=code, **_in_the_log(code)), code, headers
    return render_template("errors/error.html", **_context(code, text), **_in_the_log(code)), code, headers


def _in_the_log(code: int) -> dict[str, str]:
    """The id under which the log tells what failed: of a fault of ours, and of no other error."""
    return {"request_id": g.request_id} if code == 500 and "request_id" in g else {}


def _text(error: HTTPException, code: int) -> ErrorText:
    if isinstance(error, CSRFError):
        return FORM_EXPIRED
    text = ERRORS.get(code, ERRORS[400] if code < 500 else ERRORS[500])
    own_words = error.description if error.description != type(error).description else None
    if not own_words or isinstance(error, InternalServerError):
        return text
    return ErrorText(text.title, own_words, text.advice, text.action)


def _context(code: int, text: ErrorText) -> dict[str, Any]:
    label, href = text.action
    if code == 503 and request.method == "GET":
        label, href = "Try again", request.full_path.rstrip("?")
    return {
        "code": code,
        "title": text.title,
        "sentence": text.sentence,
        "advice": text.advice,
        "action": {"label": label, "href": href},
    }
