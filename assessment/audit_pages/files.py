"""The filtered trail as a file: a line an event, written while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

from assessment.audit_pages import trail
from assessment.audit_pages.names import names_of
from assessment.audit_pages.wanted import Wanted
from assessment.database import Database
from questionnaires.spreadsheet_text import harmless

COLUMNS = ["number", "at", "who", "what", "person", "action", "subject", "detail", "from", "seal"]


def trail_file(database: Database, wanted: Wanted, zone: ZoneInfo) -> Iterator[str]:
    """Pieces of the CSV file, with a byte-order mark for spreadsheets; times in UTC."""
    yield "\ufeff" + _lines([COLUMNS])
    for session, found in trail.everything(database, wanted, zone):
        names = names_of(session, found.events)
        yield _lines(
            [
                str(event.id),
                event.at.astimezone(UTC).isoformat(),
                *map(harmless, (line.who, line.words)),
                str(event.person_id or ""),
                *map(harmless, (event.action, event.subject, event.detail, event.origin, event.seal)),
            ]
            for event, line in ((event, names.line(event)) for event in found.events)
        )


def _lines(rows: object) -> str:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return output.getvalue()
