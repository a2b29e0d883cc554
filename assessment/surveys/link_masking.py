"""Keeping links and answers out of the logs: whoever reads a link can answer with it, or say who has."""

from __future__ import annotations

import logging
import re

LINK = re.compile(r"(/(?:s|opt-out|invitation|reset)/)[^/?#\s\"'\]]+")
WAY_BACK = re.compile(
    r"(/sign-in/provider/back\?)[^\s\"']+"
)  # a code of the identity provider, and our state
# PostgreSQL shows the row that it refused, which holds an answer; its words may run over lines.
ROW = re.compile(r"^DETAIL:.*?(?=^\[SQL|^The above exception|^During handling|\Z)", re.DOTALL | re.MULTILINE)
LOGGERS = ("werkzeug", "gunicorn.error", "gunicorn.access")


class MaskLinks(logging.Filter):
    """Puts three dots where a link's secret or a row's values stand in what is about to be logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        masked = _masked(words)
        if masked != words:
            record.msg, record.args = masked, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _masked(logging.Formatter().formatException(record.exc_info))
        return True


def _masked(words: str) -> str:
    return ROW.sub("DETAIL: ...\n", WAY_BACK.sub(r"\1...", LINK.sub(r"\1...", words)))


def mask_links(*loggers: logging.Logger) -> None:
    """For the loggers that name an address when something is asked for, or fails."""
    for logger in (*loggers, *map(logging.getLogger, LOGGERS)):
        if not any(isinstance(known, MaskLinks) for known in logger.filters):
            logger.addFilter(MaskLinks())
