"""How often one person may send a file to be read, or have one made, within a minute.

Both are work for the server that a program in a browser could ask for without end. Signing in, survey links
and the API have limits of their own (``accounts.tries``, ``surveys.throttle``, ``api.limits``).
"""

from __future__ import annotations

from datetime import datetime

from werkzeug.exceptions import TooManyRequests

from assessment.api import limits
from assessment.database import Database

IMPORTS, FILES = 20, 60  # a minute, of one person
SENT = dict.fromkeys(
    ("directory.upload_centers", "directory.upload_pairs", "people.upload", "survey_partners.upload"), IMPORTS
)
MADE = dict.fromkeys(
    (
        "audit_pages.events_file",
        "center_reports.pairs_csv",
        "network_exports.ask",
        "network_exports.fetch",
        "network_exports.files",
        "privacy.data_file",
        "product_reports.products_file",
        "reports.pair_items",
    ),
    FILES,
)


def check(database: Database, endpoint: str, method: str, person_id: int, now: datetime) -> None:
    """Count this request where its route has a limit; TooManyRequests where the minute's are used up."""
    most = SENT.get(endpoint) if method == "POST" else None
    most = most or MADE.get(endpoint)
    if most is None:
        return
    source = f"{'import' if endpoint in SENT else 'file'} {person_id}"
    with database.writing() as session:
        counted = limits.count(session, [source], now)[source]
    if counted > most:
        wait = limits.seconds_left(now)
        what = "sent files to be read" if endpoint in SENT else "asked for files"
        raise TooManyRequests(
            f"You have {what} {most} times within a minute. Wait {wait} seconds, then try again.",
            retry_after=wait,
        )
