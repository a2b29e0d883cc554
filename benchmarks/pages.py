"""What a browser loads before it can show a page for the first time, as compressed bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from benchmarks.answering import SECTION
from benchmarks.measure import Measure
from benchmarks.person import Answered, Person
from benchmarks.stored import PASSWORD, filled

MOST = 200 * 1024
SMALL = 100

# What each kind of file loads; every image and font that a style sheet names counts, shown or not.
NAMED = {
    "text/html": re.compile(r'<(?:link|script|img|use|source)\b[^>]*?\b(?:href|src)="([^"#]+)'),
    "text/css": re.compile(r'url\(\s*["\']?([^"\')]+)'),
    "text/javascript": re.compile(r'(?:\bfrom|\bimport)\s*"(\.?\.?/[^"]+)"'),
}


class FirstLoad:
    """Opens a page as a browser with an empty cache does, and adds up what comes over the line."""

    def __init__(self, person: Person, path: str, encoding: str) -> None:
        self.person, self.path, self.encoding = person, path, encoding

    def bytes_loaded(self) -> float:
        return float(sum(self.loaded().values()))

    def loaded(self) -> dict[str, int]:
        """Address -> bytes of its body as sent, the page itself and all that it names."""
        sizes: dict[str, int] = {}
        waiting = [self.path]
        while waiting:
            path = waiting.pop()
            if path in sizes or path.startswith("data:"):
                continue
            plain = self._get(path, "identity")
            sizes[path] = len(self._get(path, self.encoding).body)
            kind = plain.headers["Content-Type"].partition(";")[0]
            if kind in NAMED:
                waiting += [urljoin(path, name) for name in NAMED[kind].findall(plain.text)]
        return sizes

    def _get(self, path: str, encoding: str) -> Answered:
        answered = self.person.send(path, Accept_Encoding=encoding)
        if answered.status != 200:
            raise RuntimeError(f"{path} answered {answered.status}")
        return answered


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    place = filled(folder, SMALL)
    person = Person(place.app)
    person.sign_in(place.email, PASSWORD)
    path = f"/responses/{place.response_id}/{SECTION}"
    yield [
        Measure(
            f"checklist page, first load, {words}, against 200 KB",
            "bytes",
            FirstLoad(person, path, encoding).bytes_loaded,
            lambda: float(MOST),
            1,
        )
        for words, encoding in (("gzip", "gzip"), ("gzip and brotli", "gzip, br"))
    ]
    place.app.extensions["tandem.database"].engine.dispose()
