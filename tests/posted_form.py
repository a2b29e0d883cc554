"""What a browser without scripts posts from an answering page: all fields in order, ticked boxes only."""

from __future__ import annotations

from html.parser import HTMLParser

Pairs = list[tuple[str, str]]


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: Pairs = []
        self.area: str | None = None
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag == "form":
            self.inside = "data-answering" in own
        name = own.get("name")
        if not self.inside or not name:
            return
        if tag == "textarea":
            self.area = name
            self.pairs.append((name, ""))
        elif tag == "input" and (own.get("type") not in ("radio", "checkbox") or "checked" in own):
            self.pairs.append((name, own.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            name, text = self.pairs[-1]
            self.pairs[-1] = (name, text.removeprefix("\n").replace("\n", "\r\n"))
            self.area = None
        self.inside = self.inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            name, text = self.pairs[-1]
            self.pairs[-1] = (name, text + data)


def posted_form(page: str) -> Pairs:
    """The (name, value) pairs of the answering form on ``page``."""
    reader = _Fields()
    reader.feed(page)
    return reader.pairs


def with_answers(pairs: Pairs, *given: tuple[str, str]) -> Pairs:
    """The form after a person has chosen these: the named fields take the place of those that were there."""
    names = {name for name, _ in given}
    return [(name, value) for name, value in pairs if name not in names] + list(given)
