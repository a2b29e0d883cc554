"""Behind a link over HTTPS, where browsers send no referrer from pages whose address is a secret."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.surveys.world import World

HTTPS = "https://localhost"
ANN = "ann@example.gov"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(base_url=HTTPS)


@pytest.fixture
def client(confidential: World) -> FlaskClient:
    return confidential.network.app.test_client()


def token_on(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path, base_url=HTTPS).text)
    assert found
    return found[1]


def test_a_survey_is_answered_without_a_referrer(confidential: World, client: FlaskClient) -> None:
    path = f"/s/{confidential.invite(ANN)}"
    token = token_on(client, path)
    started = client.post(f"{path}/start", data={"csrf_token": token}, base_url=HTTPS)
    assert (started.status_code, started.location) == (302, f"{path}/P")
    answers = {"csrf_token": token, "page": "one", "q_P-01": "eoc", "rev_P-01": "0", "was_P-01": ""}
    saved = client.post(f"{path}/P", data=answers, base_url=HTTPS, headers={"X-Background-Save": "1"})
    assert saved.status_code == 200
    assert confidential.rows("SELECT question, option FROM survey_draft_answers") == [("P-01", "eoc")]


def test_another_site_cannot_begin_for_somebody(confidential: World, client: FlaskClient) -> None:
    path = f"/s/{confidential.invite(ANN)}"
    form = {"csrf_token": token_on(client, path)}
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{path}/start", data=form, base_url=HTTPS, headers=foreign).status_code == 400
    assert confidential.drafts() == []
