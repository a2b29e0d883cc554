"""Serves the built styles, scripts, fonts and images, and tells templates where they are.

`node assets/build.mjs` writes them to `static/` under names that carry a hash of their content, beside a
`manifest.json` from logical names ("app.css") to file names ("app-Y54SYMC3.css").
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

BUILT_ASSETS = Path(__file__).resolve().parent.parent / "static"
URL_PREFIX = "/static/"
NOT_BUILT = "page assets are not built; run make assets"

# Eight letters and digits before the ending: the hash that the build puts into each name.
HASHED_NAME = r"-[A-Z0-9]{8}\.[a-z0-9]+$"
ONE_HOUR = 3600

# Inside <script type="application/json"> only these could end the element or upset an old parser.
UNSAFE_IN_JSON = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class UnknownAsset(LookupError):
    """A template asked for a name that the build does not make."""


class AssetManifest:
    """Logical names to URLs. Without a manifest the name itself stands in the URL, and nothing is found."""

    def __init__(self, files: Mapping[str, str] | None) -> None:
        self._files = files

    @classmethod
    def read(cls, folder: Path) -> "AssetManifest":
        path = folder / "manifest.json"
        return cls(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None)

    @property
    def is_built(self) -> bool:
        return self._files is not None

    def url(self, name: str) -> str:
        if self._files is None:
            return URL_PREFIX + name
        if name not in self._files:
            known = ", ".join(sorted(self._files))
            raise UnknownAsset(f"There is no page asset called {name!r}. The build makes: {known}.")
        return URL_PREFIX + self._files[name]


def json_island(value: Mapping[str, Any] | str) -> Markup:
    """JSON (text, or what becomes it) as it may stand inside `<script type="application/json">`."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in UNSAFE_IN_JSON.items():
        text = text.replace(character, escaped)
    # nothing is left in it that HTML could read
    return Markup(text)  # noqa: S704  # nosec B704


def serve_static(app: Flask, folder: Path = BUILT_ASSETS, transport_security: str = "") -> None:
    """Serves `folder` under /static/ and gives templates `asset(name)` and the filter `json_island`.

    Files with a hash in their name may be kept for ever; the compressed neighbours that the build leaves
    (.br, .gz) are sent to browsers that take them. A folder that was never built is one logged line: the
    commands and the API work without it.
    """
    manifest = AssetManifest.read(folder)
    if manifest.is_built:
        app.wsgi_app = _with_files(app, folder, transport_security)  # type: ignore[method-assign]
    else:
        app.logger.warning(NOT_BUILT)
    app.jinja_env.globals["asset"] = manifest.url
    app.jinja_env.filters["json_island"] = json_island


@dataclass(frozen=True)
class FileHeaders:
    """What browsers are told with a built file."""

    transport_security: str

    def __call__(self, headers: Headers, _path: str, _url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if self.transport_security:
            headers["Strict-Transport-Security"] = self.transport_security


def _with_files(app: Flask, folder: Path, transport_security: str) -> WhiteNoise:
    return WhiteNoise(
        app.wsgi_app,
        root=str(folder),
        prefix=URL_PREFIX,
        max_age=ONE_HOUR,
        allow_all_origins=False,
        immutable_file_test=HASHED_NAME,
        add_headers_function=FileHeaders(transport_security),
    )
