"""axe-core in the page as it stands, with the content security policy on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """
async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.map((v) => `${v.id}: ${v.help}: ` + v.nodes.slice(0, 4).map((n) =>
    `${n.target.join(" ")} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ""}`).join(" | "));
}
"""


@cache
def _source() -> str:
    assert SOURCE.is_file(), "axe-core is not installed: run make assets"
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds on the page, a line each; nothing where all is well. The page must have scripts."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_source())
    return list(page.evaluate(RUN, RULES))
