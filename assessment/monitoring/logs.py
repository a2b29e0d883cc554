"""One line of the log for each thing that happened, as JSON or plain, on the standard error stream.

No answer is in it, and no secret: links are masked, and an exception is named with where it happened but
without its words, which may be what somebody typed.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from flask import Flask, g, has_app_context
from flask.logging import default_handler
from pythonjsonlogger.json import JsonFormatter

from assessment.surveys.link_masking import MaskLinks

PLAIN = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
JSON_FIELDS = ["levelname", "name", "process", "request_id", "message"]
RENAMED = {"levelname": "level", "name": "logger", "exc_info": "exception"}
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def write_logs(app: Flask, form: str) -> None:
    """From now on all of this process's logs go one way. ``form``: json or plain."""
    handler = logging.StreamHandler()
    handler.addFilter(MaskLinks())
    handler.addFilter(_name_request)
    handler.setFormatter(AsJson() if form == "json" else Plain(PLAIN))
    app.logger.removeHandler(default_handler)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each look at the version


def _name_request(record: logging.LogRecord) -> bool:
    record.request_id = g.get("request_id", "-") if has_app_context() else "-"
    return True


def without_words(error: BaseException | None) -> str:
    """A traceback of where and which, through everything that led to it, but not the messages."""
    if error is None:
        return ""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = without_words(before)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    own = "".join(traceback.format_tb(error.__traceback__)) + kind
    return f"{earlier}\nwhich led to\n{own}" if earlier else own


class _WithoutWords:
    def formatException(self, ei: Caught) -> str:
        return without_words(ei[1])


class AsJson(_WithoutWords, JsonFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(JSON_FIELDS, rename_fields=RENAMED, timestamp="at")


class Plain(_WithoutWords, logging.Formatter):
    """For a person's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another has made of it, words and all
        return super().format(record)
