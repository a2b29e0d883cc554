"""Every error becomes a page that says what happened and what to do; the API gets the sentence as JSON."""

from pathlib import Path

import pytest
from flask import Flask, abort
from flask_wtf.csrf import CSRFProtect

from assessment.assets import serve_static
from assessment.error_pages import API_SENTENCES, ERRORS, FORM_EXPIRED, register_error_pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("assessment", root_path=str(ROOT / "assessment"), static_folder=None)
    app.secret_key = "for this test"
    serve_static(app, tmp_path)
    CSRFProtect(app)
    register_error_pages(app)
    app.add_url_rule("/fails/<int:code>", view_func=lambda code: abort(code), endpoint="fails")
    app.add_url_rule("/api/v1/fails/<int:code>", view_func=lambda code: abort(code), endpoint="api_fails")
    app.add_url_rule(
        "/closed", view_func=lambda: abort(409, "This cycle closed on 30 November."), endpoint="closed"
    )
    app.add_url_rule("/sent", view_func=lambda: "ok", endpoint="sent", methods=["POST"])
    app.add_url_rule("/breaks", view_func=lambda: {}["secret-key-name"], endpoint="breaks")
    return app


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 429, 500, 503])
def test_each_error_has_its_sentence_and_its_advice(app: Flask, code: int) -> None:
    answer = app.test_client().get(f"/fails/{code}")
    assert answer.status_code == code
    for words in (ERRORS[code].title, ERRORS[code].sentence, ERRORS[code].advice, f"Error {code}"):
        assert words in answer.text
    assert f"<title>{ERRORS[code].title} - Tandem</title>" in answer.text
    assert answer.text.count('class="usa-button"') == 1


def test_words_given_by_the_one_who_refuses_replace_the_general_ones(app: Flask) -> None:
    page = app.test_client().get("/closed").text
    assert "This cycle closed on 30 November." in page
    assert ERRORS[409].sentence not in page


def test_not_yours_and_not_there_look_alike(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/fails/404").data == client.get("/nowhere").data


def test_a_failure_of_ours_shows_nothing_of_its_inside(app: Flask) -> None:
    answer = app.test_client().get("/breaks")
    assert answer.status_code == 500
    assert ERRORS[500].sentence in answer.text
    assert "secret-key-name" not in answer.text


def test_a_form_without_its_token_is_told_in_plain_words(app: Flask) -> None:
    answer = app.test_client().post("/sent")
    assert answer.status_code == 400
    assert FORM_EXPIRED.sentence in answer.text
    assert "CSRF" not in answer.text


def test_the_api_answers_in_json(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/fails/404")
    assert (answer.status_code, answer.json) == (404, {"code": 404, "error": API_SENTENCES[404]})


def test_a_refused_method_still_says_which_are_allowed(app: Flask) -> None:
    answer = app.test_client().get("/sent")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
