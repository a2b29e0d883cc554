"""Pictures of whole pages for somebody who wants to look at them: each costs as much as a page itself."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

WANTED = os.environ.get("TANDEM_PICTURES") == "1"


def picture(page: Page, file: Path) -> None:
    """Taken when the tests are run with TANDEM_PICTURES=1."""
    if WANTED:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=file, full_page=True)
