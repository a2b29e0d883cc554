"""Browsers in which people of a network have signed in already: a page costs less than signing in for it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from flask import Flask

from tests.conftest import Browser, Network

_browsers: WeakKeyDictionary[Flask, dict[str, Browser]] = WeakKeyDictionary()


def signed_in(network: Network, name: str) -> Browser:
    """This person's one browser, for tests that read; they do not move the clock and nobody signs out."""
    known = _browsers.setdefault(network.app, {})
    if name not in known:
        known[name] = network.browser(name)
    return known[name]
