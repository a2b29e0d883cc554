"""A page that remembers what a person would never see: console errors, uncaught errors, refused content."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page

REPORT_REFUSED = """
document.addEventListener("securitypolicyviolation", (event) => {
  const { violatedDirective, blockedURI, sample } = event;
  console.error(`refused by the content security policy: ${violatedDirective} ${blockedURI} ${sample}`);
});
"""


class Watch:
    """Collects the troubles of every page of a context; a test says which ones it brings about."""

    def __init__(self, context: BrowserContext) -> None:
        self.troubles: list[str] = []
        self.expected: list[re.Pattern[str]] = []
        context.add_init_script(REPORT_REFUSED)
        context.on("page", self._follow)

    def _follow(self, page: Page) -> None:
        page.on("console", lambda message: self._note(message.type, message.text, page.url))
        page.on("pageerror", lambda error: self._note("error", f"uncaught: {error}", page.url))

    def _note(self, kind: str, text: str, url: str) -> None:
        if kind in ("error", "assert"):
            self.troubles.append(f"{url}: {text}")

    def expect(self, pattern: str) -> None:
        self.expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [t for t in self.troubles if not any(pattern.search(t) for pattern in self.expected)]
