"""axe-core in the page as it stands, with the content security policy on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from weakref import WeakSet

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """
async ([tags, context]) => {
  const options = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
  const found = await axe.run(context ?? document, options);
  return found.violations.map((v) => `${v.id}: ${v.help}: ` + v.nodes.slice(0, 4).map((n) =>
    `${n.target.join(" ")} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ""}`).join(" | "));
}
"""
AROUND_MAIN = {"exclude": [["main"]]}  # rules about the page as a whole run all the same
EQUIPPED: WeakSet[Page] = WeakSet()


@cache
def _source() -> str:
    assert SOURCE.is_file(), "axe-core is not installed: run make assets"
    return SOURCE.read_text(encoding="utf-8")


def _equip(page: Page) -> None:
    """Put axe into the page, and into all that it leads to.

    Sent once and known to the browser it costs a tenth of what it costs to send it to every page.
    """
    if page in EQUIPPED:
        return
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    script = {"source": _source(), "runImmediately": True}
    session.send("Page.addScriptToEvaluateOnNewDocument", script)
    EQUIPPED.add(page)


def violations(page: Page, main_too: bool = True) -> list[str]:
    """What axe finds on the page, a line each; nothing where all is well. The page must have scripts."""
    _equip(page)
    return list(page.evaluate(RUN, [RULES, None if main_too else AROUND_MAIN]))
