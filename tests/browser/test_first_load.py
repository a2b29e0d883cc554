"""How much a first visit to a checklist page fetches, as sent over the wire."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from questionnaires.definition import Side
from tests.browser.live import Site
from tests.browser.paper import Paper

LIMIT = 200 * 1024


def test_a_checklist_page_is_under_200_kb_on_first_load(
    site: Site, open_context: Callable[..., BrowserContext], record_property: Callable[[str, object], None]
) -> None:
    site.network.open("real", "cpg502-checklist")
    page = open_context(site, "manager").new_page()
    paper = Paper(site, page, Side.EOC, "real")
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client.on(
        "Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]})
    )
    client.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    paper.open("REL")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-keys-hint]")).to_be_visible()
    fetched = {urls[key].removeprefix(site.url): int(size) for key, size in sizes.items() if key in urls}
    total = sum(fetched.values())
    record_property("first_load_bytes", total)
    assert any(name.endswith(".woff2") for name in fetched), fetched
    assert any("answering" in name for name in fetched), fetched
    assert total < LIMIT, f"{total / 1024:.0f} KB (are the assets compressed? run make assets): {fetched}"
