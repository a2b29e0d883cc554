"""Leaving the list for good: by the page's button, or by a mail program's own (RFC 8058); never by a look."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from assessment.models.base import Base
from assessment.models.surveys import Message, Partner
from assessment.surveys import throttle
from assessment.surveys.links import new_token, opt_out_token
from tests.conftest import NOW
from tests.surveys.world import World

ANN, BOB = "ann@example.gov", "bob@example.gov"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def world(confidential: World) -> World:
    """Ann and Bob are asked, and a reminder to each is waiting."""
    for email in (ANN, BOB):
        confidential.invite(email)
    with confidential.network.database.writing() as session:
        for partner in session.scalars(select(Partner.id)).all():
            row = {"survey_id": confidential.survey_id, "partner_id": partner, "kind": "reminder"}
            session.execute(insert(Message), [row | {"round": 1, "not_before": NOW}])
    return confidential


def path_of(world: World, email: str, key: str = "") -> str:
    ((partner,),) = world.rows("SELECT public_id FROM partners WHERE email = :email", email=email)
    return f"/opt-out/{opt_out_token(partner, key or world.network.app.config['SECRET_KEY'])}"


def stranger(world: World) -> FlaskClient:
    return world.network.app.test_client()


def post(client: FlaskClient, path: str, address: str = "192.0.2.1") -> Any:
    """As a mail provider's server does it: no cookie, no referrer, no form of ours."""
    where = {"base_url": "http://localhost", "environ_overrides": {"REMOTE_ADDR": address}}
    return client.post(path, data=ONE_CLICK, **where)  # type: ignore[arg-type]


def left(world: World) -> list[str]:
    rows = world.rows("SELECT email FROM partners WHERE opted_out_on IS NOT NULL ORDER BY email")
    return [email for (email,) in rows]


def stored(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every table as it stands."""
    with world.network.database.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
            for table in Base.metadata.sorted_tables
        }


def test_a_look_changes_nothing_and_the_button_of_the_page_does(world: World) -> None:
    path, client = path_of(world, ANN), stranger(world)
    before = stored(world)
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = client.open(path, method=method, query_string=ONE_CLICK, base_url="http://localhost")
        assert answer.status_code == 200
    assert stored(world) == before
    assert "Send me no more" in client.get(path, base_url="http://localhost").get_data(as_text=True)
    assert client.post(path, base_url="http://localhost").status_code == 200
    assert left(world) == [ANN]


def test_one_click_leaves_out_this_partner_and_touches_nothing_else(world: World) -> None:
    before = stored(world)
    answer = post(stranger(world), path_of(world, ANN))
    assert answer.status_code == 200
    assert answer.location is None
    assert "Set-Cookie" not in answer.headers
    assert left(world) == [ANN]
    after = stored(world)
    assert {name for name in before if before[name] != after[name]} == {"partners", "messages"}
    for name in ("partners", "messages"):
        assert len([row for row in before[name] if row not in after[name]]) == 1, name
    assert world.rows("SELECT state, count(*) FROM messages GROUP BY state ORDER BY state") == [
        ("queued", 1),
        ("withdrawn", 1),
    ]


def test_a_second_click_is_the_same_as_one(world: World) -> None:
    client, path = stranger(world), path_of(world, ANN)
    post(client, path)
    once = stored(world)
    world.network.clock.move(days=3)
    assert post(client, path).status_code == 200
    assert stored(world) == once


@pytest.mark.parametrize("token", ["unknown", "tampered", "another key", "no partner", "letters", "dots"])
def test_a_wrong_link_says_the_same_as_an_unknown_one(world: World, token: str) -> None:
    good, key = path_of(world, ANN), world.network.app.config["SECRET_KEY"]
    path = {
        "unknown": f"/opt-out/{new_token()}",
        "tampered": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "another key": path_of(world, ANN, "another key"),
        "no partner": f"/opt-out/{opt_out_token('nobody', key)}",
        "letters": "/opt-out/%C3%A9.%E2%82%AC",
        "dots": "/opt-out/....",
    }[token]
    client, before = stranger(world), stored(world)
    unknown = client.get(f"/s/{new_token()}", base_url="http://localhost")
    found = post(client, path)
    assert (found.status_code, found.data) == (404, unknown.data)
    if token != "no partner":  # whose address is one that we made
        looked = client.get(path, base_url="http://localhost")
        assert (looked.status_code, looked.data) == (404, unknown.data)
    after = stored(world)
    assert {name for name in before if before[name] != after[name]} == {"link_failures"}


def test_wrong_links_are_slowed_down_with_all_others_and_a_good_one_is_not(world: World) -> None:
    client = stranger(world)
    codes = [post(client, f"/opt-out/{new_token()}").status_code for _ in range(throttle.LIMIT - 1)]
    codes.append(
        client.get(
            "/opt-out/x", base_url="http://localhost", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
        ).status_code
    )
    assert codes == [404] * throttle.LIMIT
    assert post(client, f"/opt-out/{new_token()}").status_code == 429
    assert post(client, path_of(world, BOB)).status_code == 200
    assert left(world) == [BOB]
