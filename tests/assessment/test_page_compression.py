"""Pages leave compressed, and their length does not tell what is in them."""

import gzip
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from assessment.page_compression import LONGEST_NAME, compress_pages, gzip_of_unknown_length

PAGE = "<p>The same sentence, many times over.</p>" * 100


@pytest.fixture
def app() -> Flask:
    app = Flask("pages", static_folder=None)
    compress_pages(app)
    app.add_url_rule("/page", view_func=lambda: PAGE, endpoint="page")
    app.add_url_rule("/small", view_func=lambda: "<p>ok</p>", endpoint="small")
    app.add_url_rule("/file", view_func=lambda: Response(PAGE, mimetype="text/csv"), endpoint="file")
    app.add_url_rule("/stream", view_func=stream, endpoint="stream")
    return app


def stream() -> Response:
    def lines() -> Iterator[str]:
        yield from (PAGE, PAGE)

    return Response(lines(), mimetype="text/html")


def ask(app: Flask, path: str, encodings: str = "gzip, br") -> TestResponse:
    return app.test_client().get(path, headers={"Accept-Encoding": encodings})


def test_a_page_comes_out_as_it_went_in(app: Flask) -> None:
    answer = ask(app, "/page")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == PAGE
    assert answer.content_length == len(answer.data) < len(PAGE) / 5


def test_caches_are_told_that_it_depends_on_the_browser(app: Flask) -> None:
    assert "Accept-Encoding" in ask(app, "/page").headers["Vary"]
    assert "Accept-Encoding" in ask(app, "/page", "identity").headers["Vary"]


def test_a_browser_that_takes_no_gzip_gets_the_page(app: Flask) -> None:
    answer = ask(app, "/page", "identity")
    assert (answer.text, answer.headers.get("Content-Encoding")) == (PAGE, None)


@pytest.mark.parametrize("path", ["/small", "/file", "/stream"])
def test_small_answers_files_and_streams_stay_as_they_are(app: Flask, path: str) -> None:
    assert "Content-Encoding" not in ask(app, path).headers


def test_the_length_of_the_same_page_varies() -> None:
    lengths = {len(gzip_of_unknown_length(PAGE.encode())) for _ in range(200)}
    assert len(lengths) > 40
    assert max(lengths) - min(lengths) <= LONGEST_NAME + 1
