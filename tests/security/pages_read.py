"""Reading pages as a browser does: their forms and links, and whether anything came to life in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from weakref import WeakKeyDictionary

from tests.security.hostile import MARK, PRODUCT

BUTTONS = ("submit", "button", "image", "reset")
ADDRESSES = ("href", "src", "action", "formaction", "data", "srcset", "poster", "ping", "hx-get", "hx-post")
SCRIPTED = re.compile(
    r"^[\x00-\x20]*(j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:|^[\x00-\x20]*data\s*:\s*text", re.I
)
Attributes = dict[str, str]


@dataclass
class Field:
    """One name of a form, with what the page offers for it."""

    name: str
    kind: str  # text, textarea, hidden, select, radio, checkbox, file, password, button, date ...
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    method: str
    multipart: bool = False
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, kind: str, value: str, options: list[str] | None = None) -> None:
        known = next((f for f in self.fields if f.name == name and f.kind == kind and f.options), None)
        if known:
            known.options += options or []
        else:
            self.fields.append(Field(name, kind, value, options or []))


class Page(HTMLParser):
    """A page taken apart. ``faults`` says what of it a stranger has made."""

    def __init__(self, body: str, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.chosen: set[tuple[str, str]] = set()
        self.faults: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._script: str | None = None
        self._named: dict[str, Form] = {}
        if f"<{MARK}" in body or f"</{MARK}" in body:
            self.faults.append(f"<{MARK} stands on the page: {_around(body, '<' + MARK)}")
        if PRODUCT in body:
            self.faults.append(f"something was calculated: {_around(body, PRODUCT)}")
        self.feed(body)
        self.close()

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self._look(tag, own)
        self.words += own.values()
        if tag == "form":
            self._form = Form(own.get("action") or self.address, own.get("method", "get").lower())
            self._form.multipart = "multipart" in own.get("enctype", "")
            self.forms.append(self._form)
            self._named[own.get("id", "")] = self._form
        elif tag == "a" and own.get("href"):
            self.links.append(own["href"])
        elif tag == "script":
            self._script = own.get("type", "")
        form = self._named.get(own.get("form", ""), self._form) if "form" in own else self._form
        if form is not None and tag in ("input", "textarea", "select", "option", "button"):
            self._control(form, tag, own)

    def _control(self, form: Form, tag: str, own: Attributes) -> None:
        name, value = own.get("name", ""), own.get("value", "")
        kind = own.get("type", "submit" if tag == "button" else "text").lower()
        if tag == "option" and self._select is not None:
            self._select.options.append(value)
            if "selected" in own:
                self.chosen.add((self._select.name, value))
        elif not name:
            return
        elif tag == "select":
            form.add(name, "select", "")
            self._select = form.fields[-1]
        elif tag == "textarea":
            form.add(name, "textarea", "")
        elif kind in BUTTONS:
            form.buttons.append((name, value))
        elif kind in ("radio", "checkbox"):
            form.add(name, kind, value, [value])
            if "checked" in own:
                self.chosen.add((name, value))
        else:
            form.add(name, kind, value)

    def _look(self, tag: str, own: Attributes) -> None:
        if MARK in tag:
            self.faults.append(f"<{tag}> is an element")
        for name, value in own.items():
            if MARK in name or (MARK in value and (name.startswith("on") or name in ("style", "srcdoc"))):
                self.faults.append(f"{name}={value[:80]!r} is an attribute of {tag}")
            if name in ADDRESSES and (SCRIPTED.match(value) or _elsewhere(value)):
                self.faults.append(f"{tag} {name} leads to {value[:80]!r}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._script is not None and data.strip():
            self._look_at_script(data)

    def _look_at_script(self, data: str) -> None:
        if self._script != "application/json":
            self.faults.append(f"an inline script: {data[:80]!r}")
            return
        try:
            json.loads(data)
        except ValueError:
            self.faults.append(f"data that is not whole: {data[:80]!r}")

    @property
    def squashed(self) -> str:
        return squash("\n".join(self.words))


_read: WeakKeyDictionary[Any, Page] = WeakKeyDictionary()


def page_of(response: Any, address: str) -> Page:
    """The page of this answer to this address, taken apart once."""
    if response not in _read:
        _read[response] = Page(response.get_data(as_text=True), address)
    return _read[response]


def _elsewhere(value: str) -> bool:
    """Whether an address that holds the mark leads to another host."""
    plain = re.sub(r"[\x00-\x20]", "", value).replace("\\", "/")
    return bool(re.match(rf"(https?:)?//[^/]*{MARK}", plain))


def squash(text: str) -> str:
    """Text without blanks and without what no page can show, to find in a page what was typed."""
    return "".join(c for c in text if c.isprintable() and not c.isspace())


def _around(body: str, word: str) -> str:
    place = body.find(word)
    return repr(body[max(0, place - 80) : place + 80])


def look_at(response: Any, address: str) -> list[str]:
    """What a stranger has brought to life in this answer: nothing, or a line each."""
    faults = [
        f"the header {name} is {value!r}"
        for name, value in response.headers
        if MARK in name or "\n" in value or "\r" in value or (name == "Set-Cookie" and value.startswith(MARK))
    ]
    target = response.headers.get("Location", "")
    if target and (SCRIPTED.match(target) or _elsewhere(target)):
        faults.append(f"it leads to {target!r}")
    if response.mimetype == "text/html":
        faults += page_of(response, address).faults
    elif response.mimetype == "application/json" and response.get_data():
        json.loads(response.get_data())
    return faults
