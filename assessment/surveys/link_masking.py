"""Keeping survey links out of the logs: whoever reads a link can answer with it, or say who has."""

from __future__ import annotations

import logging
import re

LINK = re.compile(r"(/(?:s|opt-out)/)[^/?#\s\"'\]]+")
LOGGERS = ("werkzeug", "gunicorn.error", "gunicorn.access")


class MaskLinks(logging.Filter):
    """Puts three dots where the secret of a link stands in what is about to be logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        masked = LINK.sub(r"\1...", words)
        if masked != words:
            record.msg, record.args = masked, ()
        return True


def mask_links(*loggers: logging.Logger) -> None:
    """For the loggers that name an address when something is asked for, or fails."""
    for logger in (*loggers, *map(logging.getLogger, LOGGERS)):
        if not any(isinstance(known, MaskLinks) for known in logger.filters):
            logger.addFilter(MaskLinks())
