"""Compresses pages and JSON on their way out, with a length that cannot be read.

A page holds a form token, and compression makes the length of an answer depend on its content, which an
eavesdropper can turn into a guess at the token (the BREACH attack). So each gzip header carries a file name
of random length, as in "Heal the Breach" (https://ieeexplore.ieee.org/document/9754554). See
docs/decisions/0011-compressed-pages.md.
"""

import gzip
import io
import secrets

from flask import Flask, Response, request

SMALLEST = 1024  # bytes; below this the header costs more than is won
LEVEL = 5
LONGEST_NAME = 100  # random letters at most, 50 bytes on average
COMPRESSED_TYPES = frozenset({"text/html", "application/json", "text/plain"})


def compress_pages(app: Flask) -> None:
    """Compresses every page and JSON answer of `app`; streams and files stay as they are."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _worth_it(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    response.set_data(gzip_of_unknown_length(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response


def _worth_it(response: Response) -> bool:
    return (
        not response.is_streamed
        and not response.direct_passthrough
        and response.mimetype in COMPRESSED_TYPES
        and "Content-Encoding" not in response.headers
        and len(response.get_data()) >= SMALLEST
    )


def gzip_of_unknown_length(content: bytes) -> bytes:
    """gzip of `content` whose length varies by up to 100 bytes from one call to the next."""
    packed = io.BytesIO()
    name = "x" * secrets.randbelow(LONGEST_NAME + 1)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()
