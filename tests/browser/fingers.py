"""A respondent with a phone: one tap at a time, counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RECEIVED = 5  # of the nine product types: about half, as domain.md counts


@dataclass
class Finger:
    """Answers what a page asks, one tap at a time, and counts."""

    page: Page
    taps: int = 0
    pages: list[str] = field(default_factory=list)

    def tap(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        target.tap()
        self.taps += 1

    def press(self, name: str) -> None:
        self.tap(self.page.get_by_role("button", name=name, exact=True))

    def answer_page(self) -> None:
        self.pages.append(self.page.locator("h1").inner_text())
        boxes = self.page.locator(".item--pick label")
        for number in range(min(RECEIVED, boxes.count())):
            self.tap(boxes.nth(number))
        names = self.page.eval_on_selector_all(
            "[data-item] input[type=radio]", "all => [...new Set(all.map((input) => input.name))]"
        )
        for name in names:
            labels = self.page.locator(f'input[name="{name}"] + label')
            self.tap(labels.nth(3 if labels.count() > 2 else 0))  # of yes and no, yes
        for item in self.page.locator(".item:not(.item--pick):has(input[type=checkbox])").all():
            self.tap(item.locator("label").nth(1))
        expect(self.page.locator("[data-saved]")).to_contain_text("Saved")
